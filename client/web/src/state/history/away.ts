/**
 * What happened while one was away: a mark of how much of the plan had arrived when one was here last, kept on this
 * device, and what arrived since.
 */
import type { CommitmentView, HistoryItem, Milliseconds } from "../../core/api";
import type { Keep } from "../device";

export interface Mark {
  /** Entries that were here. */
  entries: number;
  at_ms: Milliseconds;
}

export interface Away {
  since_ms: Milliseconds;
  /** Changes that others made. */
  changes: number;
  /** Whose, the most first. */
  by: { name: string; count: number }[];
  /** Things that wait for an answer of this person. */
  questions: number;
}

/** Shorter than this nobody was away. */
const ABSENCE_MS = 60 * 60_000;

const PREFIX = "samverka.seen.";

export function readMark(keep: Keep, plan: string): Mark | null {
  const [entries, at_ms] = (keep.getItem(PREFIX + plan) ?? "").split(" ").map(Number);
  if (entries === undefined || at_ms === undefined) return null;
  return Number.isSafeInteger(entries) && Number.isSafeInteger(at_ms) ? { entries, at_ms } : null;
}

export function writeMark(keep: Keep, plan: string, { entries, at_ms }: Mark): void {
  keep.setItem(PREFIX + plan, `${entries} ${at_ms}`);
}

/** Whether the mark was left so long ago that there may be something to tell. */
export function wasAway(mark: Mark | null, now: Milliseconds): mark is Mark {
  return mark !== null && now - mark.at_ms >= ABSENCE_MS;
}

/** What to tell; `null` where one was not away, or where nobody did anything and nobody asks. */
export function awayOf(
  mark: Mark | null,
  now: Milliseconds,
  items: readonly HistoryItem[],
  me: { member: string | null; participant: string | null },
  commitments: Iterable<CommitmentView>,
): Away | null {
  if (!wasAway(mark, now) || items.length <= mark.entries) return null;
  const counts = new Map<string, number>();
  for (const item of items.slice(mark.entries)) {
    if (item.member === me.member || item.left_out !== null) continue;
    // What only hands out keys tells nobody anything.
    const deeds = item.deeds.filter((deed) => deed.time_ms > 0).length;
    if (deeds > 0) counts.set(item.name, (counts.get(item.name) ?? 0) + deeds);
  }
  const by = [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
  const changes = by.reduce((sum, { count }) => sum + count, 0);
  const { participant } = me;
  const questions =
    participant === null ? 0 : [...commitments].filter((one) => one.waiting_for.includes(participant)).length;
  return changes === 0 ? null : { since_ms: mark.at_ms, changes, by, questions };
}
