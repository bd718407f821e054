import { describe, expect, it } from "vitest";

import type { CommitmentView, Deed, HistoryItem } from "../../core/api";
import { awayOf, readMark, writeMark } from "./away";
import { countKinds, historyDays, readEntity, writeEntity } from "./history";

const NOON = new Date(2027, 1, 9, 12).getTime();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let number = 0;
function item(name: string, deeds: Partial<Deed>[], more: Partial<HistoryItem> = {}): HistoryItem {
  number += 1;
  return {
    entry: `e${number}`,
    log: name,
    number,
    member: name,
    name,
    document: null,
    left_out: null,
    deeds: deeds.map((deed) => ({ what: "add", entities: [], time_ms: NOON, ...deed })),
    ...more,
  };
}
const note = (id: string) => ({ kind: "note" as const, id });

describe("history", () => {
  it("is by day, the newest first, and joins what one person did alike in a row", () => {
    const days = historyDays([
      item("Rektor", [{ entities: [note("a")] }]),
      item("Rektor", [{ entities: [note("b"), note("a")], time_ms: NOON + 5 * MINUTE }]),
      item("Kurator", [{ what: "promise", time_ms: NOON + 6 * MINUTE }]),
      item("Rektor", [{ entities: [note("c")], time_ms: NOON + DAY }]),
    ]);
    expect(days.map(({ date, lines }) => [date, lines.map((line) => `${line.name} ${line.what}`)])).toEqual([
      ["2027-02-10", ["Rektor add"]],
      ["2027-02-09", ["Kurator promise", "Rektor add"]],
    ]);
    expect(days[1]?.lines[1]).toMatchObject({ times: 2, entities: [note("a"), note("b")] });
  });

  it("does not join across a pause, nor what does not count", () => {
    const [day] = historyDays([
      item("A", [{}]),
      item("A", [{ time_ms: NOON + 11 * MINUTE }]),
      item("A", [{ time_ms: NOON + 12 * MINUTE }], { left_out: "removed" }),
    ]);
    expect(day?.lines.map(({ leftOut }) => leftOut)).toEqual(["removed", null, null]);
  });

  it("puts what says no time beside what came before it, and leaves keys out", () => {
    const days = historyDays([
      item("A", [{ what: "genesis", time_ms: 0 }]),
      item("A", [{}]),
      item("A", [{ what: "invite", time_ms: 0 }]),
      item("A", [{ what: "epoch", time_ms: 0 }]),
    ]);
    expect(days.map(({ date, lines }) => [date, lines.map(({ what }) => what)])).toEqual([
      ["2027-02-09", ["invite", "add"]],
      [null, ["genesis"]],
    ]);
  });

  it("marks what came after the last visit by arrival, not by clocks", () => {
    const late = item("Tablet", [{ what: "edit", time_ms: NOON - DAY }]);
    const days = historyDays([item("A", [{}]), late], 1);
    expect(days.flatMap(({ lines }) => lines.map(({ what, fresh }) => [what, fresh]))).toEqual([
      ["add", false],
      ["edit", true],
    ]);
  });

  it("counts what was touched, and names a thing in an address", () => {
    const entities = [note("a"), { kind: "goal" as const, id: "g" }, note("b")];
    expect(countKinds(entities)).toEqual([
      { kind: "note", count: 2 },
      { kind: "goal", count: 1 },
    ]);
    const kinds = ["note", "goal"] as const;
    expect(readEntity(writeEntity({ kind: "goal", id: "g:1" }), kinds)).toEqual({ kind: "goal", id: "g:1" });
    expect(readEntity("relay:x", kinds)).toBeNull();
    expect(readEntity(null, kinds)).toBeNull();
  });
});

describe("while one was away", () => {
  const me = { member: "me", participant: "p-11" };
  const waiting = [{ waiting_for: ["p-11"] }, { waiting_for: ["p-01"] }] as CommitmentView[];
  const items = [
    item("old", [{}]),
    item("me", [{}]),
    item("Rektor", [{}, {}]),
    item("Kurator", [{}]),
    item("Rektor", [{ what: "epoch", time_ms: 0 }]),
  ];

  it("counts what others did since, and what waits for me", () => {
    expect(awayOf({ entries: 1, at_ms: 0 }, DAY, items, me, waiting)).toEqual({
      since_ms: 0,
      changes: 3,
      by: [
        { name: "Rektor", count: 2 },
        { name: "Kurator", count: 1 },
      ],
      questions: 1,
    });
  });

  it("says nothing after a moment, on a first visit, or when nobody did anything", () => {
    expect(awayOf({ entries: 1, at_ms: DAY - MINUTE }, DAY, items, me, waiting)).toBeNull();
    expect(awayOf(null, DAY, items, me, waiting)).toBeNull();
    expect(awayOf({ entries: 4, at_ms: 0 }, DAY, items, me, waiting)).toBeNull();
  });

  it("keeps its mark", () => {
    const kept = new Map<string, string>();
    const keep = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    expect(readMark(keep, "p")).toBeNull();
    writeMark(keep, "p", { entries: 7, at_ms: 42 });
    expect(readMark(keep, "p")).toEqual({ entries: 7, at_ms: 42 });
  });
});
