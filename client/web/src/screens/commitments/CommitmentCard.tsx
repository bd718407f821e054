import { ArrowLeft, EllipsisVertical, PencilLine } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { CommitmentEventName, CommitmentView, EventView, NoteCard } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Menu } from "../../parts/Menu";
import { Pill } from "../../parts/Pill";
import { OrgDot } from "../../parts/Swatch";
import type { Option } from "../../parts/Select";
import { ACTIONS, type ActionName, waitsFor } from "../../state/commitments";
import type { Person } from "../../state/people";
import { ActionDialog, needsWords } from "./ActionDialog";
import style from "./CommitmentCard.module.css";
import { DueLine } from "./DueLine";
import { EventList } from "./EventList";
import { Questions, type QuestionsProps } from "./Questions";
import { Sentence } from "./Sentence";
import { StatePill } from "./StatePill";

export interface CommitmentCardProps extends QuestionsProps {
  commitments: ReadonlyMap<string, CommitmentView>;
  choices: readonly CommitmentEventName[];
  events: readonly EventView[];
  /** Fields that have no place in the view: support needed, obstacle, description. */
  more: Readonly<Record<"support_needed" | "obstacle" | "description", string>>;
  goals: readonly Option[];
  notes: readonly NoteCard[];
  others: readonly Option[];
  mayEdit: boolean;
  onEdit: () => void;
  backHref: string;
}


/** All of one commitment. */
export function CommitmentCard(props: CommitmentCardProps) {
  const { view, people, choices, onEvent, onMerge, events, commitments, mayEdit, onEdit, backHref } = props;
  const { t } = useSpeech();
  const [dialog, setDialog] = useState<ActionName | null>(null);
  const turn = waitsFor(view, people.me) || view.waiting_for.includes("network");
  const possible = ACTIONS.filter((name) => choices.includes(name));
  const [main] = turn && view.state !== "needs_talk" ? possible : [];
  const rest = possible.filter((name) => name !== main);
  const act = (name: ActionName) => {
    if (needsWords(name)) setDialog(name);
    else onEvent(plain(name));
  };
  return (
    <article className={style.card}>
      <a href={backHref} className={style.back}>
        <ArrowLeft aria-hidden /> {t("card.back")}
      </a>
      <header className={style.head}>
        <div className={style.signs}>
          <StatePill state={view.state} />
          {view.overdue && <Pill tone="lingon">{t("commitments.late")}</Pill>}
        </div>
        <h1 className={style.sentence}>
          <Sentence view={view} people={people} />
        </h1>
        {view.stated && <p className={style.soft}>{t("card.stated")}</p>}
        {view.merged_into !== null && (
          <Callout
            tone="fjord"
            icon={ArrowLeft}
            title={t("card.merged")}
            actions={<a href={props.hrefOf(view.merged_into)}>{t("card.open_other")}</a>}
          />
        )}
        {(main ?? rest.length > 0) && (
          <div className={style.actions}>
            {main && (
              <Button look="primary" onPress={() => act(main)}>
                {t(`action.${main}`)}
              </Button>
            )}
            {rest.slice(0, main ? 1 : 2).map((name) => (
              <Button key={name} onPress={() => act(name)}>
                {t(`action.${name}`)}
              </Button>
            ))}
            {rest.length > (main ? 1 : 2) && (
              <Menu
                label={t("common.more_actions")}
                placement="bottom end"
                groups={[
                  {
                    choices: rest.slice(main ? 1 : 2).map((name) => ({
                      id: name,
                      label: t(`action.${name}`),
                      look: name === "withdraw" || name === "cancel" ? "attention" : "plain",
                      onChoose: () => act(name),
                    })),
                  },
                ]}
              >
                <Button look="quiet" icon={EllipsisVertical}>
                  {t("common.more_actions")}
                </Button>
              </Menu>
            )}
          </div>
        )}
      </header>
      <Questions {...props} />
      <Facts {...props} />
      {mayEdit && (
        <div>
          <Button look="quiet" icon={PencilLine} onPress={onEdit}>
            {t("card.edit")}
          </Button>
        </div>
      )}
      <section aria-label={t("card.history")}>
        <h2 className={style.heading}>{t("card.history")}</h2>
        <EventList events={events} people={people} commitments={commitments} />
      </section>
      {dialog && (
        <ActionDialog
          key={dialog}
          action={dialog}
          view={view}
          people={people}
          others={props.others}
          onClose={() => setDialog(null)}
          onEvent={onEvent}
          onMerge={onMerge}
        />
      )}
    </article>
  );
}

function plain(name: ActionName): Parameters<QuestionsProps["onEvent"]>[0] {
  if (name === "organisation_confirmed" || name === "start" || name === "accept") return { type: name };
  throw new Error(`${name} needs words`);
}

function Facts({ view, people, goals, notes, more }: CommitmentCardProps) {
  const { t, due, textKey } = useSpeech();
  return (
    <dl className={style.facts}>
      <Fact label={t("fact.done_when")}>{view.done_when}</Fact>
      <Fact label={t("fact.next_step")}>{view.next_step}</Fact>
      <Fact label={t("fact.due")}>
        <DueLine view={view} late={view.overdue} />
      </Fact>
      <Fact label={t("fact.owner")}>{view.owner !== null && <Who person={people.person(view.owner)} />}</Fact>
      <Fact label={t("fact.with")}>
        {view.with.length > 0 && (
          <ul>
            {view.with.map((id) => (
              <li key={id}>
                <Who person={people.person(id)} />
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact label={t("fact.requester")}>
        <Who person={people.person(view.requester ?? "network")} />
      </Fact>
      <Fact label={t("fact.mandate")}>{view.mandate !== "own_work" && t(`mandate.${view.mandate}`)}</Fact>
      <Fact label={t("fact.follow_up")}>{view.follow_up !== null && due(view.follow_up)}</Fact>
      <Fact label={t("fact.support_needed")}>{more.support_needed}</Fact>
      <Fact label={t("fact.obstacle")}>{more.obstacle}</Fact>
      <Fact label={t("fact.description")}>{more.description}</Fact>
      <Fact label={t("fact.goals")}>
        {goals.length > 0 && (
          <ul>
            {goals.map((goal) => (
              <li key={goal.value}>{goal.label}</li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact label={t("fact.from_notes")}>
        {notes.length > 0 && (
          <ul className={style.notes}>
            {notes.map((note) => (
              <li key={note.id} className={style.note}>
                {note.texts[textKey] ?? note.text}
              </li>
            ))}
          </ul>
        )}
      </Fact>
    </dl>
  );
}

/** A line of facts; left out where there is nothing to say. */
function Fact({ label, children }: { label: string; children: ReactNode }) {
  if (children === "" || children === false || children === null) return null;
  return (
    <div className={style.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Who({ person }: { person: Person }) {
  return (
    <span className={style.who}>
      {person.organisation && <OrgDot colour={person.organisation.colour} />}
      {person.called}
      {person.organisation && <span className={style.soft}>{person.organisation.name}</span>}
    </span>
  );
}
