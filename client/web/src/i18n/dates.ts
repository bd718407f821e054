/**
 * How days, weeks and moments are said. A due date is `2027-03-31` or a week, `2027-W08`; whether it has passed is
 * the core's to say.
 */
import type { Language } from "../core/api";
import { localeOf } from "./languages";

const DAY_MS = 86_400_000;
const WEEK_WORD: Record<Language, string> = { "sv-FI": "v. ", "sv-SE": "v. ", fi: "vko ", en: "week " };

export interface Week {
  year: number;
  week: number;
}

/** A date as it is said: `31.3.2027` at home, `2027-03-31` in Sweden. Within `today`'s year, without the year. */
export function sayDate(date: string, language: Language, today?: string): string {
  const sameYear = today !== undefined && date.slice(0, 4) === today.slice(0, 4);
  if (language === "sv-SE" && !sameYear) return date;
  const year = sameYear ? undefined : "numeric";
  const month = language === "en" ? "short" : "numeric";
  return format(language, { day: "numeric", month, year }, utc(date));
}

/** A due date or week as it is said. */
export function sayDue(due: string, language: Language, today?: string): string {
  const week = parseWeek(due);
  if (!week) return isDate(due) ? sayDate(due, language, today) : due;
  const year = today === undefined || Number(today.slice(0, 4)) !== week.year ? `/${week.year}` : "";
  return `${WEEK_WORD[language]}${week.week}${year}`;
}

/** A date with its weekday, written out: `onsdag 31 mars 2027`. */
export function sayDateLong(date: string, language: Language): string {
  return format(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" }, utc(date));
}

/** `mars 2027`, of a month `2027-03`. */
export function sayMonth(month: string, language: Language): string {
  return format(language, { month: "long", year: "numeric" }, utc(`${month}-01`));
}

/** A moment with its time of day, in this device's time zone. */
export function sayMoment(ms: number, language: Language, today?: string): string {
  const at = new Date(ms);
  const time = new Intl.DateTimeFormat(localeOf(language), { hour: "numeric", minute: "2-digit" }).format(at);
  const date = localDate(at);
  return date === today ? time : `${sayDate(date, language, today)} ${time}`;
}

/** This device's date, as ISO. */
export function localDate(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The month in which a date or the end of a week lies: `2027-03`. */
export function monthOf(due: string): string | null {
  const week = parseWeek(due);
  if (week) return lastDayOf(week).slice(0, 7);
  return isDate(due) ? due.slice(0, 7) : null;
}

export function parseWeek(due: string): Week | null {
  const found = /^(\d{4})-W(\d{2})$/.exec(due);
  if (!found) return null;
  const week = Number(found[2]);
  return week >= 1 && week <= 53 ? { year: Number(found[1]), week } : null;
}

export function writeWeek({ year, week }: Week): string {
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** The ISO week of a date (ISO 8601: the week of its Thursday). */
export function weekOf(date: string): Week {
  const thursday = new Date(utc(date));
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS / 7);
  return { year, week };
}

/** The Sunday of a week, as ISO. */
export function lastDayOf({ year, week }: Week): string {
  const fourth = new Date(Date.UTC(year, 0, 4));
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * DAY_MS;
  return new Date(monday + ((week - 1) * 7 + 6) * DAY_MS).toISOString().slice(0, 10);
}

export function isDate(date: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(`${date}T00:00:00Z`));
}

function utc(date: string): Date {
  return new Date(`${date}T00:00:00Z`);
}

function format(language: Language, options: Intl.DateTimeFormatOptions, at: Date): string {
  if (Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat(localeOf(language), { ...options, timeZone: "UTC" }).format(at);
}
