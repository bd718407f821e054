import { expect, it } from "vitest";

import type { ClusterCard, CommitmentView, NoteCard, ParticipantView } from "../../core/api";
import { speechOf } from "../../i18n/intl";
import { peopleOf } from "../people";
import { EMPTY, type Tables } from "../tables";
import { countLines, importRequest } from "./files";
import { byOrganisation, type MemoCommitment, memoOf } from "./memo";

const bytes = (text: string) => new TextEncoder().encode(text);

it("tells JSON from tables by what a file begins with", () => {
  expect(importRequest(bytes('\ufeff \n{"id":1}'), null)).toMatchObject({ format: "json" });
  expect(importRequest(bytes("\ufeffid;åtagande"), "b1")).toMatchObject({ format: "csv", board: "b1" });
  expect(importRequest(new Uint8Array(), null)).toMatchObject({ format: "csv" });
});

it("counts the lines that become notes", () => {
  expect(countLines("en\n\n två \r\n")).toBe(2);
  expect(countLines("  ")).toBe(0);
});

it("puts a memo together: what is still promised by date, by role unless names are wanted", () => {
  const speech = speechOf("sv-FI", "2027-02-01");
  const byId = <View extends { id: string }>(all: Partial<View>[]) =>
    new Map(all.map((one) => [one.id ?? "", one as View]));
  const owner = { id: "p-1", called: "Nora", role_title: "Rektor", organisation: null, me: false };
  const promise = {
    owner: "p-1",
    owner_org: null,
    with: ["p-1"],
    goals: [],
    merged_into: null,
    state: "promised" as const,
  };
  const tables: Tables = {
    ...EMPTY,
    participants: byId<ParticipantView>([owner]),
    clusters: byId<ClusterCard>([
      { id: "a", title: "Ensamhet", target: "a" },
      { id: "b", title: "Ensam", target: "a" },
      { id: "c", title: "Tomt", target: "c" },
    ]),
    notes: byId<NoteCard>([
      { id: "n1", cluster: "a", state: "revealed" },
      { id: "n2", cluster: "a", state: "archived" },
    ]),
    commitments: byId<CommitmentView>([
      { ...promise, id: "c-1", title: "Sen", due: null },
      { ...promise, id: "c-2", title: "Snart", due: "2027-02-26" },
      { ...promise, id: "c-3", title: "Godkänt", due: "2027-03-01", state: "accepted" },
      { ...promise, id: "c-4", title: "Inställt", due: "2027-01-01", state: "cancelled" },
    ]),
  };
  const memo = (names: boolean) => memoOf(tables, peopleOf(tables, speech), "sv", names, speech.compare);
  expect(memo(false).themes).toEqual([{ title: "Ensamhet", notes: 1 }]);
  expect(memo(false).commitments.map(({ title, done }) => [title, done])).toEqual([
    ["Snart", false],
    ["Godkänt", true],
    ["Sen", false],
  ]);
  expect(memo(false).commitments[0]?.owner?.words).toBe("Rektor");
  expect(memo(true).commitments[0]).toMatchObject({ owner: { words: "Nora" }, with: ["Nora"] });
});

it("lists commitments by organisation, those of nobody last", () => {
  const of = (id: string, organisation: string | null): MemoCommitment => ({
    id,
    title: id,
    doneWhen: "",
    due: null,
    state: "",
    done: false,
    owner: organisation === null ? null : { words: "Rektor", organisation },
    with: [],
  });
  const { compare } = speechOf("sv-FI", "2027-02-01");
  const groups = byOrganisation(
    [of("1", null), of("2", "Ängens skola"), of("3", "Barnrådgivningen"), of("4", "Ängens skola")],
    compare,
  );
  expect(
    groups.map(({ organisation, commitments }) => [organisation, commitments.map(({ id }) => id)]),
  ).toEqual([
    ["Barnrådgivningen", ["3"]],
    ["Ängens skola", ["2", "4"]],
    ["", ["1"]],
  ]);
});
