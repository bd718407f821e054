import { CalendarRange, List, Search, X } from "lucide-react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";

import { useSpeech } from "../../i18n/intl";
import { IconButton } from "../../parts/Button";
import { Choice } from "../../parts/Field";
import { Select } from "../../parts/Select";
import { classes } from "../../parts/classes";
import { type Filters, ORDERS, type Order, type Show, SHOWS } from "../../state/commitments/filters";
import type { People } from "../../state/people";
import style from "./FilterBar.module.css";

export type ListMode = "list" | "months";

interface FilterBarProps {
  filters: Filters;
  onFilters: (filters: Filters) => void;
  counts: Record<Show, number>;
  people: People;
  goals: readonly { id: string; title: string }[];
  mode: ListMode;
  onMode: (mode: ListMode) => void;
  /** Beside an opened commitment there is less room. */
  narrow: boolean;
}

/** What the list shows, and how. Everything here stays in the address. */
export function FilterBar(props: FilterBarProps) {
  const { filters, onFilters, counts, people, goals, mode, onMode, narrow } = props;
  const { t } = useSpeech();
  const set = (part: Partial<Filters>) => onFilters({ ...filters, ...part });
  return (
    <div className={classes(style.bar, narrow && style.narrow)} role="search" aria-label={t("commitments.list")}>
      <ToggleButtonGroup
        className={style.shows}
        aria-label={t("promises.show")}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[filters.show]}
        onSelectionChange={(keys) => {
          const [key] = keys;
          set({ show: SHOWS.find((one) => one === key) ?? "all" });
        }}
      >
        {SHOWS.map((show) => (
          <ToggleButton key={show} id={show} className={style.chip}>
            {t(`commitments.${show}`)}
            <span className={classes(style.count, show === "waiting" && counts.waiting > 0 && style.needs)}>
              {counts[show]}
            </span>
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className={style.rest}>
        <div className={style.search}>
          <Search aria-hidden className={style.glass} />
          <input
            type="search"
            className={style.input}
            value={filters.text}
            placeholder={t("promises.search")}
            aria-label={t("promises.search")}
            onChange={(event) => set({ text: event.target.value })}
          />
          {filters.text !== "" && (
            <IconButton icon={X} label={t("common.clear")} onPress={() => set({ text: "" })} />
          )}
        </div>
        {people.organisations.length > 0 && (
          <Select
            compact
            label={t("commitments.organisation")}
            value={filters.organisation}
            onChange={(organisation) => set({ organisation })}
            options={[
              { value: "", label: t("commitments.any_organisation") },
              ...people.organisations.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
        {goals.length > 0 && (
          <Select
            compact
            label={t("commitments.goal")}
            value={filters.goal}
            onChange={(goal) => set({ goal })}
            options={[
              { value: "", label: t("commitments.any_goal") },
              ...goals.map(({ id, title }) => ({ value: id, label: title })),
            ]}
          />
        )}
        {mode === "list" && (
          <Select
            compact
            label={t("promises.by")}
            value={filters.by === "turn" ? "" : filters.by}
            onChange={(by) => set({ by: orderOf(by) })}
            options={ORDERS.map((by) => ({
              value: by === "turn" ? "" : by,
              label: t(`promises.by.${by}`),
            }))}
          />
        )}
        {!narrow && (
          <Choice
            label={t("commitments.view")}
            labelHidden
            look="bar"
            value={mode}
            onChange={onMode}
            options={[
              { value: "list", label: <ModeLabel icon={List} text={t("commitments.as_list")} /> },
              { value: "months", label: <ModeLabel icon={CalendarRange} text={t("commitments.as_timeline")} /> },
            ]}
          />
        )}
      </div>
    </div>
  );
}

function ModeLabel({ icon: Icon, text }: { icon: typeof List; text: string }) {
  return (
    <>
      <Icon aria-hidden className={style.sign} /> {text}
    </>
  );
}

function orderOf(value: string): Order {
  return ORDERS.find((one) => one === value) ?? "turn";
}
