import { describe, expect, it } from "vitest";

import type { CommitmentView, Json, Thing } from "../../core/api";
import { EMPTY } from "../tables";
import {
  attachCommand,
  goalCommand,
  goalsOf,
  indicatorCommand,
  indicatorOf,
  parseNumber,
  wayOf,
} from "./goals";
import { judgementsIn } from "./judgements";
import { blankThing } from "../../core/testing/blank";

const thing = (kind: "goal" | "indicator", id: string, fields: Record<string, Json>): Thing => ({
  ...blankThing,
  kind,
  id,
  board: null,
  fields,
});

const days = thing("indicator", "i-2", {
  name: { sv: "Median, dagar", en: "Median days" },
  unit: "d",
  baseline: { value: 31, date: "2026-12-31" },
  target: { value: 14, date: "2027-12-31" },
  min_group: 5,
  values: {
    "2027-05-01 b": { value: 19, date: "2027-05-01" },
    "2027-03-24 a": { value: 22, date: "2027-03-24" },
  },
});
const goal = thing("goal", "g-2", {
  statement: { sv: "Första kontakten inom 14 dagar", fi: "Ensikontakti 14 päivässä" },
  level: "outcome",
  accountable_org: "o-hem",
  indicators: ["i-2", "i-gone"],
  markers: { love: ["Ingen väntar"], expect: [] },
});

function tables(goals: Thing[], commitments: Partial<CommitmentView>[] = []) {
  const byId = <View extends { id: string }>(all: View[]) => new Map(all.map((one) => [one.id, one]));
  return {
    ...EMPTY,
    things: { ...EMPTY.things, goal: byId(goals), indicator: byId([days]) },
    commitments: byId(commitments as CommitmentView[]),
  };
}

describe("goals", () => {
  it("are read in the reader's language, or the nearest, with what measures and serves them", () => {
    const serving = [
      { id: "c-1", goals: ["g-2"], merged_into: null },
      { id: "c-2", goals: ["g-2"], merged_into: "c-1" },
      { id: "c-3", goals: [], merged_into: null },
    ];
    const archived = thing("goal", "g-0", { statement: { sv: "Gammalt" }, archived: true });
    const [read, ...more] = goalsOf(tables([goal, archived], serving), "fi");
    expect(more).toEqual([]);
    expect(read).toMatchObject({
      statement: "Ensikontakti 14 päivässä",
      statementKey: "fi",
      level: "outcome",
    });
    expect(read?.indicators.map(({ id, nameKey }) => [id, nameKey])).toEqual([["i-2", "sv"]]);
    expect(read?.servedBy.map(({ id }) => id)).toEqual(["c-1"]);
    expect(read?.markers).toEqual([{ kind: "love", signs: ["Ingen väntar"] }]);
  });

  it("show the latest value by its day, and how far it is along", () => {
    const read = indicatorOf(days, "sv");
    expect(read.latest).toEqual({ value: 19, date: "2027-05-01" });
    expect(read.way).toBeCloseTo(12 / 17);
    expect(wayOf({ value: 10, date: null }, { value: 12, date: null }, { value: 5, date: null })).toBe(-0.4);
    expect(wayOf({ value: 5, date: null }, { value: 12, date: null }, { value: 5, date: null })).toBeNull();
  });

  it("take numbers as people write them", () => {
    expect(["14", "13,5", "1 200", "−3", "", "c:a 4"].map(parseNumber)).toEqual([
      14,
      13.5,
      1200,
      -3,
      null,
      null,
    ]);
  });
});

describe("commands", () => {
  const draft = { statement: " Nytt ", ownWords: "", level: "process" as const, accountable: null };

  it("make a goal with what was filled in", () => {
    expect(goalCommand(draft, null, "sv")).toEqual({
      command: "add",
      kind: "goal",
      fields: { statement: { sv: "Nytt" }, level: "process" },
    });
  });

  it("change only what differs, in the language that was shown, and nothing where nothing does", () => {
    const [before] = goalsOf(tables([goal]), "en");
    if (!before) throw new Error("no goal");
    const same = {
      statement: before.statement,
      ownWords: "",
      level: "outcome" as const,
      accountable: "o-hem",
    };
    expect(goalCommand(same, before, "en")).toBeNull();
    expect(goalCommand({ ...same, statement: "Annat", accountable: null }, before, "en")).toEqual({
      command: "edit",
      entity: { kind: "goal", id: "g-2" },
      fields: { statement: { sv: "Annat" }, accountable_org: null },
    });
  });

  it("make an indicator, change its target, and put it among a goal's", () => {
    const before = indicatorOf(days, "sv");
    const { name, unit, source, baseline } = before;
    const target = { value: 10, date: null };
    expect(indicatorCommand({ name, unit, source, baseline, target }, before, "sv")).toEqual({
      command: "edit",
      entity: { kind: "indicator", id: "i-2" },
      fields: { target: { value: 10 } },
    });
    expect(attachCommand("g-2", "i-3")).toMatchObject({ field: "indicators", add: { "i-3": true } });
  });
});

it("judgements are read from the plan's file, the latest first, and words it does not know are left out", () => {
  const file = {
    goals: {
      "g-1": {
        judgements: [
          { by: "p-1", verdict: "same", date: "2027-03-24" },
          { by: "p-2", verdict: "nearer", date: "2027-06-01" },
          { by: "p-3", verdict: "sideways", date: "2027-06-01" },
        ],
      },
      "g-2": {},
    },
  };
  const read = judgementsIn(file);
  expect(read.get("g-1")?.map(({ by, verdict }) => [by, verdict])).toEqual([
    ["p-2", "nearer"],
    ["p-1", "same"],
  ]);
  expect(read.get("g-2")).toEqual([]);
  expect(judgementsIn(null).size).toBe(0);
});
