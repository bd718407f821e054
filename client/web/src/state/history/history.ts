/** Who did what, when: entries as the core read them, put into lines for people. */
import type { Deed, EntityRef, HistoryItem, Kind, Milliseconds } from "../../core/api";
import { localDate } from "../../i18n/dates";

/** One thing somebody did, or several alike in a row. */
export interface HistoryLine {
  /** The latest entry of it. */
  id: string;
  name: string;
  member: string | null;
  what: string;
  /** What it was done to, each once. */
  entities: EntityRef[];
  /** How many times, where the same was done again. */
  times: number;
  /** `null` where the entry does not say (membership). */
  time_ms: Milliseconds | null;
  /** Why it does not count, if it does not. */
  leftOut: string | null;
  /** Whether it came after what was seen last. */
  fresh: boolean;
}

export interface HistoryDay {
  /** ISO, by this device's zone; `null` for what says no time. */
  date: string | null;
  lines: HistoryLine[];
}

/** Doings that follow one another within this are one line. */
const TOGETHER_MS = 10 * 60_000;

/** Doings that keep the plan's locks and tell nobody anything. */
const SILENT = new Set(["epoch", "key_share"]);

/**
 * Lines by day, the newest first. `items` come in the order in which they arrived here; the first `seen` of them were
 * there when one was here last (`null`: nothing counts as new).
 */
export function historyDays(items: readonly HistoryItem[], seen: number | null = null): HistoryDay[] {
  const lines: HistoryLine[] = [];
  items.forEach((item, index) => {
    for (const deed of item.deeds) {
      if (SILENT.has(deed.what)) continue;
      lines.push(lineOf(item, deed, seen !== null && index >= seen));
    }
  });
  const days: HistoryDay[] = [];
  for (const line of together(inTime(lines)).reverse()) {
    const date = line.time_ms === null ? null : localDate(new Date(line.time_ms));
    const day = days.at(-1);
    if (day?.date === date) day.lines.push(line);
    else days.push({ date, lines: [line] });
  }
  return days;
}

function lineOf(item: HistoryItem, deed: Deed, fresh: boolean): HistoryLine {
  return {
    id: item.entry,
    name: item.name,
    member: item.member,
    what: deed.what,
    entities: deed.entities,
    times: 1,
    time_ms: deed.time_ms > 0 ? deed.time_ms : null,
    leftOut: item.left_out,
    fresh,
  };
}

/** By their own time; what says none stays beside what arrived just before it. */
function inTime(lines: HistoryLine[]): HistoryLine[] {
  let before: Milliseconds = 0;
  const placed = lines.map((line, index) => {
    before = line.time_ms ?? before;
    return { line: { ...line, time_ms: line.time_ms ?? (before > 0 ? before : null) }, at: before, index };
  });
  return placed.sort((a, b) => a.at - b.at || a.index - b.index).map(({ line }) => line);
}

function together(lines: HistoryLine[]): HistoryLine[] {
  const joined: HistoryLine[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last && alike(last, line)) {
      last.entities = unique([...last.entities, ...line.entities]);
      last.times += 1;
      last.time_ms = line.time_ms;
      last.id = line.id;
    } else {
      joined.push({ ...line, entities: unique(line.entities) });
    }
  }
  return joined;
}

function alike(a: HistoryLine, b: HistoryLine): boolean {
  return (
    a.member === b.member &&
    a.name === b.name &&
    a.what === b.what &&
    a.fresh === b.fresh &&
    a.leftOut === null &&
    b.leftOut === null &&
    (b.time_ms ?? 0) - (a.time_ms ?? 0) <= TOGETHER_MS
  );
}

function unique(entities: readonly EntityRef[]): EntityRef[] {
  return [...new Map(entities.map((one) => [`${one.kind}/${one.id}`, one])).values()];
}

/** How many things of each kind, the most of them first. */
export function countKinds(entities: readonly EntityRef[]): { kind: Kind; count: number }[] {
  const counts = new Map<Kind, number>();
  for (const { kind } of entities) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count);
}

/** A thing as an address names it: `commitment:c-04`. */
export function writeEntity({ kind, id }: EntityRef): string {
  return `${kind}:${id}`;
}

export function readEntity(text: string | null, kinds: readonly Kind[]): EntityRef | null {
  const at = text?.indexOf(":") ?? -1;
  if (text === null || at < 1) return null;
  const kind = kinds.find((one) => one === text.slice(0, at));
  const id = text.slice(at + 1);
  return kind && id !== "" ? { kind, id } : null;
}
