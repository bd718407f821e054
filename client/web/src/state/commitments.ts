/** Which commitments a list shows, and in what order. Where each stands is the core's to say. */
import type { CommitmentView, State } from "../core/api";
import { monthOf } from "../i18n/dates";
import { NETWORK, type Person } from "./people";

export const LISTS = ["all", "mine", "ours", "waiting", "overdue"] as const;
export type ListName = (typeof LISTS)[number];

export interface Filter {
  list: ListName;
  organisation: string | null;
  goal: string | null;
}

const CLOSED: readonly State[] = ["accepted", "declined", "withdrawn", "cancelled", "merged"];

export function isClosed(view: CommitmentView): boolean {
  return CLOSED.includes(view.state);
}

/** What a filter leaves, the nearest date first. */
export function chosen(
  commitments: Iterable<CommitmentView>,
  { list, organisation, goal }: Filter,
  me: Person | null,
): CommitmentView[] {
  return [...commitments]
    .filter((view) => isIn(view, list, me))
    .filter((view) => organisation === null || view.owner_org === organisation)
    .filter((view) => goal === null || view.goals.includes(goal))
    .sort(byDue);
}

function isIn(view: CommitmentView, list: ListName, me: Person | null): boolean {
  switch (list) {
    case "all":
      return true;
    case "mine":
      return me !== null && [view.owner, view.asked, ...view.with].includes(me.id);
    case "ours":
      return me?.organisation != null && view.owner_org === me.organisation.id;
    case "waiting":
      return waitsFor(view, me);
    case "overdue":
      return view.overdue;
  }
}

/** Whether it is this person's turn. */
export function waitsFor(view: CommitmentView, me: Person | null): boolean {
  return me !== null && view.waiting_for.includes(me.id);
}

export interface Groups {
  turn: CommitmentView[];
  open: CommitmentView[];
  closed: CommitmentView[];
}

/** One's own turn first, then what goes on, then what is over. */
export function grouped(commitments: readonly CommitmentView[], me: Person | null): Groups {
  const closed = commitments.filter(isClosed);
  const rest = commitments.filter((view) => !isClosed(view));
  return {
    turn: rest.filter((view) => waitsFor(view, me)),
    open: rest.filter((view) => !waitsFor(view, me)),
    closed,
  };
}

export interface Month {
  /** `2027-03`, or `null` for those without a date. */
  month: string | null;
  commitments: CommitmentView[];
}

/** Month by month, every month from the first to the last, those without a date at the end. */
export function months(commitments: readonly CommitmentView[]): Month[] {
  const byMonth = new Map<string, CommitmentView[]>();
  const dateless: CommitmentView[] = [];
  for (const view of commitments) {
    const month = view.due === null ? null : monthOf(view.due);
    if (month === null) dateless.push(view);
    else byMonth.set(month, [...(byMonth.get(month) ?? []), view]);
  }
  const known = [...byMonth.keys()].sort();
  const all: Month[] = [];
  for (
    let month = known[0], last = known.at(-1);
    month !== undefined && last !== undefined && month <= last;
  ) {
    all.push({ month, commitments: byMonth.get(month) ?? [] });
    month = nextMonth(month);
  }
  return dateless.length > 0 ? [...all, { month: null, commitments: dateless }] : all;
}

function nextMonth(month: string): string {
  const [year = 0, of = 1] = month.split("-").map(Number);
  return of === 12 ? `${year + 1}-01` : `${year}-${String(of + 1).padStart(2, "0")}`;
}

function byDue(left: CommitmentView, right: CommitmentView): number {
  const key = (view: CommitmentView) => sortable(view.due);
  return key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : left.id < right.id ? -1 : 1;
}

/** A date or week so that they sort among each other; none comes last. */
function sortable(due: string | null): string {
  if (due === null) return "~";
  return due.includes("-W") ? `${monthOf(due) ?? due}-99` : due;
}

/** Whom it concerns, for the sentence about it. */
export function partiesOf(view: CommitmentView) {
  return {
    owner: view.owner ?? view.asked ?? view.owner_org,
    asked: view.asked ?? view.owner ?? view.owner_org,
    requester: view.requester ?? NETWORK,
  };
}

/** Actions in the order in which they are offered; the first that is one's to do is the main one. */
export const ACTIONS = [
  "accept",
  "promise",
  "organisation_confirmed",
  "start",
  "report_done",
  "not_yet",
  "decline",
  "counter_offer",
  "organisation_refused",
  "request",
  "log",
  "renegotiate",
  "propose_due",
  "hand_over",
  "with",
  "merge",
  "withdraw",
  "cancel",
] as const;

export type ActionName = (typeof ACTIONS)[number];
