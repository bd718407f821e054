import { type CalendarDate, parseDate } from "@internationalized/date";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { useMemo } from "react";
import {
  Button as AriaButton,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DatePicker,
  DateSegment,
  Dialog,
  Group,
  Heading,
  Label,
  Popover,
} from "react-aria-components";

import { isDate, lastDayOf, parseWeek, weekOf, writeWeek } from "../i18n/dates";
import { type Speech, useSpeech } from "../i18n/intl";
import style from "./DueField.module.css";
import field from "./Field.module.css";
import { Choice } from "./Field";
import { type Option, Select } from "./Select";
import { classes } from "./classes";

interface DueFieldProps {
  label: string;
  /** `2027-03-31`, `2027-W08`, or `null`. */
  value: string | null;
  onChange: (due: string | null) => void;
  /** Whether there may be no date. */
  optional?: boolean;
  /** Whether it may be a week. */
  weeks?: boolean;
}

/** A day, a week or no date. */
export function DueField({ label, value, onChange, optional = true, weeks = true }: DueFieldProps) {
  const speech = useSpeech();
  const { t, today } = speech;
  const kind = value === null ? "none" : parseWeek(value) ? "week" : "day";
  const kinds = [
    { value: "day" as const, label: t("due.day") },
    ...(weeks ? [{ value: "week" as const, label: t("due.week") }] : []),
    ...(optional ? [{ value: "none" as const, label: t("due.none") }] : []),
  ];
  const start = value !== null && isDate(value) ? value : today;
  const options = useMemo(() => weekOptions(start, speech), [start, speech]);

  function choose(next: "day" | "week" | "none") {
    if (next === "none") onChange(null);
    else if (next === "week") onChange(writeWeek(weekOf(start)));
    else onChange(value !== null && parseWeek(value) ? lastDayOf(parseWeek(value) ?? weekOf(today)) : start);
  }

  return (
    <div className={style.due}>
      {kinds.length > 1 && <Choice label={label} look="bar" value={kind} onChange={choose} options={kinds} />}
      {kind === "day" && (
        <DayField
          label={kinds.length > 1 ? t("due.pick_day") : label}
          labelHidden={kinds.length > 1}
          value={value}
          onChange={onChange}
        />
      )}
      {kind === "week" && value !== null && (
        <Select label={t("due.pick_week")} value={value} onChange={onChange} options={options} />
      )}
    </div>
  );
}

interface DayFieldProps {
  label: string;
  labelHidden?: boolean;
  value: string | null;
  onChange: (date: string | null) => void;
}

/** A day, typed or picked from a month. */
export function DayField({ label, labelHidden, value, onChange }: DayFieldProps) {
  const { t } = useSpeech();
  const date: CalendarDate | null = value !== null && isDate(value) ? parseDate(value) : null;
  return (
    <DatePicker
      className={field.field}
      value={date}
      onChange={(next) => onChange(next?.toString() ?? null)}
      aria-label={labelHidden ? label : undefined}
    >
      {!labelHidden && <Label className={field.label}>{label}</Label>}
      <Group className={style.group}>
        <DateInput className={style.input}>
          {(segment) => <DateSegment segment={segment} className={style.segment} />}
        </DateInput>
        <AriaButton className={style.open} aria-label={t("due.open_calendar")}>
          <CalendarDays aria-hidden />
        </AriaButton>
      </Group>
      <Popover className={style.popover} offset={4}>
        <Dialog className={style.dialog}>
          <Calendar className={style.calendar}>
            <header className={style.head}>
              <AriaButton slot="previous" className={style.step} aria-label={t("due.previous_month")}>
                <ChevronLeft aria-hidden />
              </AriaButton>
              <Heading className={style.month} />
              <AriaButton slot="next" className={style.step} aria-label={t("due.next_month")}>
                <ChevronRight aria-hidden />
              </AriaButton>
            </header>
            <CalendarGrid weekdayStyle="short">
              <CalendarGridHeader>
                {(day) => <CalendarHeaderCell className={style.weekday}>{day}</CalendarHeaderCell>}
              </CalendarGridHeader>
              <CalendarGridBody>
                {(day) => <CalendarCell date={day} className={classes(style.day, "tabular")} />}
              </CalendarGridBody>
            </CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}

const WEEKS_AHEAD = 80;
const DAY_MS = 86_400_000;

/** The weeks from one on, with the day on which each ends. */
function weekOptions(from: string, speech: Speech): Option[] {
  const start = Date.parse(`${from}T00:00:00Z`) - 4 * 7 * DAY_MS;
  return Array.from({ length: WEEKS_AHEAD }, (_, index) => {
    const week = weekOf(new Date(start + index * 7 * DAY_MS).toISOString().slice(0, 10));
    const value = writeWeek(week);
    const end = speech.date(lastDayOf(week));
    return { value, label: speech.due(value), hint: speech.t("due.week_hint", { end }) };
  });
}
