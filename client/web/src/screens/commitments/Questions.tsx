import { Building2, CalendarClock, CircleHelp, Copy, MessagesSquare, Repeat2 } from "lucide-react";

import type {
  Answer,
  CommitmentEvent,
  CommitmentEventName,
  CommitmentView,
  EventView,
  OpenQuestion,
  State,
} from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { type People, textIn } from "../../state/people";
import { EventLine } from "./EventList";
import style from "./Questions.module.css";
import { answerWords, fieldWords } from "./answerWords";

export interface QuestionsProps {
  view: CommitmentView;
  events: readonly EventView[];
  choices: readonly CommitmentEventName[];
  questions: readonly { question: OpenQuestion; mine: boolean }[];
  people: People;
  titleOf: (commitment: string) => string;
  hrefOf: (commitment: string) => string;
  onEvent: (event: CommitmentEvent) => void;
  onSettle: (question: OpenQuestion, answer: Answer) => void;
  onMerge: (into: string) => void;
}

/** Everything about a commitment that people have to agree on: questions with buttons for those who may answer. */
export function Questions(props: QuestionsProps) {
  const { view, questions } = props;
  return (
    <>
      {view.state === "needs_talk" && <Talk {...props} />}
      {view.proposals.length > 0 && <TwoDates {...props} />}
      <MovedDate {...props} />
      {view.counter && <CounterOffer {...props} />}
      {view.mandate === "needs_organisation" && <Mandate {...props} />}
      {questions.map(({ question, mine }) => (
        <TwoAnswers key={question.field} question={question} mine={mine} {...props} />
      ))}
      {view.similar.map((other) => (
        <Similar key={other} other={other} {...props} />
      ))}
    </>
  );
}

const SETTLED: readonly State[] = ["promised", "under_way", "reported_done", "accepted", "withdrawn", "cancelled"];

function Talk({ view, events, choices, people, onEvent }: QuestionsProps) {
  const { t } = useSpeech();
  const apart = events.filter((event) => view.talk.includes(event.record));
  const owners = [...new Set(events.flatMap((event) => (event.event.type === "promise" && event.by ? [event.by] : [])))];
  const may = choices.includes("settle_talk");
  return (
    <Callout
      tone="lingon"
      icon={MessagesSquare}
      title={t("talk.title")}
      actions={
        may && (
          <>
            <p className={style.holds}>{t("talk.holds")}:</p>
            {SETTLED.map((state) => (
              <Button key={state} size="small" onPress={() => onEvent({ type: "settle_talk", state })}>
                {t(`state.${state}`)}
              </Button>
            ))}
            {choices.includes("settle_owner") &&
              owners.length > 1 &&
              owners.map((owner) => (
                <Button key={owner} size="small" onPress={() => onEvent({ type: "settle_owner", owner })}>
                  {people.person(owner).called}
                </Button>
              ))}
          </>
        )
      }
    >
      <p>{t("talk.body")}</p>
      <ul className={style.apart}>
        {apart.map((event) => (
          <EventLine key={event.record} event={event} people={people} commitments={NO_OTHERS} />
        ))}
      </ul>
      {!may && <p>{t("talk.not_yours")}</p>}
    </Callout>
  );
}

const NO_OTHERS: ReadonlyMap<string, CommitmentView> = new Map();

/** Another date stands beside the one that holds. */
function TwoDates({ view, choices, people, onEvent }: QuestionsProps) {
  const { t, due, list } = useSpeech();
  const [first] = view.proposals;
  const said = (date: string, by: string | null) =>
    t("due_question.proposed", { due: due(date), who: people.person(by).called });
  const dates = [
    ...view.proposals.map((proposal) => said(proposal.due, proposal.by)),
    ...(view.due === null ? [] : [said(view.due, view.moves.at(-1)?.by ?? view.owner)]),
  ];
  const mayKeep = choices.includes("keep_due") && view.due !== null;
  const mayTake = choices.includes("renegotiate");
  return (
    <Callout
      tone="amber"
      icon={CalendarClock}
      title={t("due_question.title", { dates: list(dates) })}
      actions={
        (mayKeep || mayTake) && (
          <>
            {mayKeep && view.due !== null && (
              <Button onPress={() => onEvent({ type: "keep_due" })}>
                {t("due_question.keep", { due: due(view.due) })}
              </Button>
            )}
            {mayTake &&
              view.proposals.map((proposal) => (
                <Button
                  key={proposal.record}
                  onPress={() => onEvent({ type: "renegotiate", new: proposal.due, reason: proposal.reason })}
                >
                  {t("due_question.take", { due: due(proposal.due) })}
                </Button>
              ))}
          </>
        )
      }
    >
      {first?.reason && <p className={style.said}>{first.reason}</p>}
      {!mayKeep && !mayTake && <p>{t("due_question.waits")}</p>}
    </Callout>
  );
}

/** The owner moved the date, and whoever receives it has not said that it is all right. */
function MovedDate({ view, choices, people, onEvent }: QuestionsProps) {
  const { t, due } = useSpeech();
  const move = view.moves.at(-1);
  if (!move || move.agreed || !choices.includes("agree")) return null;
  const old = move.from === null ? t("due.no_date") : due(move.from);
  const who = people.person(move.by).called;
  return (
    <Callout
      tone="amber"
      icon={CalendarClock}
      title={t("moved_question.title", { who, old, new: due(move.to) })}
      actions={<Button onPress={() => onEvent({ type: "agree" })}>{t("moved_question.agree")}</Button>}
    >
      {move.reason && <p className={style.said}>{move.reason}</p>}
    </Callout>
  );
}

function CounterOffer({ view, choices, people, onEvent }: QuestionsProps) {
  const { t, due, textKey } = useSpeech();
  const { counter } = view;
  if (!counter) return null;
  const { by } = counter;
  return (
    <Callout
      tone="amber"
      icon={Repeat2}
      title={t("counter_question.title", { who: people.person(by).called })}
      actions={
        choices.includes("request") &&
        by !== null && (
          <Button onPress={() => onEvent({ type: "request", to: by })}>{t("counter_question.ask")}</Button>
        )
      }
    >
      <p className={style.said}>{textIn(counter.text, textKey)}</p>
      {counter.due !== null && <p>{t("counter_question.due", { due: due(counter.due) })}</p>}
    </Callout>
  );
}

function Mandate({ choices, onEvent }: QuestionsProps) {
  const { t } = useSpeech();
  return (
    <Callout
      tone="amber"
      icon={Building2}
      title={t("mandate.needs_organisation")}
      actions={
        choices.includes("organisation_confirmed") && (
          <Button onPress={() => onEvent({ type: "organisation_confirmed" })}>
            {t("action.organisation_confirmed")}
          </Button>
        )
      }
    />
  );
}

interface TwoAnswersProps extends Pick<QuestionsProps, "people" | "onSettle"> {
  question: OpenQuestion;
  mine: boolean;
}

/** Two people answered one question apart: both answers stay until somebody entitled says which one holds. */
export function TwoAnswers({ question, mine, people, onSettle }: TwoAnswersProps) {
  const speech = useSpeech();
  const { t } = speech;
  return (
    <Callout
      tone="amber"
      icon={CircleHelp}
      title={t("question.title", { field: fieldWords(question.field, speech) })}
      actions={
        mine &&
        question.answers.map((answer) => (
          <Button key={answer.id} onPress={() => onSettle(question, answer)}>
            {answerWords(question.field, answer.value, people, speech)}
          </Button>
        ))
      }
    >
      {!mine && (
        <>
          <ul>
            {question.answers.map((answer, index) => (
              <li key={answer.id}>
                {answerWords(question.field, answer.value, people, speech)}
                {index === question.answers.length - 1 && ` (${t("question.shown")})`}
              </li>
            ))}
          </ul>
          <p>{t("question.not_yours")}</p>
        </>
      )}
    </Callout>
  );
}

function Similar({ other, choices, titleOf, hrefOf, onMerge }: QuestionsProps & { other: string }) {
  const { t } = useSpeech();
  return (
    <Callout
      tone="fjord"
      icon={Copy}
      title={t("similar.title", { title: titleOf(other) })}
      actions={
        <>
          {choices.includes("merge") && <Button onPress={() => onMerge(other)}>{t("similar.merge")}</Button>}
          <a href={hrefOf(other)} className={style.link}>
            {t("similar.open")}
          </a>
        </>
      }
    />
  );
}

