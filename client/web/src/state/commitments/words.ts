/** How commitments and what happened to them are said. */
import type { CommitmentView, EventView, Json } from "../../core/api";
import type { Speech } from "../../i18n/intl";
import { NETWORK, type People, textIn } from "../people";

/** A sentence in pieces; `strong` ones are what one looks for. */
export interface Piece {
  text: string;
  strong: boolean;
}

const OPENS = "\u0001";
const CLOSES = "\u0002";

/** The commitment as the promise that it is: who, to whom, what. */
export function promiseOf(commitment: CommitmentView, people: People, speech: Speech): Piece[] {
  const { t } = speech;
  const what = commitment.title || t("common.untitled");
  const doer = commitment.asked !== null && commitment.state === "requested" ? commitment.asked : null;
  const subject = doer ?? commitment.owner ?? commitment.asked;
  const me = people.me !== null && subject === people.me.id ? "yes" : "no";
  const who = subject === null ? t("promise.nobody") : nameAs("subject", subject, people, speech);
  const whom = nameAs("object", commitment.requester ?? NETWORK, people, speech);
  const strong = (text: string) => `${OPENS}${text}${CLOSES}`;
  const values = { me, who: strong(who), whom, what: strong(what) };
  switch (commitment.state) {
    case "suggested":
      return pieces(
        subject === null
          ? t("promise_say.suggested", { what: values.what })
          : t("promise_say.suggested_to", { who: values.who, what: values.what }),
      );
    case "requested":
      return pieces(
        t("promise_say.requested", {
          who: strong(subject === null ? who : nameAs("object", subject, people, speech)),
          whom: nameAs("subject", commitment.requester ?? NETWORK, people, speech),
          what: values.what,
        }),
      );
    case "promised":
    case "under_way":
    case "needs_talk":
      return pieces(t("promise_say.promised", values));
    case "reported_done":
    case "accepted":
      return pieces(t(`promise_say.${commitment.state}`, values));
    case "declined":
    case "withdrawn":
      return pieces(t(`promise_say.${commitment.state}`, { me, who: values.who, what: values.what }));
    case "cancelled":
    case "merged":
      return pieces(t(`promise_say.${commitment.state}`, { what: values.what }));
  }
}

/** The same without its pieces, for those who listen and for titles. */
export function promiseText(commitment: CommitmentView, people: People, speech: Speech): string {
  return promiseOf(commitment, people, speech)
    .map((piece) => piece.text)
    .join("");
}

function nameAs(place: "subject" | "object", id: string, people: People, { t }: Speech): string {
  if (id === NETWORK) return t(`promise_say.network_${place}`);
  if (people.me?.id === id) return t(place === "subject" ? "promise_say.you" : "promise_say.you_object");
  return people.person(id).called;
}

function pieces(sentence: string): Piece[] {
  return sentence.split(OPENS).flatMap((part, index) => {
    if (index === 0) return part === "" ? [] : [{ text: part, strong: false }];
    const end = part.indexOf(CLOSES);
    const inside = { text: part.slice(0, end), strong: true };
    const after = part.slice(end + 1);
    return after === "" ? [inside] : [inside, { text: after, strong: false }];
  });
}

/** Several people in one phrase; me as "you". */
export function namesOf(ids: readonly string[], people: People, speech: Speech): string {
  return speech.list(ids.map((id) => nameOf(id, people, speech)));
}

/** A person as one is called in a list of facts. */
export function nameOf(id: string, people: People, { t }: Speech): string {
  if (id === NETWORK) return t("promise.network");
  const person = people.person(id);
  return person.me ? t("promise_dialog.person_me", { who: person.called }) : person.called;
}

/** One thing that happened, as a sentence, with what its author wrote. */
export interface Happening {
  record: string;
  sentence: string;
  /** What was written or given as a reason. */
  words: string;
  /** When, as it is said. */
  when: string;
  stated: boolean;
  ineffective: string | null;
}

export function happeningOf(
  view: EventView,
  people: People,
  titleOf: (commitment: string) => string,
  speech: Speech,
): Happening {
  const { t } = speech;
  const who = view.by === null ? t("common.unknown_person") : nameAs("subject", view.by, people, speech);
  const stated = view.stated_at === null ? null : stateTime(view.stated_at, speech);
  return {
    record: view.record,
    sentence: sentenceOf(view, who, people, titleOf, speech),
    words: wordsOf(view, speech),
    when: stated ?? speech.moment(view.time_ms),
    stated: view.stated,
    ineffective: view.ineffective,
  };
}

function sentenceOf(
  { event }: EventView,
  who: string,
  people: People,
  titleOf: (commitment: string) => string,
  speech: Speech,
): string {
  const { t, due } = speech;
  const none = t("promise.date_none");
  switch (event.type) {
    case "request":
    case "hand_over":
      return t(`promise_event.${event.type}`, { who, to: nameAs("object", event.to, people, speech) });
    case "promise":
      return t(event.subject_to ? "promise_event.promise_subject" : "promise_event.promise", { who });
    case "renegotiate":
      return t("promise_event.renegotiate", {
        who,
        from: event.old ? due(event.old) : none,
        due: due(event.new),
      });
    case "propose_due":
      return t("promise_event.propose_due", { who, due: due(event.due) });
    case "settle_talk":
      return t("promise_event.settle_talk", { who, what: t(`promise_ask.talk_as.${event.state}`) });
    case "settle_owner":
      return t("promise_event.settle_owner", { who, to: nameAs("subject", event.owner, people, speech) });
    case "revise":
      return t("promise_event.revise", { who, field: fieldWord(event.field, speech) });
    case "merge":
      return t("promise_event.merge", { who, to: titleOf(event.into) });
    default:
      return t(`promise_event.${event.type}`, { who });
  }
}

function wordsOf({ event }: EventView, { textKey, due, t }: Speech): string {
  switch (event.type) {
    case "log":
      return textIn(event.text, textKey);
    case "report_done":
      return textIn(event.evidence, textKey);
    case "counter_offer":
      return [textIn(event.text, textKey), event.due ? t("promise_say.due", { due: due(event.due) }) : ""]
        .filter(Boolean)
        .join(", ");
    default:
      return "reason" in event ? (event.reason ?? "") : "";
  }
}

/** A time that a file stated: a date, or a moment. */
function stateTime(at: string, speech: Speech): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(at)) return speech.date(at);
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? at : speech.moment(ms);
}

/** What a question is about. */
export function fieldWord(field: string, { t }: Speech): string {
  switch (field) {
    case "owner":
    case "requester":
    case "due":
    case "follow_up":
      return t(`fact.${field}`);
    case "owner_org":
      return t("commitments.organisation");
    default:
      return t("promise_ask.field.other");
  }
}

/** One of several answers, as it is said. */
export function answerWord(field: string, value: Json, people: People, speech: Speech): string {
  if (typeof value !== "string" || value === "") return speech.t("promise.nobody");
  switch (field) {
    case "owner":
    case "requester":
      return nameOf(value, people, speech);
    case "owner_org":
      return people.organisation(value)?.name ?? value;
    case "due":
    case "follow_up":
    case "mandate_by":
      return speech.due(value);
    default:
      return value;
  }
}
