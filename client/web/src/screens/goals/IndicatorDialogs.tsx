import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Discard, Left } from "../../parts/Left";
import { useKeptForm } from "../../parts/kept";
import { DayField } from "../../parts/DueField";
import { TextField } from "../../parts/Field";
import { type GoalCard, type IndicatorCard, type Measure, parseNumber } from "../../state/goals/goals";
import type { GoalActions } from "./actions";
import style from "./Goals.module.css";

/** A number as it is typed, with its day. */
interface Typed {
  text: string;
  date: string | null;
}

/** An indicator as it is typed. */
interface Form {
  name: string;
  unit: string;
  source: string;
  baseline: Typed;
  target: Typed;
}

function typed(measure: Measure | null): Typed {
  return { text: measure === null ? "" : String(measure.value), date: measure?.date ?? null };
}

/** What was typed; `undefined` where it is no number. */
function read({ text, date }: Typed): Measure | null | undefined {
  if (text.trim() === "") return null;
  const value = parseNumber(text);
  return value === null ? undefined : { value, date };
}

/** Says what is measured, or changes it. */
export function IndicatorDialog(props: {
  goal: GoalCard;
  indicator: IndicatorCard | null;
  actions: GoalActions;
  onClose: () => void;
}) {
  const { goal, indicator, actions, onClose } = props;
  const { t } = useSpeech();
  const kept = useKeptForm<Form>(`indicator/${goal.id}/${indicator?.id ?? "new"}`, {
    name: indicator?.name ?? "",
    unit: indicator?.unit ?? "",
    source: indicator?.source ?? "",
    baseline: typed(indicator?.baseline ?? null),
    target: typed(indicator?.target ?? null),
  });
  const { name, unit, source, baseline, target } = kept.value;
  const set = (part: Partial<Form>) => kept.set({ ...kept.value, ...part });
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);

  async function save() {
    setChecked(true);
    const [from, to] = [read(baseline), read(target)];
    if (name.trim() === "" || from === undefined || to === undefined) return;
    setBusy(true);
    try {
      await actions.saveIndicator(goal.id, { name, unit, source, baseline: from, target: to }, indicator);
      kept.forget();
      onClose();
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t(indicator ? "goals.edit_indicator" : "goals.add_indicator")}
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
        label={t("goals.indicator_name")}
        hint={t("goals.indicator_name_hint")}
        value={name}
        onChange={(next) => set({ name: next })}
        error={checked && name.trim() === "" ? t("goals.missing") : undefined}
        required
        autoFocus
        lang={indicator?.nameKey}
      />
      <TextField
        label={t("goals.unit")}
        hint={t("goals.unit_hint")}
        optional
        value={unit}
        onChange={(next) => set({ unit: next })}
      />
      <TextField
        label={t("goals.source")}
        optional
        value={source}
        onChange={(next) => set({ source: next })}
      />
      <MeasureFields
        label={t("goals.baseline")}
        value={baseline}
        onChange={(next) => set({ baseline: next })}
        checked={checked}
      />
      <MeasureFields
        label={t("goals.target")}
        value={target}
        onChange={(next) => set({ target: next })}
        checked={checked}
      />
    </Dialog>
  );
}

function MeasureFields(props: {
  label: string;
  value: Typed;
  onChange: (value: Typed) => void;
  checked: boolean;
}) {
  const { label, value, onChange, checked } = props;
  const { t } = useSpeech();
  return (
    <div className={style.measure}>
      <TextField
        label={label}
        optional
        value={value.text}
        onChange={(text) => onChange({ ...value, text })}
        error={checked && read(value) === undefined ? t("goals.number_bad") : undefined}
      />
      <DayField label={t("goals.date")} value={value.date} onChange={(date) => onChange({ ...value, date })} />
    </div>
  );
}

/** Writes down what was found on a day. */
export function RecordDialog(props: {
  indicator: IndicatorCard;
  actions: GoalActions;
  onClose: () => void;
}) {
  const { indicator, actions, onClose } = props;
  const { t, today } = useSpeech();
  const kept = useKeptForm<Typed>(`record/${indicator.id}`, { text: "", date: today });
  const { text, date } = kept.value;
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const value = parseNumber(text);

  async function save() {
    setChecked(true);
    if (value === null) return;
    setBusy(true);
    try {
      await actions.record(indicator.id, value, date ?? today);
      kept.forget();
      onClose();
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t("goals.record_for", { indicator: indicator.name })}
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
        label={indicator.unit === "" ? t("goals.value") : `${t("goals.value")}, ${indicator.unit}`}
        hint={indicator.minGroup === null ? undefined : t("goals.min_group", { count: indicator.minGroup })}
        value={text}
        onChange={(next) => kept.set({ text: next, date })}
        error={checked && value === null ? t("goals.number_bad") : undefined}
        autoFocus
        onSubmit={() => void save().catch(() => undefined)}
      />
      <DayField label={t("goals.date")} value={date} onChange={(next) => kept.set({ text, date: next })} />
    </Dialog>
  );
}
