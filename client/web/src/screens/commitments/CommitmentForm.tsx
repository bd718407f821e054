import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel } from "react-aria-components";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Discard, Left } from "../../parts/Left";
import { useKeptForm } from "../../parts/kept";
import { Dialog } from "../../parts/Dialog";
import { DueField } from "../../parts/DueField";
import { Checkbox, TextField } from "../../parts/Field";
import type { Beginning, Draft } from "../../state/commitments/draft";
import type { People } from "../../state/people";
import style from "./CommitmentForm.module.css";
import { PeopleField, PersonField } from "./PersonField";

interface CommitmentFormProps {
  initial: Draft;
  /** Under which it is kept while it is being written. */
  name: string;
  /** For a new one: what it becomes at once. For one that stands: `null`, and it is saved. */
  onBegin: ((draft: Draft, beginning: Beginning) => Promise<unknown>) | null;
  onSave: (draft: Draft) => Promise<unknown>;
  onClose: () => void;
  people: People;
  goals: readonly { id: string; title: string }[];
  /** The note that it comes from. */
  note: string | null;
  /** Which terms may be changed: of `requester`, `due`. */
  terms: ReadonlySet<string>;
}

/** A commitment being written: a new one, or one whose words are changed. */
export function CommitmentForm(props: CommitmentFormProps) {
  const { initial, onBegin, onSave, onClose, people, goals, note, terms } = props;
  const { t } = useSpeech();
  const kept = useKeptForm(`commitment/${props.name}`, initial);
  const draft = kept.value;
  const [tried, setTried] = useState(false);
  const set = (part: Partial<Draft>) => kept.set({ ...draft, ...part });
  const missing = draft.title.trim() === "";
  const owner = draft.owner === "external:" ? null : draft.owner;
  const first: Beginning = owner === null ? "suggest" : owner === people.me?.id ? "promise" : "request";

  function finish(beginning: Beginning) {
    setTried(true);
    if (missing) return;
    const whole = { ...draft, owner, with: draft.with.filter((one) => one !== owner) };
    // One that could not be kept in the plan is still here when the form is opened anew.
    const done = onBegin ? onBegin(whole, beginning) : onSave(whole);
    done.then(kept.forget, () => undefined);
  }

  return (
    <Dialog
      title={t(onBegin ? "form.new" : "form.edit")}
      open
      onClose={onClose}
      size="wide"
      alert
      actions={
        onBegin ? (
          <>
            {first !== "suggest" && (
              <Button onPress={() => finish("suggest")}>{t("form.suggest")}</Button>
            )}
            <Button look="primary" onPress={() => finish(first)}>
              {first === "request"
                ? t("form.ask", { who: people.person(owner).called })
                : t(first === "suggest" ? "form.suggest" : "action.promise")}
            </Button>
          </>
        ) : (
          <>
            <Discard kept={kept} onClose={onClose} />
            <Button look="primary" onPress={() => finish("suggest")}>
              {t("common.save")}
            </Button>
          </>
        )
      }
    >
      <Left kept={kept} />
      {note !== null && (
        <p className={style.note}>
          <span className={style.from}>{t("promise_form.from_note")}</span>
          {note}
        </p>
      )}
      <TextField
        label={t("form.title")}
        hint={t("form.title_hint")}
        value={draft.title}
        onChange={(title) => set({ title })}
        error={tried && missing ? t("promise_form.missing") : undefined}
        long
        rows={2}
        required
        autoFocus
      />
      {onBegin && (
        <PersonField
          label={t("form.owner")}
          value={draft.owner}
          onChange={(next) => set({ owner: next })}
          people={people}
          nobody
          outside
        />
      )}
      <PeopleField
        label={t("fact.with")}
        value={draft.with}
        onChange={(chosen) => set({ with: chosen })}
        people={people}
        except={draft.owner === null ? [] : [draft.owner]}
      />
      <TextField
        label={t("form.done_when")}
        hint={t("form.done_when_hint")}
        value={draft.done_when}
        onChange={(done_when) => set({ done_when })}
        long
        rows={2}
      />
      {terms.has("due") && (
        <DueField label={t("fact.due")} value={draft.due} onChange={(due) => set({ due })} />
      )}
      <TextField
        label={t("fact.next_step")}
        hint={t("form.next_step_hint")}
        value={draft.next_step}
        onChange={(next_step) => set({ next_step })}
        optional
      />
      {terms.has("requester") && (
        <PersonField
          label={t("fact.requester")}
          value={draft.requester}
          onChange={(requester) => requester !== null && set({ requester })}
          people={people}
          network
        />
      )}
      <Disclosure className={style.more} defaultExpanded={!onBegin}>
        <AriaButton slot="trigger" className={style.open}>
          <ChevronRight aria-hidden className={style.arrow} />
          {t("form.more")}
        </AriaButton>
        <DisclosurePanel>
          <div className={style.inside}>
            <DueField
              label={t("fact.follow_up")}
              value={draft.follow_up}
              onChange={(follow_up) => set({ follow_up })}
            />
            <TextField
              label={t("fact.support_needed")}
              value={draft.support_needed}
              onChange={(support_needed) => set({ support_needed })}
              long
              rows={2}
              optional
            />
            {!onBegin && (
              <TextField
                label={t("fact.obstacle")}
                value={draft.obstacle}
                onChange={(obstacle) => set({ obstacle })}
                long
                rows={2}
                optional
              />
            )}
            <TextField
              label={t("fact.description")}
              value={draft.description}
              onChange={(description) => set({ description })}
              long
              rows={2}
              optional
            />
            {goals.length > 0 && (
              <div role="group" aria-label={t("fact.goals")} className={style.goals}>
                <span className={style.label} aria-hidden>
                  {t("fact.goals")}
                </span>
                {goals.map(({ id, title }) => (
                  <Checkbox
                    key={id}
                    isSelected={draft.goals.includes(id)}
                    onChange={(on) =>
                      set({ goals: on ? [...draft.goals, id] : draft.goals.filter((one) => one !== id) })
                    }
                  >
                    {title}
                  </Checkbox>
                ))}
              </div>
            )}
          </div>
        </DisclosurePanel>
      </Disclosure>
    </Dialog>
  );
}
