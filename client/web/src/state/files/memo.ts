/** What a printed memo holds, put together from the plan's tables. */
import type { CommitmentView, State } from "../../core/api";
import { type GoalCard, goalsOf } from "../goals/goals";
import { type People, type Person } from "../people";
import type { Tables } from "../tables";

export interface MemoPerson {
  words: string;
  organisation: string;
}

export interface MemoCommitment {
  id: string;
  title: string;
  doneWhen: string;
  due: string | null;
  state: string;
  /** Whether its box is ticked already. */
  done: boolean;
  owner: MemoPerson | null;
  with: string[];
}

export interface Memo {
  title: string;
  purpose: string;
  goals: GoalCard[];
  themes: { title: string; notes: number }[];
  commitments: MemoCommitment[];
}

const OVER: readonly State[] = ["withdrawn", "cancelled", "declined", "merged"];

/** With `names`, people are called by name; without, by what they do, as exports do. */
export function memoOf(
  tables: Tables,
  people: People,
  key: string,
  names: boolean,
  compare: (a: string, b: string) => number,
): Memo {
  const notes = new Map<string, number>();
  for (const note of tables.notes.values()) {
    if (note.cluster !== null && note.state !== "archived") {
      notes.set(note.cluster, (notes.get(note.cluster) ?? 0) + 1);
    }
  }
  const say = (person: Person) => (names ? person.called : person.role || person.called);
  const read = (one: CommitmentView): MemoCommitment => {
    const owner = one.owner === null ? null : people.person(one.owner);
    return {
      id: one.id,
      title: one.title,
      doneWhen: one.done_when,
      due: one.due,
      state: one.state_word,
      done: one.state === "accepted",
      owner: owner && {
        words: say(owner),
        organisation: owner.organisation?.name ?? people.organisation(one.owner_org)?.name ?? "",
      },
      with: one.with.map((id) => say(people.person(id))),
    };
  };
  return {
    title: tables.plan?.title ?? "",
    purpose: tables.plan?.purpose ?? "",
    goals: goalsOf(tables, key),
    themes: [...tables.clusters.values()]
      .filter((cluster) => cluster.target === cluster.id && notes.has(cluster.id))
      .map((cluster) => ({ title: cluster.title, notes: notes.get(cluster.id) ?? 0 }))
      .sort((a, b) => b.notes - a.notes || compare(a.title, b.title)),
    commitments: [...tables.commitments.values()]
      .filter((one) => one.merged_into === null && !OVER.includes(one.state))
      .map(read)
      .sort((a, b) => (a.due ?? "9").localeCompare(b.due ?? "9") || compare(a.title, b.title)),
  };
}

/** Commitments by the organisation that answers for them, in the order of the language; those of nobody last. */
export function byOrganisation(
  commitments: readonly MemoCommitment[],
  compare: (a: string, b: string) => number,
): { organisation: string; commitments: MemoCommitment[] }[] {
  const groups = new Map<string, MemoCommitment[]>();
  for (const one of commitments) {
    const name = one.owner?.organisation ?? "";
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups]
    .map(([organisation, theirs]) => ({ organisation, commitments: theirs }))
    .sort(
      (a, b) =>
        Number(a.organisation === "") - Number(b.organisation === "") ||
        compare(a.organisation, b.organisation),
    );
}
