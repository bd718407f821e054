import { type ReactNode, useState } from "react";

import type { CommitmentEvent, CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { DueField } from "../../parts/DueField";
import { Checkbox, TextField } from "../../parts/Field";
import { ManyField } from "../../parts/PeopleField";
import { type Option, Select } from "../../parts/Select";
import type { ActionName } from "../../state/commitments";
import type { People } from "../../state/people";
import { Sentence } from "./Sentence";
import style from "./ActionDialog.module.css";

interface ActionDialogProps {
  action: ActionName;
  view: CommitmentView;
  people: People;
  /** Other commitments that this one may go on as. */
  others: readonly Option[];
  onClose: () => void;
  onEvent: (event: CommitmentEvent) => void;
  onMerge: (into: string) => void;
}

/** What has to be said with an act; acts that need no words do not come here. */
export function ActionDialog(props: ActionDialogProps) {
  const { action, view, people, others, onClose, onEvent, onMerge } = props;
  const { t, textKey } = useSpeech();
  const [text, setText] = useState("");
  const [due, setDue] = useState(view.due);
  const [to, setTo] = useState("");
  const [withThem, setWithThem] = useState<string[]>(view.with);
  const [subject, setSubject] = useState(false);
  const reason = text.trim() === "" ? null : text.trim();
  const texts = reason === null ? {} : { [textKey]: reason };
  const everybody = people.all
    .filter((person) => person.id !== view.owner)
    .map((person) => ({
      value: person.id,
      label: person.called,
      ...(person.organisation ? { hint: person.organisation.name } : {}),
    }));

  const why = (
    <TextField label={t("dialog.reason")} hint={t("dialog.reason_hint")} long value={text} onChange={setText} />
  );
  const whom = <Select label={t("dialog.to")} value={to} onChange={setTo} options={everybody} />;

  const parts: Record<ActionName, { body: ReactNode; event: CommitmentEvent | null; ready?: boolean }> = {
    promise: {
      body: (
        <>
          <p>{t("dialog.promise")}</p>
          <Checkbox isSelected={subject} onChange={setSubject}>
            {t("dialog.promise_subject")}
          </Checkbox>
        </>
      ),
      event: { type: "promise", ...(subject ? { subject_to: "organisation" as const } : {}) },
    },
    decline: { body: why, event: { type: "decline", reason } },
    counter_offer: {
      body: (
        <>
          <TextField label={t("dialog.counter")} long value={text} onChange={setText} />
          <DueField label={t("fact.due")} value={due} onChange={setDue} />
        </>
      ),
      event: { type: "counter_offer", text: texts, due: due === view.due ? null : due },
      ready: reason !== null || due !== view.due,
    },
    organisation_confirmed: { body: null, event: { type: "organisation_confirmed" } },
    organisation_refused: { body: why, event: { type: "organisation_refused", reason } },
    start: { body: null, event: { type: "start" } },
    log: {
      body: <TextField label={t("dialog.log")} hint={t("dialog.reason_hint")} long value={text} onChange={setText} />,
      event: { type: "log", text: texts },
      ready: reason !== null,
    },
    renegotiate: {
      body: (
        <>
          <DueField label={t("fact.due")} value={due} onChange={setDue} optional={view.due === null} />
          {why}
        </>
      ),
      event: due === null ? null : { type: "renegotiate", new: due, reason },
      ready: due !== null && due !== view.due,
    },
    propose_due: {
      body: (
        <>
          <DueField label={t("fact.due")} value={due} onChange={setDue} optional={view.due === null} />
          {why}
        </>
      ),
      event: due === null ? null : { type: "propose_due", due, reason },
      ready: due !== null && due !== view.due,
    },
    hand_over: {
      body: (
        <>
          <p>{t("dialog.hand_over")}</p>
          {whom}
          {why}
        </>
      ),
      event: { type: "hand_over", to, reason },
      ready: to !== "",
    },
    report_done: {
      body: <TextField label={t("dialog.evidence")} hint={view.done_when} long value={text} onChange={setText} />,
      event: { type: "report_done", evidence: texts },
    },
    accept: { body: null, event: { type: "accept" } },
    not_yet: { body: why, event: { type: "not_yet", reason } },
    withdraw: { body: why, event: { type: "withdraw", reason } },
    cancel: { body: why, event: { type: "cancel", reason } },
    request: { body: whom, event: { type: "request", to }, ready: to !== "" },
    with: {
      body: (
        <ManyField label={t("dialog.with")} value={withThem} onChange={setWithThem} options={everybody} />
      ),
      event: {
        type: "with",
        add: withThem.filter((id) => !view.with.includes(id)),
        remove: view.with.filter((id) => !withThem.includes(id)),
      },
      ready: withThem.length !== view.with.length || withThem.some((id) => !view.with.includes(id)),
    },
    merge: {
      body: (
        <>
          <Select label={t("dialog.merge")} hint={t("dialog.merge_hint")} value={to} onChange={setTo} options={others} />
        </>
      ),
      event: null,
      ready: to !== "",
    },
  };
  const { body, event, ready = true } = parts[action];

  function done() {
    if (action === "merge") onMerge(to);
    else if (event) onEvent(event);
    onClose();
  }

  return (
    <Dialog
      title={t(`action.${action}`)}
      open
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button
            look={action === "withdraw" || action === "cancel" ? "attention" : "primary"}
            isDisabled={!ready}
            onPress={done}
          >
            {t(`action.${action}`)}
          </Button>
        </>
      }
    >
      <p className={style.sentence}>
        <Sentence view={view} people={people} />
      </p>
      {body}
    </Dialog>
  );
}

/** Acts that are done with one press: they can be answered, and say nothing more. */
export function needsWords(action: ActionName): boolean {
  return !["organisation_confirmed", "start", "accept"].includes(action);
}
