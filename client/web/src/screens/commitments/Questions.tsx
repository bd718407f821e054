import { CalendarClock, MessageCircleQuestion, MessagesSquare, ShieldQuestionMark } from "lucide-react";
import type { ReactNode } from "react";

import type { CommitmentEvent, CommitmentView, OpenQuestion } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import type { Detail } from "../../state/commitments/reading";
import { answerWord, fieldWord, happeningOf, nameOf } from "../../state/commitments/words";
import { type People, textIn } from "../../state/people";
import style from "./Questions.module.css";

interface QuestionsProps {
  commitment: CommitmentView;
  detail: Detail;
  people: People;
  titleOf: (commitment: string) => string;
  onEvent: (event: CommitmentEvent) => void;
  onSettle: (field: string, keep: string) => void;
  onRefuse: () => void;
  onPropose: () => void;
}

/** What somebody has to answer, with the buttons of those who may. */
export function Questions(props: QuestionsProps) {
  const { commitment, detail, people, onEvent } = props;
  const speech = useSpeech();
  const { t, due } = speech;
  const who = (id: string | null) => (id === null ? t("common.unknown_person") : people.person(id).called);
  const day = (date: string | null) => (date === null ? t("promise.date_none") : due(date));
  const { may } = detail;
  const moved = commitment.moves.at(-1);
  return (
    <>
      {commitment.state === "needs_talk" && <Talk {...props} />}
      {detail.questions.map((question) => (
        <Answers key={question.field} question={question} {...props} />
      ))}
      {commitment.counter !== null && (
        <Callout
          tone="amber"
          icon={MessageCircleQuestion}
          title={t("promise_ask.counter_title", { who: who(commitment.counter.by) })}
          actions={
            may.has("agree") && (
              <Button look="primary" onPress={() => onEvent({ type: "agree" })}>
                {t("promise_ask.counter_agree")}
              </Button>
            )
          }
        >
          <p>{textIn(commitment.counter.text, speech.textKey)}</p>
          {commitment.counter.due !== null && <p>{t("promise_ask.counter_due", { due: due(commitment.counter.due) })}</p>}
        </Callout>
      )}
      {moved && !moved.agreed && (
        <Callout
          tone="amber"
          icon={CalendarClock}
          title={t("promise_ask.moved_title", { who: who(moved.by), from: day(moved.from), to: day(moved.to) })}
          actions={
            may.has("agree") && (
              <>
                <Button look="primary" onPress={() => onEvent({ type: "agree" })}>
                  {t("promise_ask.moved_agree")}
                </Button>
                {may.has("propose_due") && !may.has("renegotiate") && (
                  <Button onPress={props.onPropose}>{t("action.propose_due")}</Button>
                )}
              </>
            )
          }
        >
          {moved.reason !== null && <Said>{moved.reason}</Said>}
        </Callout>
      )}
      {commitment.proposals.map((proposal) => (
        <Callout
          key={proposal.record}
          tone="amber"
          icon={CalendarClock}
          title={t("promise_ask.proposal_title", { who: who(proposal.by), due: due(proposal.due) })}
          actions={
            <>
              {may.has("renegotiate") && (
                <Button
                  look="primary"
                  onPress={() =>
                    onEvent({
                      type: "renegotiate",
                      new: proposal.due,
                      ...(proposal.reason === null ? {} : { reason: proposal.reason }),
                    })
                  }
                >
                  {t("due_question.take", { due: due(proposal.due) })}
                </Button>
              )}
              {may.has("keep_due") && (
                <Button onPress={() => onEvent({ type: "keep_due" })}>
                  {t("due_question.keep", { due: day(commitment.due) })}
                </Button>
              )}
            </>
          }
        >
          {proposal.reason !== null && <Said>{proposal.reason}</Said>}
          <p>{t("promise_ask.proposal_now", { due: day(commitment.due) })}</p>
        </Callout>
      ))}
      {commitment.mandate === "needs_organisation" && (
        <Callout
          tone="amber"
          icon={ShieldQuestionMark}
          title={t("promise_ask.mandate_title")}
          actions={
            <>
              {may.has("organisation_confirmed") && (
                <Button look="primary" onPress={() => onEvent({ type: "organisation_confirmed" })}>
                  {t("action.organisation_confirmed")}
                </Button>
              )}
              {may.has("organisation_refused") && (
                <Button onPress={props.onRefuse}>{t("action.organisation_refused")}</Button>
              )}
            </>
          }
        >
          {detail.mandateBy !== null && <p>{t("promise_ask.mandate_by", { due: due(detail.mandateBy) })}</p>}
        </Callout>
      )}
    </>
  );
}

/** What was done apart and does not go together. */
function Talk({ commitment, detail, people, titleOf, onEvent }: QuestionsProps) {
  const speech = useSpeech();
  const { t } = speech;
  const sides = commitment.talk.flatMap((record) => {
    const event = detail.history.find((one) => one.record === record);
    return event ? [happeningOf(event, people, titleOf, speech)] : [];
  });
  const may = detail.mayEndTalkAs.length > 0 || detail.mayNameOwner.length > 0;
  return (
    <Callout
      tone="lingon"
      icon={MessagesSquare}
      title={t("talk.title")}
      actions={
        may && (
          <>
            {detail.mayNameOwner.map((owner) => (
              <Button key={owner} onPress={() => onEvent({ type: "settle_owner", owner })}>
                {t("promise_ask.talk_owner", { who: nameOf(owner, people, speech) })}
              </Button>
            ))}
            {detail.mayEndTalkAs.map((state) => (
              <Button key={state} onPress={() => onEvent({ type: "settle_talk", state })}>
                {t(`promise_ask.talk_as.${state}`)}
              </Button>
            ))}
          </>
        )
      }
    >
      <p>{t("talk.body")}</p>
      <ul className={style.sides}>
        {sides.map((side) => (
          <li key={side.record} className={style.side}>
            <strong>{side.sentence}</strong>
            {side.words !== "" && <Said>{side.words}</Said>}
            <span className={style.when}>{side.when}</span>
          </li>
        ))}
      </ul>
      {!may && <p>{t("talk.not_yours")}</p>}
    </Callout>
  );
}

/** Two answers to the same question. */
function Answers({ question, detail, people, onSettle }: QuestionsProps & { question: OpenQuestion }) {
  const speech = useSpeech();
  const { t } = speech;
  const { field, answers } = question;
  const isTerm = field === "owner" || field === "requester" || field === "due";
  const may = isTerm ? detail.mayChange.has(field) : detail.may.has("revise");
  const shown = answers.at(-1)?.id;
  return (
    <Callout
      tone="fjord"
      icon={MessageCircleQuestion}
      title={t("question.title", { field: fieldWord(field, speech) })}
      actions={
        may &&
        answers.map(({ id, value }) => (
          <Button key={id} onPress={() => onSettle(field, id)}>
            {answerWord(field, value, people, speech)}
          </Button>
        ))
      }
    >
      {may ? (
        <p>{t("promise_ask.answers_body")}</p>
      ) : (
        <>
          <ul className={style.answers}>
            {answers.map(({ id, value }) => (
              <li key={id}>
                {answerWord(field, value, people, speech)}
                {id === shown && <span className={style.when}> ({t("question.shown")})</span>}
              </li>
            ))}
          </ul>
          <p>{t("question.not_yours")}</p>
        </>
      )}
    </Callout>
  );
}

/** Somebody's own words. */
function Said({ children }: { children: ReactNode }) {
  return <q className={style.said}>{children}</q>;
}
