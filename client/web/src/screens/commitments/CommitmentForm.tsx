import { useState } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel } from "react-aria-components";
import { ChevronRight } from "lucide-react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { DayField, DueField } from "../../parts/DueField";
import { TextField } from "../../parts/Field";
import { ManyField } from "../../parts/PeopleField";
import { type Option, Select } from "../../parts/Select";
import { NETWORK, type People } from "../../state/people";
import style from "./CommitmentForm.module.css";

/** What a commitment says, as it is written. */
export interface CommitmentDraft {
  title: string;
  done_when: string;
  next_step: string;
  support_needed: string;
  obstacle: string;
  /** A participant, or `null` for nobody yet. */
  owner: string | null;
  with: string[];
  requester: string;
  due: string | null;
  follow_up: string | null;
  goals: string[];
}

export const EMPTY_DRAFT: CommitmentDraft = {
  title: "",
  done_when: "",
  next_step: "",
  support_needed: "",
  obstacle: "",
  owner: null,
  with: [],
  requester: NETWORK,
  due: null,
  follow_up: null,
  goals: [],
};

interface CommitmentFormProps {
  draft: CommitmentDraft;
  /** Whether it exists already: who owns it and until when are then said by events, not here. */
  exists: boolean;
  people: People;
  goals: readonly Option[];
  onClose: () => void;
  /** `then`: what to say at once, the promise or the request. */
  onSave: (draft: CommitmentDraft, then: "suggest" | "promise" | "request") => void;
}

export function CommitmentForm({ draft: first, exists, people, goals, onClose, onSave }: CommitmentFormProps) {
  const { t } = useSpeech();
  const [draft, setDraft] = useState(first);
  const [checked, setChecked] = useState(false);
  const set = (fields: Partial<CommitmentDraft>) => setDraft({ ...draft, ...fields });
  const me = people.me;
  const everybody = people.all.map((person) => ({
    value: person.id,
    label: person.called,
    ...(person.organisation ? { hint: person.organisation.name } : {}),
  }));
  const owner = draft.owner === null ? null : people.person(draft.owner);

  function save(then: "suggest" | "promise" | "request") {
    setChecked(true);
    if (draft.title.trim() !== "") onSave({ ...draft, title: draft.title.trim() }, then);
  }

  return (
    <Dialog
      title={t(exists ? "form.edit" : "form.new")}
      open
      onClose={onClose}
      size="wide"
      alert
      actions={
        exists ? (
          <>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
            <Button look="primary" onPress={() => save("suggest")}>
              {t("common.save")}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={() => save("suggest")}>{t("form.suggest")}</Button>
            {owner?.me && (
              <Button look="primary" onPress={() => save("promise")}>
                {t("action.promise")}
              </Button>
            )}
            {owner && !owner.me && (
              <Button look="primary" onPress={() => save("request")}>
                {t("form.ask", { who: owner.called })}
              </Button>
            )}
          </>
        )
      }
    >
      <TextField
        label={t("form.title")}
        hint={t("form.title_hint")}
        long
        rows={2}
        value={draft.title}
        onChange={(title) => set({ title })}
        error={checked && draft.title.trim() === "" ? t("you.missing") : undefined}
        autoFocus
      />
      {!exists && (
        <Select
          label={t("form.owner")}
          value={draft.owner ?? ""}
          onChange={(id) => set({ owner: id === "" ? null : id })}
          options={[
            ...(me ? [{ value: me.id, label: t("form.owner_me"), hint: me.called }] : []),
            { value: "", label: t("form.owner_open") },
            ...everybody.filter((one) => one.value !== me?.id),
          ]}
        />
      )}
      <TextField
        label={t("form.done_when")}
        hint={t("form.done_when_hint")}
        long
        rows={2}
        value={draft.done_when}
        onChange={(done_when) => set({ done_when })}
      />
      {!exists && <DueField label={t("fact.due")} value={draft.due} onChange={(due) => set({ due })} />}
      {!exists && (
        <ManyField
          label={t("fact.with")}
          optional
          value={draft.with}
          onChange={(ids) => set({ with: ids })}
          options={everybody.filter((one) => one.value !== draft.owner)}
        />
      )}
      <Disclosure className={style.more} defaultExpanded={exists}>
        <AriaButton slot="trigger" className={style.open}>
          <ChevronRight aria-hidden className={style.arrow} /> {t("form.more")}
        </AriaButton>
        <DisclosurePanel>
          <div className={style.fields}>
            <TextField
              label={t("fact.next_step")}
              hint={t("form.next_step_hint")}
              optional
              value={draft.next_step}
              onChange={(next_step) => set({ next_step })}
            />
            {!exists && (
              <Select
                label={t("fact.requester")}
                value={draft.requester}
                onChange={(requester) => set({ requester })}
                options={[{ value: NETWORK, label: t("common.network") }, ...everybody]}
              />
            )}
            <DayField
              label={t("fact.follow_up")}
              value={draft.follow_up}
              onChange={(follow_up) => set({ follow_up })}
            />
            <TextField
              label={t("fact.support_needed")}
              optional
              long
              rows={2}
              value={draft.support_needed}
              onChange={(support_needed) => set({ support_needed })}
            />
            <TextField
              label={t("fact.obstacle")}
              optional
              long
              rows={2}
              value={draft.obstacle}
              onChange={(obstacle) => set({ obstacle })}
            />
            {goals.length > 0 && (
              <ManyField
                label={t("fact.goals")}
                optional
                value={draft.goals}
                onChange={(ids) => set({ goals: ids })}
                options={goals}
              />
            )}
          </div>
        </DisclosurePanel>
      </Disclosure>
    </Dialog>
  );
}
