import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Discard, Left } from "../../parts/Left";
import { useKeptForm } from "../../parts/kept";
import { Dialog } from "../../parts/Dialog";
import { DayField } from "../../parts/DueField";
import { Choice, TextField } from "../../parts/Field";
import { Select } from "../../parts/Select";
import { type GoalCard, type GoalDraft, LEVELS } from "../../state/goals/goals";
import { type Verdict, VERDICTS } from "../../state/goals/judgements";
import type { People } from "../../state/people";
import type { GoalActions } from "./actions";

/** Writes a new goal, or changes one. */
export function GoalDialog(props: {
  goal: GoalCard | null;
  people: People;
  actions: GoalActions;
  onClose: () => void;
}) {
  const { goal, people, actions, onClose } = props;
  const { t } = useSpeech();
  const kept = useKeptForm<GoalDraft>(`goal/${goal?.id ?? "new"}`, {
    statement: goal?.statement ?? "",
    ownWords: goal?.ownWords ?? "",
    level: goal?.level ?? "outcome",
    accountable: goal?.accountable ?? null,
  });
  const draft = kept.value;
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<GoalDraft>) => kept.set({ ...draft, ...part });
  const missing = draft.statement.trim() === "";

  async function save() {
    setChecked(true);
    if (missing) return;
    setBusy(true);
    try {
      await actions.saveGoal(draft, goal);
      kept.forget();
      onClose();
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t(goal ? "goals.edit" : "goals.add")}
      open
      onClose={onClose}
      actions={
        <>
          <Discard kept={kept} onClose={onClose} />
          <Button look="primary" isPending={busy} onPress={() => void save().catch(() => undefined)}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      <Left kept={kept} />
      <TextField
        label={t("goals.statement")}
        hint={t("goals.statement_hint")}
        value={draft.statement}
        onChange={(statement) => set({ statement })}
        error={checked && missing ? t("goals.missing") : undefined}
        long
        rows={2}
        required
        autoFocus
        lang={goal?.statementKey}
      />
      <TextField
        label={t("goals.own_words")}
        optional
        value={draft.ownWords}
        onChange={(ownWords) => set({ ownWords })}
        long
        rows={2}
        lang={goal?.ownWordsKey}
      />
      <Choice
        label={t("goals.level")}
        value={draft.level}
        onChange={(level) => set({ level })}
        options={LEVELS.map((level) => ({
          value: level,
          label: t(`goals.level.${level}`),
          hint: t(`goals.level_hint.${level}`),
        }))}
      />
      <Select
        label={t("goals.accountable")}
        value={draft.accountable ?? ""}
        onChange={(id) => set({ accountable: id === "" ? null : id })}
        options={[
          { value: "", label: t("goals.nobody") },
          ...people.organisations.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
    </Dialog>
  );
}

/** One's own judgement of where a goal is heading. */
export function JudgeDialog(props: { goal: GoalCard; actions: GoalActions; onClose: () => void }) {
  const { goal, actions, onClose } = props;
  const { t, today } = useSpeech();
  const [verdict, setVerdict] = useState<Verdict>("cannot_tell");
  const [day, setDay] = useState<string | null>(today);
  const [busy, setBusy] = useState(false);

  async function save() {
    setBusy(true);
    try {
      await actions.judge(goal.id, verdict, day ?? today);
      onClose();
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t("goals.judge_title")}
      open
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" isPending={busy} onPress={() => void save().catch(() => undefined)}>
            {t("goals.judge")}
          </Button>
        </>
      }
    >
      <p lang={goal.statementKey}>{goal.statement}</p>
      <Choice
        label={t("goals.judge_title")}
        labelHidden
        hint={t("goals.judge_hint")}
        value={verdict}
        onChange={setVerdict}
        options={VERDICTS.map((word) => ({ value: word, label: t(`goals.verdict.${word}`) }))}
      />
      <DayField label={t("goals.date")} value={day} onChange={setDay} />
    </Dialog>
  );
}
