import { describe, expect, it } from "vitest";

import type { Command, CommitmentView, Outcome } from "../../core/api";
import { blankCommitment } from "../../core/testing/blank";
import { speechOf } from "../../i18n/intl";
import type { People, Person } from "../people";
import { actionsOf } from "./actions";
import { begin, draftOf, editOf, EMPTY_DRAFT } from "./draft";
import { byMonth, counts, type Filters, filtered, grouped, readFilters, writeFilters } from "./filters";
import { detailOf } from "./reading";
import { promiseText } from "./words";

const speech = speechOf("sv-FI", "2027-02-01");
const hem = { id: "o-hem", name: "Hemservicen", colour: 1 };
const me: Person = { id: "p-11", called: "Familjearbetare", role: "", organisation: hem, me: true };
const colleague: Person = { ...me, id: "p-12", called: "Teamledare", me: false };
const persons = new Map([me, colleague].map((person) => [person.id, person]));
const nobody: Person = { id: "", called: "någon", role: "", organisation: null, me: false };
const people: People = {
  me,
  all: [me, colleague],
  organisations: [hem],
  person: (id) =>
    (id === null ? undefined : persons.get(id)) ?? { ...nobody, id: id ?? "", called: id ?? "" },
  organisation: (id) => (id === hem.id ? hem : null),
};
const around = { people, goals: new Map([["g-1", "Trygga kvällar"]]) };
const all: Filters = { show: "all", organisation: "", goal: "", text: "", by: "turn" };

describe("a list of commitments", () => {
  it("knows what is mine, ours, waits for me, and is late", () => {
    const views = [
      view("mine", { owner: "p-11" }),
      view("helping", { owner: "p-02", with: ["p-11"] }),
      view("ours", { owner: "p-12", owner_org: "o-hem" }),
      view("turn", { owner: "p-02", waiting_for: ["p-11"] }),
      view("late", { owner: "p-02", overdue: true }),
    ];
    const shown = (show: Filters["show"]) => ids(filtered(views, { ...all, show }, around));
    expect(shown("mine")).toEqual(["helping", "mine"]);
    expect(shown("ours")).toEqual(["helping", "mine", "ours"]);
    expect(shown("waiting")).toEqual(["turn"]);
    expect(shown("overdue")).toEqual(["late"]);
    expect(counts(views, all, around)).toEqual({ all: 5, mine: 2, ours: 3, waiting: 1, overdue: 1 });
  });

  it("is found by any words of it, and of who and what it is for", () => {
    const views = [view("a", { title: "Ordna kvällscafé", owner: "p-12", goals: ["g-1"] }), view("b", {})];
    for (const text of ["kvällscafé", "TEAMLEDARE café", "trygga"]) {
      expect(ids(filtered(views, { ...all, text }, around))).toEqual(["a"]);
    }
    expect(filtered(views, { ...all, text: "café simhall" }, around)).toEqual([]);
  });

  it("keeps its filters in the address, and what is as usual out of it", () => {
    const filters: Filters = { show: "ours", organisation: "o-hem", goal: "g-1", text: "kväll", by: "goal" };
    expect(readFilters(writeFilters(filters))).toEqual(filters);
    expect(Object.values(writeFilters(all)).join("")).toBe("");
    expect(readFilters({ show: "nonsense", by: "nonsense" })).toEqual(all);
  });

  it("puts one's own turn first and what is over last, each by date", () => {
    const views = [
      view("over", { state: "accepted" }),
      view("none", {}),
      view("week", { due: "2027-W08" }),
      view("day", { due: "2027-02-10" }),
      view("turn", { waiting_for: ["p-11"] }),
    ];
    const groups = grouped(views, "turn", around, speech).map(({ id, commitments }) => [
      id,
      commitments.map((one) => one.id),
    ]);
    expect(groups).toEqual([
      ["waiting", ["turn"]],
      ["open", ["day", "week", "none"]],
      ["closed", ["over"]],
    ]);
  });

  it("shows by goal what serves two under both, and what serves none last", () => {
    const goals = new Map([
      ["g-1", "Trygga kvällar"],
      ["g-2", "Kortare kö"],
    ]);
    const views = [view("both", { goals: ["g-1", "g-2"] }), view("none", {})];
    const groups = grouped(views, "goal", { people, goals }, speech);
    expect(groups.map(({ title, commitments }) => [title, ids(commitments)])).toEqual([
      ["Kortare kö", ["both"]],
      ["Trygga kvällar", ["both"]],
      ["Utan mål", ["none"]],
    ]);
  });

  it("goes month by month, and gathers what is looked at together on one day", () => {
    const views = [
      view("a", { due: "2027-03-31", follow_up: "2027-02-20" }),
      view("b", { due: "2027-W08", follow_up: "2027-02-20" }),
      view("c", {}),
    ];
    const months = byMonth(views, speech).map(({ id, entries }) => [
      id,
      entries.map(({ what, commitments }) => [what, ids(commitments)]),
    ]);
    expect(months).toEqual([
      [
        "2027-02",
        [
          ["follow_up", ["a", "b"]],
          ["due", ["b"]],
        ],
      ],
      ["2027-03", [["due", ["a"]]]],
      ["", [["due", ["c"]]]],
    ]);
  });
});

it("shows one thing to do first, and what ends it last", () => {
  const may = new Set(["log", "report_done", "renegotiate", "propose_due", "hand_over", "withdraw", "with"]);
  const { primary, beside, more } = actionsOf(view("a", { state: "under_way" }), may);
  expect(primary).toBe("report_done");
  expect(beside).toEqual(["log", "renegotiate"]);
  expect(more).toEqual(["hand_over", "with", "withdraw"]);
});

it("says a commitment as the promise that it is", () => {
  const promised = view("a", { title: "ordna kvällscafé", owner: "p-12", state: "promised" });
  expect(promiseText(promised, people, speech)).toBe("Teamledare lovar nätverket: ordna kvällscafé");
  const mine = { ...promised, owner: "p-11", requester: "p-12" };
  expect(promiseText(mine, people, speech)).toBe("Du lovar Teamledare: ordna kvällscafé");
});

it("is made from a note in one act, which the note then knows", async () => {
  const commands: Command[] = [];
  const execute = (command: Command): Promise<Outcome> => {
    commands.push(command);
    return Promise.resolve({ entities: [{ kind: "commitment", id: "c-1" }], remarks: [] });
  };
  const draft = { ...EMPTY_DRAFT, title: " Ordna café ", owner: "p-11", from_notes: ["n-1"] };
  expect((await begin(draft, "promise", "sv", execute)).id).toBe("c-1");
  expect(commands).toEqual([
    {
      command: "add",
      kind: "commitment",
      fields: { kind: "promise", requester: "network", title: { sv: "Ordna café" }, from_notes: ["n-1"] },
    },
    {
      command: "members",
      entity: { kind: "note", id: "n-1" },
      field: "promoted_to",
      add: { "c-1": true },
      remove: [],
    },
    { command: "commitment", id: "c-1", event: { type: "promise" } },
  ]);
});

it("keeps what others wrote while its words were being changed", () => {
  const opened = view("a", { texts: { title: { sv: "Ordna café" } } });
  const before = draftOf(opened, detailOf(opened).texts, "sv");
  const meanwhile = detailOf(view("a", { texts: { title: { sv: "Ordna café i byn" } } })).texts;
  const edit = editOf("a", before, { ...before, title: "Ordna kvällscafé" }, meanwhile, "sv");
  expect(edit).toMatchObject({ fields: { title: { sv: "Ordna kvällscafé i byn" } } });
  expect(editOf("a", before, before, meanwhile, "sv")).toBeNull();
});

function view(id: string, more: Partial<CommitmentView>): CommitmentView {
  return { ...blankCommitment, id, title: id, titles: {}, state: "under_way", ...more };
}

function ids(views: readonly CommitmentView[]): string[] {
  return views.map(({ id }) => id).sort();
}
