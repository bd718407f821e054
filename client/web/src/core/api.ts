/**
 * What the screens may ask of the core, and what it tells them. `connectCore()` in `client.ts` gives a `Core`; the
 * replica itself (Rust) runs in a worker. Nothing here waits for the network unless it says so.
 *
 * Every call that fails rejects with a `CoreError`: `message` is a sentence for people (English, from Rust), `code`
 * says which kind.
 */

import type {
  ClusterCard,
  Command,
  CommitmentEventName,
  CommitmentView,
  Deed,
  EntityRef,
  EventView,
  Json,
  Kind,
  Language,
  NoteCard,
  OpenQuestion,
  Outcome,
  ParticipantView,
  PlanView,
  Thing,
} from "./types";

export type * from "./types";

/** A plan's id: hexadecimal. */
export type PlanId = string;
/** Unix milliseconds. */
export type Milliseconds = number;

/** Who this device belongs to. The same for all plans on it; each plan keeps what it was told when one came in. */
export interface Identity {
  name: string;
  organisation: string;
  role_title: string;
  language: Language;
}

export type PlanState = "ready" | "joining" | "refused";

/** A plan on this device, without opening it. */
export interface PlanInfo {
  id: PlanId;
  /** Empty while this device is not in yet. */
  title: string;
  state: PlanState;
  /** Whether it was made from the sample on this device. */
  sample: boolean;
}

/** What an opened plan is, and who one is in it. */
export interface PlanOpened {
  id: PlanId;
  /** False while everything is still on its way (just admitted, or not in yet). */
  ready: boolean;
  title: string;
  /** This device's member, once it is in. */
  member: string | null;
  /** The participant of the plan that this member is. */
  participant: string | null;
  /** What this device may do; `null` when it is not in (any more). */
  role: Role | null;
  /** The boards, the first one first. */
  boards: string[];
}

export type Role = "reader" | "editor" | "admin" | "relay";

/** What stands in a link, before anybody knocks. */
export interface Invitation {
  plan: PlanId;
  relays: string[];
  /** Whether this device is in that plan already, or at its door. */
  known: PlanState | null;
}

export type KnockState = "not_sent" | "waiting" | "admitted" | "refused" | "expired";

/** How coming in stands. */
export interface JoinState {
  plan: PlanId;
  state: KnockState;
  /** Digits that the admin's screen shows too. */
  check_code: string | null;
}

/** What happened to one thing: its view as it is now, or `null` where there is none (any more). */
export type EntityUpdate =
  | { kind: "note"; id: string; view: NoteCard | null }
  | { kind: "commitment"; id: string; view: CommitmentView | null }
  | { kind: "cluster"; id: string; view: ClusterCard | null }
  | { kind: "participant"; id: string; view: ParticipantView | null }
  | { kind: "meta"; id: string; view: PlanView | null }
  | {
      kind: Exclude<Kind, "note" | "commitment" | "cluster" | "participant" | "meta">;
      id: string;
      view: Thing | null;
    };

/** Questions to the plan: what goes in, what comes out. All answer from memory. */
export interface Views {
  plan: { query: Record<string, never>; answer: PlanView };
  /** All notes, archived ones too; of one board or of all. */
  notes: { query: { board?: string }; answer: NoteCard[] };
  clusters: { query: { board?: string }; answer: ClusterCard[] };
  commitments: { query: Record<string, never>; answer: CommitmentView[] };
  commitment: { query: { id: string }; answer: CommitmentView | null };
  /** What happened to a commitment, causes before effects. */
  commitment_events: { query: { id: string }; answer: EventView[] };
  /** Which events this member may cause now: `may` of the commitment's view. */
  commitment_choices: { query: { id: string }; answer: CommitmentEventName[] };
  participants: { query: Record<string, never>; answer: ParticipantView[] };
  things: { query: { kind: Kind; board?: string }; answer: Thing[] };
  thing: { query: { kind: Kind; id: string }; answer: Thing | null };
  questions: { query: Record<string, never>; answer: OpenQuestion[] };
  /** Whether this member may settle which of several answers holds. */
  may_settle: { query: { entity: EntityRef }; answer: boolean };
  /** Words in a text that look like a personal identity code or the like. */
  privacy_hints: { query: { text: string }; answer: string[] };
}

export type ViewName = keyof Views;

export interface Member {
  id: string;
  name: string;
  organisation: string;
  role_title: string;
  participant: string | null;
  role: Role;
  is_in: boolean;
  me: boolean;
  admitted_by: string | null;
  devices: { id: string; is_in: boolean; this_device: boolean }[];
  /** When one of their devices last said what it has, by its own clock. */
  last_seen_ms: Milliseconds | null;
}

/** Somebody at the door. */
export interface Knock {
  device: string;
  name: string;
  organisation: string;
  role_title: string;
  check_code: string;
  made_ms: Milliseconds;
  role: Role | null;
  /** Why they cannot be let in, if so. */
  closed: string | null;
}

export interface Invite {
  id: string;
  role: Role;
  expires_at_ms: Milliseconds;
  uses: number;
  used: number;
  closed: string | null;
  /** The link, where this device made it: `https://relay/#/join/…`. */
  link: string | null;
}

/** Something that was written before its author heard of being removed; an admin decides. */
export interface LateEntry {
  id: string;
  log: string;
  number: number;
  member: string | null;
  reason: string;
}

export type Connection = "connecting" | "connected" | "waiting" | "offline";

export interface RelayStatus {
  url: string;
  connected: boolean;
  /** How this tab's socket stands; `waiting` until the next attempt. */
  connection: Connection;
  /** Entries of this device's plan that it lacks, as far as is known. */
  lacking: number;
  lacking_own: number;
  last_contact_ms: Milliseconds | null;
  /** Whether it ever told what it has. */
  known: boolean;
  /** Why it last refused or broke off, as a sentence. */
  trouble: string | null;
}

export interface DeviceStatus {
  device: string;
  member: string;
  lacking_own: number;
  lacking: number;
  said_ms: Milliseconds | null;
}

/** What is where. Every number is a fact: a durable write, an acknowledgement, a signed receipt. */
export interface Status {
  entries_here: number;
  /** Entries whose headers are here and whose bodies are not (yet). */
  bodyless: number;
  /** Edits on the screen that are not durable yet. */
  unsaved: number;
  /** Entries written on this device that no relay is known to have. */
  only_here: number;
  relays: RelayStatus[];
  /** Each device of each other current member. */
  devices: DeviceStatus[];
  quarantined: number;
  unreadable: number;
  waiting: number;
  /** Why the last write failed, while it has not been made good. */
  store_failure: string | null;
}

/** What the browser says of the room that it gives, and whether it may evict. */
export interface StorageInfo {
  persisted: boolean;
  usage_bytes: number | null;
  quota_bytes: number | null;
}

export type ExportRequest =
  | { format: "json" }
  | { format: "markdown" }
  | { format: "csv"; table: "commitments" | "notes" | "ties" | "indicators" }
  /** `neutral`: entries say only that something is due. */
  | { format: "ics"; participant?: string; neutral?: boolean }
  | { format: "automerge"; board?: string };

export interface ExportedFile {
  name: string;
  type: string;
  bytes: Uint8Array;
}

export type ImportRequest =
  /** A plan as JSON, or a Trello board. */
  | { format: "json"; bytes: Uint8Array; board?: string }
  | { format: "csv"; bytes: Uint8Array; board?: string }
  /** Each line becomes a note. */
  | { format: "lines"; text: string; board?: string };

/** What one entry did. */
export interface HistoryItem {
  entry: string;
  log: string;
  number: number;
  member: string | null;
  name: string;
  document: string | null;
  /** Why it does not count, if it does not. */
  left_out: string | null;
  deeds: Deed[];
}

export interface Fault {
  entry: string;
  log: string;
  number: number;
  reason: string;
}

export interface VerifyReport {
  entries: number;
  opened: number;
  without_body: number;
  faults: Fault[];
  left_out: Fault[];
  void_operations: { entry: string; reason: string }[];
  sound: boolean;
}

/** What the core tells of its own accord. `plan` says which plan is meant. */
export type CoreEvent =
  /** Things changed, by this tab, another tab or somebody else. With `everything`, ask all views anew. */
  | { type: "changed"; plan: PlanId; everything: boolean; updates: EntityUpdate[] }
  /** `status(plan)` may read differently. At most one in 100 ms. */
  | { type: "status"; plan: PlanId }
  | { type: "membership"; plan: PlanId }
  | { type: "knock"; plan: PlanId; device: string }
  | { type: "join"; plan: PlanId; join: JoinState }
  /** An opened plan became usable. */
  | { type: "ready"; plan: PlanId }
  | { type: "connection"; plan: PlanId; relay: string; connection: Connection }
  /** A relay has everything that is here, and the other way round. */
  | { type: "synced"; plan: PlanId; relay: string }
  | { type: "refused"; plan: PlanId; relay: string; reason: string }
  | { type: "left_out"; plan: PlanId; member: string | null; document: string; reason: string }
  | { type: "presence"; plan: PlanId; device: string; member: string | null; content: Json }
  | { type: "notice"; plan: PlanId; reason: string }
  /** The edit is on the screen and not saved. `retry(plan)` tries again. */
  | { type: "store_failed"; plan: PlanId; reason: string }
  /** The list of plans changed, in this tab or another. */
  | { type: "plans" }
  /** The worker is gone: reload the page. What was saved is saved. */
  | { type: "fatal"; reason: string };

export type CoreErrorCode =
  /** There is no such plan, thing, knock or invitation. */
  | "unknown"
  /** The plan is not open, or not here yet. */
  | "not_ready"
  /** Not this person's to do, or it does not fit. */
  | "refused"
  /** What was handed in cannot be read: a link, a file, a value. */
  | "malformed"
  /** The disk or the browser's quota is full. */
  | "full"
  /** The store could not be read or written. */
  | "store"
  /** The program itself is at fault. */
  | "internal";

export interface Core {
  /** Who this device belongs to; `null` before anybody said. */
  identity(): Promise<Identity | null>;
  /** Says who this device belongs to, and which language views and exports use. */
  setIdentity(identity: Identity): Promise<void>;

  plans(): Promise<PlanInfo[]>;
  /** Begins a plan and opens it. Works without a connection. `token`: what a relay's host handed out for new plans. */
  createPlan(request: { title: string; relays: string[]; token?: string }): Promise<PlanOpened>;
  /** Begins a plan from the shipped sample, on this device alone, and opens it. */
  importSample(): Promise<PlanOpened>;
  /** Begins a plan from a file. `participant`: who of the plan one is. */
  importPlan(request: {
    bytes: Uint8Array;
    relays: string[];
    token?: string;
    participant?: string;
  }): Promise<PlanOpened>;
  /** Reads a link without knocking. */
  readInvitation(link: string): Promise<Invitation>;
  /** Knocks, and goes on knocking until an admin answers (also after a reload, once the plan is opened). */
  join(link: string): Promise<JoinState>;
  joinState(plan: PlanId): Promise<JoinState>;
  /** Opens a plan: reads it, connects to its relays. Opening one that is open answers again. */
  openPlan(plan: PlanId): Promise<PlanOpened>;
  /** Lets go of it; what is pending is saved first. */
  closePlan(plan: PlanId): Promise<void>;
  /** Removes a plan with everything in it, keys too, from this device. Nobody else loses anything. */
  removePlan(plan: PlanId): Promise<void>;

  /** Carries out a command; when it resolves the change is on the screen, and typing is saved within 150 ms, an act at once. */
  execute(plan: PlanId, command: Command): Promise<Outcome>;
  /** Resolves when everything that was executed so far is durable on this device. */
  saved(plan: PlanId): Promise<void>;
  /** Tries failed writes again. */
  retry(plan: PlanId): Promise<void>;
  view<Name extends ViewName>(
    plan: PlanId,
    name: Name,
    ...query: Record<string, never> extends Views[Name]["query"]
      ? [query?: Views[Name]["query"]]
      : [query: Views[Name]["query"]]
  ): Promise<Views[Name]["answer"]>;

  status(plan: PlanId): Promise<Status>;
  members(plan: PlanId): Promise<Member[]>;
  changeRole(plan: PlanId, member: string, role: Role): Promise<void>;
  removeMember(plan: PlanId, member: string): Promise<void>;
  removeDevice(plan: PlanId, device: string): Promise<void>;
  leave(plan: PlanId): Promise<void>;
  /** Entries held back until an admin decides. */
  lateEntries(plan: PlanId): Promise<LateEntry[]>;
  acceptLate(plan: PlanId, member: string): Promise<void>;

  invites(plan: PlanId): Promise<Invite[]>;
  /** `participant`: whom of the plan the link is for. */
  invite(
    plan: PlanId,
    request: {
      role: Role;
      expires_at_ms: Milliseconds;
      uses: number;
      participant?: string;
    },
  ): Promise<Invite>;
  revokeInvite(plan: PlanId, invite: string): Promise<void>;
  knocks(plan: PlanId): Promise<Knock[]>;
  /** Lets somebody in; `participant`: who of the plan they are, where it is not the one that they say. */
  admit(plan: PlanId, device: string, participant?: string): Promise<void>;
  refuseKnock(plan: PlanId, device: string): Promise<void>;
  /** Lets everybody with a valid invitation in without asking, until then, while a tab of this device is connected. */
  openDoor(plan: PlanId, until_ms: Milliseconds): Promise<void>;
  closeDoor(plan: PlanId): Promise<void>;
  /** Until when the door is open. */
  door(plan: PlanId): Promise<Milliseconds | null>;

  /** Tells the others who are there something of the moment (cursor, what is edited); never stored. Up to 2 KiB of JSON. */
  present(plan: PlanId, content: Json): Promise<void>;

  exportFile(plan: PlanId, request: ExportRequest): Promise<ExportedFile>;
  /** Takes a file into an opened plan. */
  importFile(plan: PlanId, request: ImportRequest): Promise<Outcome>;
  /** Newest last; of the whole plan or of one thing. */
  history(plan: PlanId, entity?: EntityRef): Promise<HistoryItem[]>;
  /** Reads everything back from the store and checks it. */
  verify(plan: PlanId): Promise<VerifyReport>;

  /** What is being filled in and was not handed over yet, by name: on this device alone, under its wrapping key. */
  drafts(plan: PlanId): Promise<Record<string, Json>>;
  /** Keeps one of them, up to 64 KiB of JSON; `null` forgets it. Durable when it resolves. */
  keepDraft(plan: PlanId, name: string, draft: Json): Promise<void>;

  storage(): Promise<StorageInfo>;
  /** Asks the browser never to evict; answers whether it agreed. Ask after something worth keeping was made. */
  persistStorage(): Promise<boolean>;

  /** Calls `listener` with every event from here on; the answer ends it. */
  subscribe(listener: (event: CoreEvent) => void): () => void;
}
