import { describe, expect, it } from "vitest";

import type { CommitmentView } from "../core/api";
import { chosen, type Filter, grouped, months } from "./commitments";
import type { Person } from "./people";
import { blankCommitment } from "../core/testing/blank";

const me: Person = {
  id: "p-11",
  called: "Familjearbetare",
  role: "",
  organisation: { id: "o-hem", name: "Hemservicen", colour: 1 },
  me: true,
};
const all: Filter = { list: "all", organisation: null, goal: null };

describe("a list of commitments", () => {
  it("has the nearest date first, weeks at the end of their month, none last", () => {
    const views = [
      view("a", { due: null }),
      view("b", { due: "2027-W08" }),
      view("c", { due: "2027-02-10" }),
    ];
    expect(ids(chosen(views, all, me))).toEqual(["c", "b", "a"]);
  });

  it("knows what is mine, ours, waits for me, and is late", () => {
    const views = [
      view("mine", { owner: "p-11" }),
      view("helping", { owner: "p-02", with: ["p-11"] }),
      view("ours", { owner: "p-12", owner_org: "o-hem" }),
      view("turn", { owner: "p-02", waiting_for: ["p-11"] }),
      view("late", { owner: "p-02", overdue: true }),
    ];
    const listed = (list: Filter["list"]) => ids(chosen(views, { ...all, list }, me)).sort();
    expect(listed("mine")).toEqual(["helping", "mine"]);
    expect(listed("ours")).toEqual(["ours"]);
    expect(listed("waiting")).toEqual(["turn"]);
    expect(listed("overdue")).toEqual(["late"]);
    expect(ids(chosen(views, { ...all, list: "mine" }, null))).toEqual([]);
  });

  it("is narrowed by organisation and goal together", () => {
    const views = [
      view("a", { owner_org: "o-skola", goals: ["g-1"] }),
      view("b", { owner_org: "o-skola", goals: ["g-2"] }),
      view("c", { owner_org: "o-hem", goals: ["g-1"] }),
    ];
    expect(ids(chosen(views, { list: "all", organisation: "o-skola", goal: "g-1" }, me))).toEqual(["a"]);
  });

  it("puts one's own turn first and what is over last", () => {
    const views = [
      view("over", { state: "accepted", waiting_for: ["p-11"] }),
      view("open", {}),
      view("turn", { waiting_for: ["p-11"] }),
    ];
    const { turn, open, closed } = grouped(views, me);
    expect([ids(turn), ids(open), ids(closed)]).toEqual([["turn"], ["open"], ["over"]]);
  });
});

it("a timeline has every month from the first to the last", () => {
  const views = [
    view("a", { due: "2026-12-20" }),
    view("b", { due: "2027-02-26" }),
    view("c", { due: null }),
  ];
  expect(months(views).map(({ month, commitments }) => [month, ids(commitments)])).toEqual([
    ["2026-12", ["a"]],
    ["2027-01", []],
    ["2027-02", ["b"]],
    [null, ["c"]],
  ]);
});

function ids(views: readonly CommitmentView[]) {
  return views.map(({ id }) => id);
}

function view(id: string, fields: Partial<CommitmentView>): CommitmentView {
  return {
    ...blankCommitment,
    id,
    title: id,
    titles: { sv: id },
    done_when: "",
    next_step: "",
    owner: null,
    owner_org: null,
    asked: null,
    with: [],
    requester: null,
    due: null,
    follow_up: null,
    goals: [],
    from_notes: [],
    state: "promised",
    state_word: "lovat",
    overdue: false,
    times_moved: 0,
    days_moved: 0,
    proposals: [],
    moves: [],
    counter: null,
    mandate: "own_work",
    merged_into: null,
    waiting_for: [],
    talk: [],
    stated: false,
    similar: [],
    ...fields,
  };
}
