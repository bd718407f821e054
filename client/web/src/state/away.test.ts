import { expect, it } from "vitest";

import type { HistoryItem } from "../core/api";
import { readSeen, seenOf, whileAway } from "./away";

const HOUR = 3_600_000;

it("what others wrote beyond what one had seen is what changed meanwhile", () => {
  const before = [item("a", 0, "p-01"), item("b", 3, "me")];
  const seen = seenOf(before, 0);
  const now = [...before, item("a", 1, "p-01"), item("b", 4, "me"), item("c", 0, "p-02")];
  expect(whileAway(now, seen, "me", 2 * HOUR).map(({ entry }) => entry)).toEqual(["a1", "c0"]);
});

it("nobody was away on a first visit, or for a few minutes", () => {
  const now = [item("a", 1, "p-01")];
  expect(whileAway(now, null, "me", 2 * HOUR)).toEqual([]);
  expect(whileAway(now, { logs: {}, at_ms: 0 }, "me", 60_000)).toEqual([]);
});

it("what was kept is read back, and what cannot be read is nothing", () => {
  const seen = seenOf([item("a", 7, null)], 5);
  expect(readSeen(JSON.stringify(seen))).toEqual(seen);
  for (const text of [null, "", "null", "{}", '{"logs":1,"at_ms":2}']) expect(readSeen(text)).toBeNull();
});

function item(log: string, number: number, member: string | null): HistoryItem {
  return {
    entry: `${log}${number}`,
    log,
    number,
    member,
    name: "",
    document: null,
    left_out: null,
    deeds: [{ what: "edit", entities: [], time_ms: 0 }],
  };
}
