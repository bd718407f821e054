/**
 * What changed while somebody was away. How far each log had come is kept on the device; what lies beyond, written by
 * others, is what they have not seen. No clock decides it, save whether one was away at all.
 */
import type { HistoryItem, Milliseconds } from "../core/api";

/** How far one had seen each log, and when that was. */
export interface Seen {
  logs: Record<string, number>;
  at_ms: Milliseconds;
}

/** Shorter than this nobody was away: a lunch is longer. */
const AWAY_MS = 30 * 60_000;

/** What others wrote since; nothing on a first visit, and nothing after a short pause. */
export function whileAway(
  items: readonly HistoryItem[],
  seen: Seen | null,
  me: string | null,
  now_ms: Milliseconds,
): HistoryItem[] {
  if (!seen || now_ms - seen.at_ms < AWAY_MS) return [];
  return items.filter(
    (item) => item.member !== me && item.deeds.length > 0 && item.number > (seen.logs[item.log] ?? -1),
  );
}

/** Everything up to here is seen. */
export function seenOf(items: readonly HistoryItem[], now_ms: Milliseconds): Seen {
  const logs: Record<string, number> = {};
  for (const { log, number } of items) logs[log] = Math.max(logs[log] ?? -1, number);
  return { logs, at_ms: now_ms };
}

/** What was kept, if it can be read. */
export function readSeen(text: string | null): Seen | null {
  if (text === null) return null;
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null || !("logs" in kept) || !("at_ms" in kept)) return null;
    const { logs, at_ms } = kept;
    if (typeof logs !== "object" || logs === null || typeof at_ms !== "number") return null;
    const numbers = Object.entries(logs).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    );
    return { logs: Object.fromEntries(numbers), at_ms };
  } catch {
    return null;
  }
}
