/** A commitment as it is being written, and what it makes of the plan. */
import type { Command, CommitmentView, Json, Outcome, Texts } from "../../core/api";
import { keyIn, NETWORK, textIn } from "../people";
import { rebase } from "../rebase";
import { type Detail, TEXT_FIELDS, type TextField } from "./reading";

export interface Draft {
  title: string;
  description: string;
  done_when: string;
  next_step: string;
  support_needed: string;
  obstacle: string;
  /** A participant, `external:…`, or nobody yet. */
  owner: string | null;
  with: string[];
  /** A participant, or the network. */
  requester: string;
  due: string | null;
  follow_up: string | null;
  goals: string[];
  from_notes: string[];
}

export const EMPTY_DRAFT: Draft = {
  title: "",
  description: "",
  done_when: "",
  next_step: "",
  support_needed: "",
  obstacle: "",
  owner: null,
  with: [],
  requester: NETWORK,
  due: null,
  follow_up: null,
  goals: [],
  from_notes: [],
};

/** What a new commitment becomes at once: a promise of mine, a question to somebody, or a suggestion. */
export type Beginning = "promise" | "request" | "suggest";

/** Makes the commitment and takes it its first step; answers its id and what the core remarked. */
export async function begin(
  draft: Draft,
  beginning: Beginning,
  textKey: string,
  execute: (command: Command) => Promise<Outcome>,
): Promise<{ id: string | null; remarks: string[] }> {
  const fields = fieldsOf(draft, beginning, textKey);
  const made = await execute({ command: "add", kind: "commitment", fields });
  const id = made.entities.find((entity) => entity.kind === "commitment")?.id ?? null;
  if (id === null) return { id, remarks: made.remarks };
  for (const note of draft.from_notes) {
    const entity = { kind: "note" as const, id: note };
    await execute({ command: "members", entity, field: "promoted_to", add: { [id]: true }, remove: [] });
  }
  if (beginning === "promise") {
    await execute({ command: "commitment", id, event: { type: "promise" } });
  } else if (beginning === "request" && draft.owner !== null) {
    await execute({ command: "commitment", id, event: { type: "request", to: draft.owner } });
  }
  return { id, remarks: made.remarks };
}

function fieldsOf(draft: Draft, beginning: Beginning, textKey: string): Record<string, Json> {
  const fields: Record<string, Json> = {
    kind: beginning === "request" ? "request" : "promise",
    requester: draft.requester,
  };
  for (const field of TEXT_FIELDS) {
    const text = draft[field].trim();
    if (text !== "") fields[field] = { [textKey]: text };
  }
  // Who is asked owns nothing before they promise; the question itself names them.
  if (draft.owner !== null && beginning === "suggest") fields["owner"] = draft.owner;
  if (draft.due !== null) fields["due"] = draft.due;
  if (draft.follow_up !== null) fields["follow_up"] = draft.follow_up;
  if (draft.with.length > 0) fields["with"] = draft.with;
  if (draft.goals.length > 0) fields["goals"] = draft.goals;
  if (draft.from_notes.length > 0) fields["from_notes"] = draft.from_notes;
  return fields;
}

/** What stands now, to be changed. */
export function draftOf(view: CommitmentView, texts: Detail["texts"], textKey: string): Draft {
  const text = (field: TextField) => textIn(texts[field], textKey);
  return {
    title: text("title"),
    description: text("description"),
    done_when: text("done_when"),
    next_step: text("next_step"),
    support_needed: text("support_needed"),
    obstacle: text("obstacle"),
    owner: view.owner,
    with: [...view.with],
    requester: view.requester ?? NETWORK,
    due: view.due,
    follow_up: view.follow_up,
    goals: [...view.goals],
    from_notes: [...view.from_notes],
  };
}

/**
 * What was changed, as one edit; `null` where nothing was. Texts change in the language that they are shown in, and what
 * others wrote in them since `before` stays.
 */
export function editOf(
  id: string,
  before: Draft,
  after: Draft,
  texts: Record<TextField, Texts>,
  textKey: string,
): Command | null {
  const fields: Record<string, Json> = {};
  for (const field of TEXT_FIELDS) {
    const wanted = after[field].trim();
    if (before[field] === wanted) continue;
    const key = keyIn(texts[field], textKey);
    fields[field] = { [key]: rebase(before[field], texts[field][key] ?? "", wanted).text };
  }
  for (const field of ["requester", "due", "follow_up"] as const) {
    if (before[field] !== after[field]) fields[field] = after[field];
  }
  for (const field of ["with", "goals"] as const) {
    if (!sameSet(before[field], after[field])) fields[field] = after[field];
  }
  if (Object.keys(fields).length === 0) return null;
  return { command: "edit", entity: { kind: "commitment", id }, fields };
}

/** Who joins and who leaves. */
export function withEvent(before: readonly string[], after: readonly string[]) {
  return {
    type: "with" as const,
    add: after.filter((one) => !before.includes(one)),
    remove: before.filter((one) => !after.includes(one)),
  };
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((one) => right.includes(one));
}
