import { useId } from "react";

import type { CommitmentEvent, CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import type { MessageKey } from "../../i18n/keys";
import { Button } from "../../parts/Button";
import { Discard, Left } from "../../parts/Left";
import { useKeptForm } from "../../parts/kept";
import { Dialog } from "../../parts/Dialog";
import { DayField, DueField } from "../../parts/DueField";
import { Checkbox, TextField } from "../../parts/Field";
import { type Option, Select } from "../../parts/Select";
import { type ActionName, ends } from "../../state/commitments/actions";
import { withEvent } from "../../state/commitments/draft";
import { promiseText } from "../../state/commitments/words";
import type { People } from "../../state/people";
import style from "./ActionDialog.module.css";
import { PeopleField, PersonField } from "./PersonField";

/** What a dialog can ask about; `refuse` is the employer's no. */
export type Asked = Exclude<ActionName, "start" | "accept"> | "organisation_refused";

/** What one answered: the event, with by when the employer's word has to come, if it has to; or where it goes on. */
export type Answered = { event: CommitmentEvent; mandateBy?: string } | { into: string };

interface ActionDialogProps {
  asked: Asked;
  commitment: CommitmentView;
  people: People;
  /** Open commitments that it could go on as. */
  others: readonly Option[];
  onClose: () => void;
  onDone: (answered: Answered) => void;
}

interface Answers {
  reason: string;
  text: string;
  due: string | null;
  person: string | null;
  people: string[];
  subject: boolean;
  into: string;
}

interface Form {
  title: MessageKey;
  body?: string;
  /** What the dialog asks for. */
  reason?: { label: MessageKey; needed: boolean };
  text?: { label: MessageKey; needed: boolean; hint?: MessageKey };
  due?: { needed: boolean };
  person?: { label: MessageKey; outside: boolean };
  people?: true;
  subject?: true;
  into?: true;
}

/** Asks what an act needs to be said with, and no more. */
export function ActionDialog({ asked, commitment, people, others, onClose, onDone }: ActionDialogProps) {
  const { t, due, textKey } = useSpeech();
  const speech = useSpeech();
  const form = formOf(asked, commitment.due === null ? t("promise.date_none") : due(commitment.due), t);
  const kept = useKeptForm<Answers>(`act/${commitment.id}/${asked}`, {
    reason: "",
    text: "",
    due: asked === "counter_offer" || asked === "renegotiate" || asked === "propose_due" ? commitment.due : null,
    person: null,
    people: [...commitment.with],
    subject: false,
    into: others[0]?.value ?? "",
  });
  const answers = kept.value;
  const sentence = useId();
  const set = (part: Partial<Answers>) => kept.set({ ...answers, ...part });
  const complete =
    (!form.reason?.needed || answers.reason.trim() !== "") &&
    (!form.text?.needed || answers.text.trim() !== "" || (asked === "counter_offer" && answers.due !== null)) &&
    (!form.due?.needed || (answers.due !== null && answers.due !== commitment.due)) &&
    (!form.into || answers.into !== "") &&
    (!form.person || isSomebody(answers.person));
  const done = () => {
    if (!complete) return;
    kept.forget();
    onDone(answered(asked, answers, commitment, textKey));
    onClose();
  };
  const owners = [commitment.owner, commitment.asked].filter((one) => one !== null);
  return (
    <Dialog
      title={t(form.title)}
      open
      onClose={onClose}
      actions={
        <>
          <Discard kept={kept} onClose={onClose} />
          <Button look={isEnd(asked) ? "attention" : "primary"} onPress={done} isDisabled={!complete}>
            {asked === "with" ? t("common.save") : t(`action.${asked}`)}
          </Button>
        </>
      }
    >
      <Left kept={kept} />
      <p className={style.promise} id={sentence}>
        {promiseText(commitment, people, speech)}
      </p>
      {form.body !== undefined && <p className={style.body}>{form.body}</p>}
      {form.person && (
        <PersonField
          label={t(form.person.label)}
          value={answers.person}
          onChange={(person) => set({ person })}
          people={people}
          nobody
          outside={form.person.outside}
          except={asked === "hand_over" ? owners : []}
        />
      )}
      {form.into && (
        <Select
          label={t("dialog.merge")}
          value={answers.into}
          onChange={(into) => set({ into })}
          options={others}
        />
      )}
      {form.people && (
        <PeopleField
          label={t("fact.with")}
          value={answers.people}
          onChange={(chosen) => set({ people: chosen })}
          people={people}
          except={owners}
        />
      )}
      {form.text && (
        <TextField
          label={t(form.text.label)}
          {...(form.text.hint === undefined ? {} : { hint: t(form.text.hint) })}
          value={answers.text}
          onChange={(text) => set({ text })}
          long
          optional={!form.text.needed}
          autoFocus
        />
      )}
      {form.due && (
        <DueField
          label={t("fact.due")}
          value={answers.due}
          onChange={(next) => set({ due: next })}
          optional={!form.due.needed}
        />
      )}
      {form.reason && (
        <TextField
          label={t(form.reason.label)}
          value={answers.reason}
          onChange={(reason) => set({ reason })}
          long
          rows={2}
          optional={!form.reason.needed}
          autoFocus={!form.due && !form.person}
        />
      )}
      {form.subject && (
        <>
          <Checkbox isSelected={answers.subject} onChange={(subject) => set({ subject })}>
            {t("promise_dialog.promise_subject")}
          </Checkbox>
          {answers.subject && (
            <DayField
              label={t("promise_dialog.promise_by")}
              value={answers.due}
              onChange={(next) => set({ due: next })}
            />
          )}
        </>
      )}
    </Dialog>
  );
}

function formOf(asked: Asked, now: string, t: (key: MessageKey, values?: Record<string, string>) => string): Form {
  const why = (needed: boolean) => ({ label: "dialog.reason" as const, needed });
  switch (asked) {
    case "promise":
      return { title: "promise_dialog.promise_title", body: t("promise_dialog.promise_body"), subject: true };
    case "decline":
      return { title: "promise_dialog.decline_title", reason: why(false) };
    case "counter_offer":
      return {
        title: "promise_dialog.counter_title",
        text: { label: "promise_dialog.counter_text", needed: true },
        due: { needed: false },
      };
    case "request":
      return {
        title: "promise_dialog.request_title",
        body: t("promise_dialog.request_body"),
        person: { label: "promise_dialog.request_who", outside: true },
      };
    case "log":
      return {
        title: "promise_dialog.log_title",
        text: { label: "dialog.log", needed: true, hint: "promise_dialog.log_hint" },
      };
    case "renegotiate":
      return {
        title: "promise_dialog.renegotiate_title",
        body: t("promise_dialog.renegotiate_body", { due: now }),
        due: { needed: true },
        reason: why(true),
      };
    case "propose_due":
      return {
        title: "promise_dialog.propose_title",
        body: t("promise_dialog.propose_body", { due: now }),
        due: { needed: true },
        reason: why(false),
      };
    case "hand_over":
      return {
        title: "promise_dialog.hand_over_title",
        body: t("promise_dialog.hand_over_body"),
        person: { label: "promise_dialog.hand_over_who", outside: false },
        reason: why(false),
      };
    case "report_done":
      return {
        title: "promise_dialog.report_title",
        text: { label: "promise_dialog.report_evidence", needed: false, hint: "promise_dialog.log_hint" },
      };
    case "not_yet":
      return { title: "promise_dialog.not_yet_title", reason: { label: "promise_dialog.not_yet_reason", needed: true } };
    case "withdraw":
      return { title: "promise_dialog.withdraw_title", reason: why(true) };
    case "cancel":
      return { title: "promise_dialog.cancel_title", reason: why(true) };
    case "organisation_refused":
      return { title: "promise_dialog.refused_title", reason: why(false) };
    case "with":
      return { title: "promise_dialog.with_title", people: true };
    case "merge":
      return { title: "action.merge", body: t("dialog.merge_hint"), into: true };
  }
}

function answered(asked: Asked, answers: Answers, commitment: CommitmentView, textKey: string): Answered {
  const reason = answers.reason.trim() === "" ? {} : { reason: answers.reason.trim() };
  const text = answers.text.trim() === "" ? {} : { [textKey]: answers.text.trim() };
  const to = answers.person?.trim() ?? "";
  const due = answers.due ?? "";
  switch (asked) {
    case "promise":
      return {
        event: { type: "promise", ...(answers.subject ? { subject_to: "organisation" as const } : {}) },
        ...(answers.subject && due !== "" ? { mandateBy: due } : {}),
      };
    case "counter_offer":
      return {
        event: {
          type: "counter_offer",
          text,
          ...(answers.due === null || answers.due === commitment.due ? {} : { due }),
        },
      };
    case "request":
      return { event: { type: "request", to } };
    case "hand_over":
      return { event: { type: "hand_over", to, ...reason } };
    case "log":
      return { event: { type: "log", text } };
    case "report_done":
      return { event: { type: "report_done", evidence: text } };
    case "renegotiate":
      return { event: { type: "renegotiate", new: due, ...reason } };
    case "propose_due":
      return { event: { type: "propose_due", due, ...reason } };
    case "merge":
      return { into: answers.into };
    case "with":
      return { event: withEvent(commitment.with, answers.people) };
    case "decline":
    case "not_yet":
    case "withdraw":
    case "cancel":
    case "organisation_refused":
      return { event: { type: asked, ...reason } };
  }
}

function isSomebody(person: string | null): boolean {
  return person !== null && person.replace(/^external:/, "").trim() !== "";
}

function isEnd(asked: Asked): boolean {
  return asked !== "organisation_refused" && ends(asked);
}
