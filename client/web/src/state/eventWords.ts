/** What happened to a commitment, as a sentence's beginning, and what its author wrote with it. */
import type { CommitmentEvent, Texts } from "../core/api";
import type { Speech } from "../i18n/intl";
import { type People, textIn } from "./people";
import type { Tables } from "./tables";

type Commitments = Tables["commitments"];

export function eventWords(
  event: CommitmentEvent,
  people: People,
  commitments: Commitments,
  { t, due }: Speech,
): string {
  const date = (value: string | null | undefined) => (value ? due(value) : t("due.no_date"));
  switch (event.type) {
    case "request":
    case "hand_over":
      return t(`event.${event.type}`, { to: people.person(event.to).called });
    case "promise":
      return t(event.subject_to === "organisation" ? "event.promise_subject" : "event.promise");
    case "renegotiate":
      return t("event.renegotiate", { old: date(event.old), new: date(event.new) });
    case "propose_due":
      return t("event.propose_due", { due: date(event.due) });
    case "settle_owner":
      return t("event.settle_owner", { owner: people.person(event.owner).called });
    case "settle_talk":
      return t("event.settle_talk", { state: t(`state.${event.state}`) });
    case "merge":
      return t("event.merge", { into: commitments.get(event.into)?.title ?? t("common.untitled") });
    case "suggest":
    case "decline":
    case "counter_offer":
    case "organisation_confirmed":
    case "organisation_refused":
    case "start":
    case "log":
    case "keep_due":
    case "agree":
    case "report_done":
    case "accept":
    case "not_yet":
    case "withdraw":
    case "cancel":
    case "revise":
    case "with":
      return t(`event.${event.type}`);
  }
}

/** What the author of an event wrote freely, if anything. */
export function eventText(event: CommitmentEvent, textKey: string): string {
  const texts: Texts | undefined =
    "text" in event ? event.text : "evidence" in event ? event.evidence : undefined;
  if (texts) return textIn(texts, textKey);
  return "reason" in event ? (event.reason ?? "") : "";
}
