/**
 * What the plan holds, as Rust gives it: field names in snake_case, as serde writes them.
 * Times are Unix milliseconds, dates ISO (`2027-03-31`) or weeks (`2027-W08`), texts by language key (`sv`, `fi`, `en`).
 */

export type Texts = Record<string, string>;
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Language = "sv-FI" | "sv-SE" | "fi" | "en";

export type Kind =
  | "meta"
  | "organisation"
  | "participant"
  | "meeting"
  | "goal"
  | "indicator"
  | "commitment"
  | "decision"
  | "follow_up"
  | "tie"
  | "board"
  | "relay"
  | "note"
  | "cluster"
  | "stage"
  | "vote";

export interface EntityRef {
  kind: Kind;
  /** `self` for the plan or a board itself. */
  id: string;
}

export type State =
  | "suggested"
  | "requested"
  | "promised"
  | "under_way"
  | "reported_done"
  | "accepted"
  | "declined"
  | "withdrawn"
  | "cancelled"
  | "needs_talk"
  | "merged";

/** What can happen to a commitment. */
export type CommitmentEvent =
  | { type: "suggest" }
  | { type: "request"; to: string }
  | { type: "promise"; subject_to?: "organisation" | null }
  | { type: "decline"; reason?: string | null }
  | { type: "counter_offer"; text?: Texts; due?: string | null }
  | { type: "organisation_confirmed" }
  | { type: "organisation_refused"; reason?: string | null }
  | { type: "start" }
  | { type: "log"; text: Texts }
  | { type: "renegotiate"; old?: string | null; new: string; reason?: string | null }
  | { type: "propose_due"; due: string; reason?: string | null }
  | { type: "keep_due" }
  | { type: "agree" }
  | { type: "hand_over"; to: string; reason?: string | null }
  | { type: "report_done"; evidence?: Texts }
  | { type: "accept" }
  | { type: "not_yet"; reason?: string | null }
  | { type: "withdraw"; reason?: string | null }
  | { type: "cancel"; reason?: string | null }
  | { type: "settle_talk"; state: State }
  | { type: "settle_owner"; owner: string }
  | { type: "revise"; field: string; value: Json; replaces?: string[] }
  | { type: "with"; add?: string[]; remove?: string[] }
  | { type: "merge"; into: string };

export type CommitmentEventName = CommitmentEvent["type"];

/** What a person does. A command that does not fit changes nothing and is refused with a sentence. */
export type Command =
  | { command: "profile"; name: string; organisation: string; role_title: string; language: string }
  | { command: "add"; kind: Kind; id?: string | null; board?: string | null; fields: Record<string, Json> }
  | { command: "edit"; entity: EntityRef; fields: Record<string, Json> }
  | { command: "members"; entity: EntityRef; field: string; add: Record<string, Json>; remove: string[] }
  | { command: "settle"; entity: EntityRef; field: string; keep: string }
  | { command: "merge_clusters"; from: string; into: string }
  | { command: "commitment"; id: string; event: CommitmentEvent }
  | { command: "new_board"; title: Texts }
  | { command: "ballot"; vote: string; dots: Record<string, number> }
  | { command: "ballot_for"; vote: string; participant: string; dots: Record<string, number> }
  | { command: "close_vote"; vote: string }
  | { command: "merge_commitments"; from: string; into: string }
  | { command: "agree" }
  | { command: "stance"; decision: string; supports: boolean; text: Texts }
  | { command: "judge"; goal: string; verdict: "nearer" | "same" | "further" | "cannot_tell"; date: string };

export interface Outcome {
  /** What was made or changed, the first one first. */
  entities: EntityRef[];
  /** Remarks for the person: a personal identity code in a text, say. */
  remarks: string[];
}

/** One of several answers to one question; `id` settles it. */
export interface Answer {
  id: string;
  value: Json;
}

export interface OpenQuestion {
  entity: EntityRef;
  field: string;
  /** The one that is shown comes last. */
  answers: Answer[];
}

export interface NoteView {
  id: string;
  text: string;
  texts: Texts;
  /** The cluster that it shows in, redirections followed. */
  cluster: string | null;
  state: string;
  colour: string | null;
  author: string | null;
  board: string;
  promoted_to: string[];
  archived_and_edited: boolean;
}

export interface DueProposal {
  record: string;
  due: string;
  by: string | null;
  reason: string | null;
}

export interface DueMove {
  record: string;
  from: string | null;
  to: string;
  by: string | null;
  reason: string | null;
  agreed: boolean;
}

export interface Counter {
  record: string;
  text: Texts;
  due: string | null;
  by: string | null;
}

export type Mandate = "own_work" | "needs_organisation" | "confirmed" | "refused";

export interface CommitmentView {
  id: string;
  title: string;
  titles: Texts;
  done_when: string;
  next_step: string;
  owner: string | null;
  owner_org: string | null;
  asked: string | null;
  with: string[];
  requester: string | null;
  due: string | null;
  follow_up: string | null;
  goals: string[];
  from_notes: string[];
  state: State;
  state_word: string;
  overdue: boolean;
  times_moved: number;
  days_moved: number;
  proposals: DueProposal[];
  moves: DueMove[];
  counter: Counter | null;
  mandate: Mandate;
  merged_into: string | null;
  waiting_for: string[];
  talk: string[];
  stated: boolean;
  similar: string[];
}

export interface EventView {
  record: string;
  event: CommitmentEvent;
  by: string | null;
  time_ms: number;
  stated_at: string | null;
  stated: boolean;
  ineffective: string | null;
}

/** What one entry did, for histories: `what` is a command's or an event's name. */
export interface Deed {
  what: string;
  entities: EntityRef[];
  time_ms: number;
}
