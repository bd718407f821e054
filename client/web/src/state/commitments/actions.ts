/** Which buttons a commitment has: what the core allows, the one that it is time for first. */
import type { CommitmentEventName, CommitmentView, State } from "../../core/api";
import type { Detail } from "./reading";

/** What one does with a button of its own, in the order in which the buttons stand. */
const BUTTONS = [
  "accept",
  "promise",
  "report_done",
  "start",
  "request",
  "not_yet",
  "counter_offer",
  "decline",
  "log",
  "renegotiate",
  "propose_due",
  "hand_over",
  "with",
  "merge",
  "withdraw",
  "cancel",
] as const satisfies readonly CommitmentEventName[];

export type ActionName = (typeof BUTTONS)[number];

/** Those that stand beside the first; the rest are in a menu. */
const BESIDE = 2;

/** What may be the one thing to do, by where the commitment stands. */
const NEXT: Partial<Record<State, readonly ActionName[]>> = {
  suggested: ["promise", "request"],
  requested: ["promise", "request"],
  promised: ["promise", "start"],
  under_way: ["promise", "report_done"],
  reported_done: ["accept"],
};

export interface Actions {
  primary: ActionName | null;
  beside: ActionName[];
  more: ActionName[];
}

export function actionsOf(view: CommitmentView, may: Detail["may"]): Actions {
  const allowed: ActionName[] = BUTTONS.filter((name) => may.has(name)).filter(
    // Whoever may move the date has no need to propose another.
    (name) => name !== "propose_due" || !may.has("renegotiate"),
  );
  const primary = NEXT[view.state]?.find((name) => allowed.includes(name)) ?? null;
  const rest = allowed.filter((name) => name !== primary);
  const last: ReadonlySet<ActionName> = new Set(["with", "merge", "withdraw", "cancel"]);
  const beside = rest.filter((name) => !last.has(name)).slice(0, BESIDE);
  return { primary, beside, more: rest.filter((name) => !beside.includes(name)) };
}

/** Whether a button ends something: it stands apart, and asks for a reason. */
export function ends(name: ActionName): boolean {
  return name === "withdraw" || name === "cancel" || name === "decline";
}

/** Whether there is something to answer before anything else. */
export function hasQuestion(view: CommitmentView, detail: Detail): boolean {
  const unanswered = view.moves.some((move) => !move.agreed);
  return (
    view.state === "needs_talk" ||
    view.proposals.length > 0 ||
    view.counter !== null ||
    view.mandate === "needs_organisation" ||
    unanswered ||
    detail.questions.length > 0
  );
}
