/** The sample plan as the core would show it, for looking at screens. */
import sample from "../../../../examples/data/sample-plan.json";
import type {
  ClusterCard,
  CommitmentView,
  EventView,
  Json,
  NoteCard,
  ParticipantView,
  State,
  Thing,
} from "../core/api";
import { textIn } from "../state/people";
import { NOTE_COLOURS } from "../state/wall/colours";
import {
  blankCluster,
  blankCommitment,
  blankNote,
  blankParticipant,
  blankThing,
} from "../core/testing/blank";

export const BOARD = "b0";
export const ME = "p-11";

type Raw = Record<string, Json>;
const plan = sample as unknown as Record<string, Record<string, Raw>>;
const rows = (name: string) => Object.entries(plan[name] ?? {});
const text = (value: Json | undefined) => textIn(value, "sv");
const string = (value: Json | undefined) => (typeof value === "string" ? value : null);
const list = (value: Json | undefined) => (Array.isArray(value) ? value.map(String) : []);

export const notes: NoteCard[] = rows("notes").map(([id, note], index) => ({
  ...blankNote,
  id,
  text: text(note["text"]),
  texts: note["text"] as Record<string, string>,
  cluster: string(note["cluster"]),
  state: string(note["state"]) ?? "revealed",
  colour:
    { q1: "butter", q2: "birch", q3: "sky", resource: "heather", action: "clay" }[
      string(note["stage"]) ?? ""
    ] ??
    NOTE_COLOURS[index % 7] ??
    null,
  author: string(note["author"]),
  board: BOARD,
  promoted_to: index > 20 ? ["c-01"] : [],
  archived_and_edited: false,
  x: null,
  y: null,
  width: null,
  height: null,
  fields: note,
}));

export const clusters: ClusterCard[] = rows("clusters").map(([id, cluster]) => ({
  ...blankCluster,
  id,
  board: BOARD,
  title: text(cluster["title"]),
  titles: cluster["title"] as Record<string, string>,
  target: id,
  x: null,
  y: null,
  fields: cluster,
}));

export const participants: ParticipantView[] = rows("participants").map(([id, one]) => ({
  ...blankParticipant,
  id,
  role_title: text(one["role_title"]),
  organisation: string(one["org"]),
  organisation_name: text(plan["organisations"]?.[string(one["org"]) ?? ""]?.["name"]),
  network_role: string(one["network_role"]),
  members: [id],
  called: text(one["role_title"]),
  me: id === ME,
}));

export const things = (kind: string): Thing[] => {
  if (kind === "board")
    return [
      { ...blankThing, kind: "board", id: BOARD, board: null, fields: { title: { sv: "Verkstad 20.1" } } },
    ];
  const lists: Record<string, string> = {
    organisation: "organisations",
    goal: "goals",
    indicator: "indicators",
  };
  return rows(lists[kind] ?? "").map(([id, fields]) => ({
    ...blankThing,
    kind: kind as Thing["kind"],
    id,
    board: null,
    fields,
  }));
};

const at = (iso: string) => Date.parse(iso);

export const events: EventView[] = [
  { event: { type: "request", to: ME }, by: "p-01", time: "2027-01-20T09:54:00+02:00" },
  { event: { type: "promise" }, by: ME, time: "2027-01-20T09:56:00+02:00" },
  { event: { type: "log", text: { sv: "Bygården bokad 24.2" } }, by: ME, time: "2027-02-09T07:55:00+02:00" },
  {
    event: { type: "renegotiate", old: "2027-03-24", new: "2027-03-31", reason: "sportlov" },
    by: ME,
    time: "2027-02-09T10:20:00+02:00",
  },
  {
    event: { type: "renegotiate", old: "2027-03-31", new: "2027-04-14", reason: "menföre, bron stängd" },
    by: ME,
    time: "2027-02-10T09:20:00+02:00",
  },
  {
    event: { type: "propose_due", due: "2027-04-07", reason: "sportlov" },
    by: "p-01",
    time: "2027-02-09T15:30:00+02:00",
  },
  {
    event: { type: "cancel", reason: "mallen finns redan" },
    by: "p-01",
    time: "2027-02-10T11:00:00+02:00",
    record: "e8",
  },
  {
    event: { type: "log", text: { sv: "Provad i en grupp" } },
    by: "p-11",
    time: "2027-02-10T11:45:00+02:00",
    record: "e9",
  },
].map(({ event, by, time, record }, index) => ({
  record: record ?? `e${index}`,
  event: event as EventView["event"],
  by,
  time_ms: at(time),
  stated_at: null,
  stated: false,
  ineffective: null,
}));

const STANDING: Record<string, Partial<CommitmentView>> = {
  "c-01": { state: "under_way", overdue: true, waiting_for: ["p-02"] },
  "c-02": { state: "accepted" },
  "c-03": { state: "promised", mandate: "needs_organisation", waiting_for: ["p-12"] },
  "c-04": {
    state: "promised",
    due: "2027-04-14",
    times_moved: 2,
    days_moved: 21,
    waiting_for: [ME],
    moves: [
      { record: "m1", from: "2027-03-24", to: "2027-03-31", by: ME, reason: "sportlov", agreed: true },
      {
        record: "m2",
        from: "2027-03-31",
        to: "2027-04-14",
        by: ME,
        reason: "menföre, bron stängd",
        agreed: false,
      },
    ],
    may_change: ["due", "requester"],
    questions: [
      {
        entity: { kind: "commitment", id: "c-04" },
        field: "follow_up",
        answers: [
          { id: "a1", value: "2027-03-24" },
          { id: "a2", value: "2027-04-14" },
        ],
      },
    ],
    proposals: [{ record: "m3", due: "2027-04-07", by: "p-01", reason: "sportlov" }],
  },
  "c-05": {
    state: "needs_talk",
    talk: ["e8", "e9"],
    waiting_for: ["p-04", "p-01"],
    history: [events[1], ...events.slice(6)].flatMap((one) => one ?? []),
    may: ["settle_talk", "log"],
    may_end_talk_as: ["promised", "cancelled"],
  },
  "c-06": { state: "reported_done", waiting_for: ["network"], may: ["accept", "not_yet", "log"] },
  "c-07": { state: "suggested", waiting_for: ["p-01"], due: "2027-W20", similar: ["c-08"] },
  "c-08": {
    state: "requested",
    owner: null,
    asked: ME,
    waiting_for: [ME],
    may: ["promise", "decline", "counter_offer"],
  },
  "c-09": { state: "requested", owner: null, asked: "external:Föreningen Granngården" },
};

const WORDS: Record<State, string> = {
  suggested: "förslag",
  requested: "efterfrågat",
  promised: "lovat",
  under_way: "pågår",
  reported_done: "anmält klart",
  accepted: "godkänt",
  declined: "tackade nej",
  withdrawn: "återtaget",
  cancelled: "inställt",
  merged: "hopslaget",
  needs_talk: "behöver ett samtal",
};

export const commitments: CommitmentView[] = rows("commitments").map(([id, one]) => ({
  ...blankCommitment,
  id,
  title: text(one["title"]),
  titles: one["title"] as Record<string, string>,
  done_when: text(one["done_when"]),
  next_step: text(one["next_step"]),
  texts: {
    title: one["title"] as Record<string, string>,
    done_when: one["done_when"] as Record<string, string>,
    next_step: (one["next_step"] ?? {}) as Record<string, string>,
  },
  owner: string(one["owner"]),
  owner_org: string(one["owner_org"]),
  with: list(one["with"]),
  requester: string(one["requester"]),
  due: string(one["due"]),
  follow_up: string(one["follow_up"]),
  goals: list(one["goals"]),
  from_notes: list(one["from_notes"]),
  state: "promised",
  history: events.slice(0, 6),
  may: [
    "start",
    "log",
    "renegotiate",
    "keep_due",
    "hand_over",
    "report_done",
    "withdraw",
    "with",
    "merge",
    "revise",
  ],
  ...STANDING[id],
  state_word: WORDS[STANDING[id]?.state ?? "promised"],
}));
