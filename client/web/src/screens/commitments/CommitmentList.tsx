import { CalendarRange, ChevronRight, List, Plus } from "lucide-react";
import { Button as AriaButton, Disclosure, DisclosurePanel } from "react-aria-components";

import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Choice } from "../../parts/Field";
import { type Option, Select } from "../../parts/Select";
import { classes } from "../../parts/classes";
import { chosen, type Filter, grouped, LISTS, type ListName, months, waitsFor } from "../../state/commitments";
import type { People } from "../../state/people";
import { keyOf } from "../../state/remote";
import style from "./CommitmentList.module.css";
import { CommitmentRow } from "./CommitmentRow";

export interface CommitmentListProps {
  commitments: ReadonlyMap<string, CommitmentView>;
  people: People;
  goals: readonly Option[];
  /** The commitments about which a question has more than one answer. */
  contested: ReadonlySet<string>;
  glowing: ReadonlySet<string>;
  filter: Filter;
  onFilter: (filter: Partial<Record<"list" | "organisation" | "goal" | "as", string>>) => void;
  as: "list" | "months";
  current: string | null;
  hrefOf: (id: string) => string;
  mayEdit: boolean;
  onNew: () => void;
}

export function CommitmentList(props: CommitmentListProps) {
  const { commitments, people, goals, filter, onFilter, as, mayEdit, onNew } = props;
  const { t } = useSpeech();
  const views = chosen(commitments.values(), filter, people.me);
  return (
    <section className={style.list} aria-label={t("nav.commitments")}>
      <header className={style.head}>
        <h1 className={style.title}>{t("nav.commitments")}</h1>
        {mayEdit && (
          <Button look="primary" icon={Plus} onPress={onNew}>
            {t("commitments.new")}
          </Button>
        )}
      </header>
      {commitments.size > 0 && (
        <div className={style.filters}>
          <div className={style.lists} role="group" aria-label={t("commitments.list")}>
            {LISTS.map((list) => (
              <ListButton key={list} list={list} {...props} />
            ))}
          </div>
          <Select
            compact
            label={t("commitments.organisation")}
            value={filter.organisation ?? ""}
            onChange={(organisation) => onFilter({ organisation })}
            options={[
              { value: "", label: t("commitments.any_organisation") },
              ...people.organisations.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <Select
            compact
            label={t("commitments.goal")}
            value={filter.goal ?? ""}
            onChange={(goal) => onFilter({ goal })}
            options={[{ value: "", label: t("commitments.any_goal") }, ...goals]}
          />
          <Choice
            label={t("commitments.view")}
            labelHidden
            look="bar"
            value={as}
            onChange={(next) => onFilter({ as: next === "list" ? "" : next })}
            options={[
              { value: "list", label: <List aria-hidden size={18} />, text: t("commitments.as_list") },
              {
                value: "months",
                label: <CalendarRange aria-hidden size={18} />,
                text: t("commitments.as_timeline"),
              },
            ]}
          />
        </div>
      )}
      {commitments.size === 0 ? (
        <Empty title={t("commitments.empty_title")}>{t("commitments.empty_body")}</Empty>
      ) : views.length === 0 ? (
        <p className={style.none}>{t("commitments.none_here")}</p>
      ) : as === "months" ? (
        <Timeline views={views} {...props} />
      ) : (
        <Grouped views={views} {...props} />
      )}
    </section>
  );
}

function ListButton({ list, commitments, people, filter, onFilter }: CommitmentListProps & { list: ListName }) {
  const { t } = useSpeech();
  const count = chosen(commitments.values(), { ...filter, list }, people.me).length;
  const on = filter.list === list;
  return (
    <button
      type="button"
      className={classes(style.pill, on && style.on)}
      aria-pressed={on}
      onClick={() => onFilter({ list: list === "all" ? "" : list })}
    >
      {t(`commitments.${list}`)} <span className={style.count}>{count}</span>
    </button>
  );
}

interface ViewsProps extends CommitmentListProps {
  views: readonly CommitmentView[];
}

function Grouped({ views, ...props }: ViewsProps) {
  const { t } = useSpeech();
  const { turn, open, closed } = grouped(views, props.people.me);
  return (
    <>
      {turn.length > 0 && (
        <section className={style.group} aria-label={t("commitments.your_turn")}>
          <h2 className={style.heading}>{t("commitments.your_turn")}</h2>
          <Rows views={turn} {...props} />
        </section>
      )}
      {open.length > 0 && (
        <section className={style.group} aria-label={t("commitments.open")}>
          {turn.length > 0 && <h2 className={style.heading}>{t("commitments.open")}</h2>}
          <Rows views={open} {...props} />
        </section>
      )}
      {closed.length > 0 && (
        <Disclosure className={style.group} defaultExpanded={turn.length + open.length === 0}>
          <h2 className={style.heading}>
            <AriaButton slot="trigger" className={style.more}>
              <ChevronRight aria-hidden className={style.arrow} />
              {t("commitments.closed")} <span className={style.count}>{closed.length}</span>
            </AriaButton>
          </h2>
          <DisclosurePanel>
            <Rows views={closed} {...props} />
          </DisclosurePanel>
        </Disclosure>
      )}
    </>
  );
}

/** Month by month. */
function Timeline({ views, ...props }: ViewsProps) {
  const { t, month: say, today } = useSpeech();
  return (
    <ol className={style.months}>
      {months(views).map(({ month, commitments }) => (
        <li key={month ?? ""} className={classes(style.month, month === today.slice(0, 7) && style.now)}>
          <h2 className={style.heading}>
            {month === null ? t("commitments.no_month") : say(month)}
            {month === today.slice(0, 7) && <span className={style.nowWord}>{t("commitments.this_month")}</span>}
          </h2>
          <Rows views={commitments} {...props} />
        </li>
      ))}
    </ol>
  );
}

function Rows({ views, people, contested, glowing, current, hrefOf }: ViewsProps) {
  return (
    <ul className={style.rows}>
      {views.map((view) => (
        <CommitmentRow
          key={view.id}
          view={view}
          people={people}
          href={hrefOf(view.id)}
          current={current === view.id}
          turn={waitsFor(view, people.me)}
          contested={contested.has(view.id)}
          glows={glowing.has(keyOf({ kind: "commitment", id: view.id }))}
        />
      ))}
    </ul>
  );
}
