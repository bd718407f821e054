/**
 * What the plan holds, as Rust gives it: field names in snake_case, as serde writes them. `generated/` comes from the
 * Rust types (`cargo xtask web` writes it anew); here are only the names by which screens know them.
 *
 * Times are Unix milliseconds, dates ISO (`2027-03-31`) or weeks (`2027-W08`), texts by language key (`sv`, `fi`, `en`).
 */

import type * as Rust from "./generated";
import type { JsonValue } from "./generated/serde_json/JsonValue";

export type {
  Agreement,
  Answer,
  BoardView,
  Changed,
  ClusterView,
  Counter,
  DecisionView,
  Delta,
  Dissent,
  DueMove,
  DueProposal,
  EntityRef,
  EntityView,
  EventView,
  FollowUpView,
  GoalView,
  IndicatorView,
  Judgement,
  Kind,
  Mandate,
  Markers,
  Measure,
  MeetingView,
  NoteView,
  OpenQuestion,
  OrganisationView,
  Outcome,
  Period,
  Position,
  RelayView,
  Speaker,
  StageView,
  Stance,
  State,
  TieStatement,
  TieView,
  VoteView,
} from "./generated";

export type Texts = Record<string, string>;
export type Json = JsonValue;
export type Language = "sv-FI" | "sv-SE" | "fi" | "en";

/** Rust takes what is missing for null, and an event's texts for none. */
type Lenient<T> = T extends unknown ? Omit<T, Missable<T>> & Partial<Pick<T, Missable<T>>> : never;
type Missable<T> = { [K in keyof T]-?: null extends T[K] ? K : never }[keyof T];
type MissableTexts<T> = T extends { type: "counter_offer" | "report_done" }
  ? Omit<T, "text" | "evidence"> & { text?: Texts; evidence?: Texts }
  : T;

/** What can happen to a commitment. */
export type CommitmentEvent = MissableTexts<Lenient<Rust.Event>>;
export type CommitmentEventName = Rust.Event["type"];

/** What a person does. A command that does not fit changes nothing and is refused with a sentence. */
export type Command = WithEvent<Lenient<Rust.Command>>;
type WithEvent<T> = T extends { event: unknown } ? Omit<T, "event"> & { event: CommitmentEvent } : T;

/** A note with its place on the wall. */
export interface NoteCard extends Rust.NoteView {
  x: number | null;
  y: number | null;
  width: number | null;
  height: number | null;
  /** Every field, as exports give it. */
  fields: Record<string, Json>;
}

export interface ClusterCard extends Rust.ClusterView {
  titles: Texts;
  /** The cluster that it became part of in the end; its own id if none. */
  target: string;
  x: number | null;
  y: number | null;
  width: number | null;
  height: number | null;
  fields: Record<string, Json>;
}

export type CommitmentView = Rust.CommitmentView & {
  /** The title in all languages, as in `texts.title`. */
  titles: Texts;
};

export type ParticipantView = Rust.ParticipantView & {
  organisation_name: string;
  /** Members who speak for it; none for somebody without a device. */
  members: string[];
  /** What they are called: the name of whoever speaks for it, or else the role. */
  called: string;
};

export type PlanView = Rust.PlanView & {
  titles: Texts;
  fields: Record<string, Json>;
  /** How many things there are, by the name of their list (`notes`, `goals`, …). */
  counts: Record<string, number>;
};

/** A thing with its fields as exports give them: texts by language, sets as lists of ids, single values settled. */
export interface Thing {
  kind: Rust.Kind;
  id: string;
  /** On which board, for what lives on boards. */
  board: string | null;
  fields: Record<string, Json>;
  /** What `plan` shows of it; `view.kind` says which view it is. */
  view: Rust.EntityView;
}

/** What one entry did, for histories: `what` is a command's or an event's name. */
export interface Deed {
  what: string;
  entities: Rust.EntityRef[];
  time_ms: number;
}
