import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
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
  const [name, setName] = useState(indicator?.name ?? "");
  const [unit, setUnit] = useState(indicator?.unit ?? "");
  const [source, setSource] = useState(indicator?.source ?? "");
  const [baseline, setBaseline] = useState(() => typed(indicator?.baseline ?? null));
  const [target, setTarget] = useState(() => typed(indicator?.target ?? null));
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);

  async function save() {
    setChecked(true);
    const [from, to] = [read(baseline), read(target)];
    if (name.trim() === "" || from === undefined || to === undefined) return;
    setBusy(true);
    try {
      await actions.saveIndicator(goal.id, { name, unit, source, baseline: from, target: to }, indicator);
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
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" isPending={busy} onPress={() => void save().catch(() => undefined)}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      <TextField
        label={t("goals.indicator_name")}
        hint={t("goals.indicator_name_hint")}
        value={name}
        onChange={setName}
        error={checked && name.trim() === "" ? t("goals.missing") : undefined}
        required
        autoFocus
        lang={indicator?.nameKey}
      />
      <TextField label={t("goals.unit")} hint={t("goals.unit_hint")} optional value={unit} onChange={setUnit} />
      <TextField label={t("goals.source")} optional value={source} onChange={setSource} />
      <MeasureFields label={t("goals.baseline")} value={baseline} onChange={setBaseline} checked={checked} />
      <MeasureFields label={t("goals.target")} value={target} onChange={setTarget} checked={checked} />
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
  const [text, setText] = useState("");
  const [day, setDay] = useState<string | null>(today);
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const value = parseNumber(text);

  async function save() {
    setChecked(true);
    if (value === null) return;
    setBusy(true);
    try {
      await actions.record(indicator.id, value, day ?? today);
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
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" isPending={busy} onPress={() => void save().catch(() => undefined)}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      <TextField
        label={indicator.unit === "" ? t("goals.value") : `${t("goals.value")}, ${indicator.unit}`}
        hint={indicator.minGroup === null ? undefined : t("goals.min_group", { count: indicator.minGroup })}
        value={text}
        onChange={setText}
        error={checked && value === null ? t("goals.number_bad") : undefined}
        autoFocus
        onSubmit={() => void save().catch(() => undefined)}
      />
      <DayField label={t("goals.date")} value={day} onChange={setDay} />
    </Dialog>
  );
}
