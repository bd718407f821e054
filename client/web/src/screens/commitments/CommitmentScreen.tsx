import { ArrowLeft, EllipsisVertical, FileText, Hourglass, PencilLine, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import type { CommitmentEvent, CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button, IconButton } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Menu } from "../../parts/Menu";
import { Pill } from "../../parts/Pill";
import type { Option } from "../../parts/Select";
import { Panel } from "../../parts/Page";
import { OrgDot } from "../../parts/Swatch";
import { type ActionName, type Actions, actionsOf, ends, hasQuestion } from "../../state/commitments/actions";
import { organisationsOf } from "../../state/commitments/filters";
import type { Detail } from "../../state/commitments/reading";
import { happeningOf, nameOf, namesOf } from "../../state/commitments/words";
import { NETWORK, type People, textIn } from "../../state/people";
import { ActionDialog, type Asked } from "./ActionDialog";
import style from "./CommitmentScreen.module.css";
import { Happenings } from "./Happenings";
import { MovedDates } from "./MovedDates";
import { PromiseSentence } from "./PromiseSentence";
import { Questions } from "./Questions";
import { StateSign } from "./StateSign";

interface Linked {
  id: string;
  title: string;
  href: string;
}

export interface CommitmentScreenProps {
  commitment: CommitmentView;
  detail: Detail;
  people: People;
  goals: readonly Linked[];
  notes: readonly Linked[];
  similar: readonly Linked[];
  /** The one that it goes on as. */
  into: Linked | null;
  /** What the core remarked about what was written last. */
  remarks: readonly string[];
  /** Open commitments that it could go on as. */
  others: readonly Option[];
  titleOf: (commitment: string) => string;
  backHref: string;
  onEvent: (done: { event: CommitmentEvent; mandateBy?: string }) => void;
  onSettle: (field: string, keep: string) => void;
  onJoin: (into: string) => void;
  onEdit: (() => void) | null;
}

/** One commitment: the promise, what waits for an answer, what was said, what happened. */
export function CommitmentScreen(props: CommitmentScreenProps) {
  const { commitment, detail, people, remarks, titleOf, onEvent } = props;
  const speech = useSpeech();
  const { t } = speech;
  const [asked, setAsked] = useState<Asked | null>(null);
  const act = (name: ActionName) => {
    if (name === "start" || name === "accept") onEvent({ event: { type: name } });
    else setAsked(name);
  };
  const say = (event: CommitmentEvent) => onEvent({ event });
  return (
    <article className={style.screen} aria-labelledby="promise">
      <a className={style.back} href={props.backHref}>
        <ArrowLeft aria-hidden /> {t("card.back")}
      </a>
      <Head commitment={commitment} people={people} />
      {remarks.length > 0 && (
        <Callout tone="lingon" icon={TriangleAlert}>
          <p>{t("promise.remark", { what: speech.list(remarks) })}</p>
        </Callout>
      )}
      <Questions
        commitment={commitment}
        detail={detail}
        people={people}
        titleOf={titleOf}
        onEvent={say}
        onSettle={props.onSettle}
        onRefuse={() => setAsked("organisation_refused")}
        onPropose={() => setAsked("propose_due")}
      />
      <Buttons
        actions={actionsOf(commitment, detail.may)}
        // A question comes first, and there is one main button.
        asks={hasQuestion(commitment, detail)}
        onAct={act}
        onEdit={props.onEdit}
      />
      <Elsewhere {...props} />
      <Panel title={t("promise.terms")}>
        <Facts {...props} />
        <MovedDates commitment={commitment} people={people} />
      </Panel>
      <Panel title={t("card.history")}>
        <Happenings
          happenings={detail.history.map((event) => happeningOf(event, people, titleOf, speech))}
        />
      </Panel>
      {asked !== null && (
        <ActionDialog
          asked={asked}
          commitment={commitment}
          people={people}
          others={props.others}
          onClose={() => setAsked(null)}
          onDone={(answered) => ("into" in answered ? props.onJoin(answered.into) : onEvent(answered))}
        />
      )}
    </article>
  );
}

function Head({ commitment, people }: Pick<CommitmentScreenProps, "commitment" | "people">) {
  const speech = useSpeech();
  const { t } = speech;
  const heading = useFocusWhenLost(commitment);
  const mine = people.me !== null && commitment.waiting_for.includes(people.me.id);
  // That the owner works on it goes without saying.
  const others = commitment.waiting_for.filter((id) => id !== commitment.owner);
  return (
    <header className={style.head}>
      <h1 className={style.promise} id="promise" ref={heading} tabIndex={-1}>
        <PromiseSentence commitment={commitment} people={people} />
        {commitment.due !== null && (
          <span className="tabular">, {t("promise_say.due", { due: speech.due(commitment.due) })}</span>
        )}
      </h1>
      <p className={style.signs}>
        <StateSign commitment={commitment} />
        {commitment.overdue && (
          <Pill tone="lingon" icon={TriangleAlert}>
            {t("promise.overdue")}
          </Pill>
        )}
        {(mine || others.length > 0) && (
          <Pill tone={mine ? "lingon" : "plain"} icon={Hourglass}>
            {mine
              ? t("promise.waiting_you")
              : t("promise.waiting", { who: namesOf(others, people, speech) })}
          </Pill>
        )}
        {commitment.stated && (
          <span className={style.stated}>
            <FileText aria-hidden /> {t("promise.stated")}
          </span>
        )}
      </p>
    </header>
  );
}

/** Takes the keyboard up where what it stood on is gone: a button that has been pressed, a list that makes room. */
function useFocusWhenLost(commitment: CommitmentView) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const at = document.activeElement;
      const lost = at === null || at === document.body || (at instanceof HTMLElement && !at.checkVisibility());
      if (lost) heading.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [commitment]);
  return heading;
}

interface ButtonsProps {
  actions: Actions;
  asks: boolean;
  onAct: (name: ActionName) => void;
  onEdit: (() => void) | null;
}

function Buttons({ actions, asks, onAct, onEdit }: ButtonsProps) {
  const { t } = useSpeech();
  const { primary, beside, more } = actions;
  if (primary === null && beside.length === 0 && more.length === 0 && onEdit === null) return null;
  return (
    <div className={style.actions} role="group" aria-label={t("promise.actions")}>
      {primary !== null && (
        <Button look={asks ? "plain" : "primary"} onPress={() => onAct(primary)}>
          {t(`action.${primary}`)}
        </Button>
      )}
      {beside.map((name) => (
        <Button key={name} onPress={() => onAct(name)}>
          {t(`action.${name}`)}
        </Button>
      ))}
      {onEdit !== null && (
        <Button look="quiet" icon={PencilLine} onPress={onEdit}>
          {t("card.edit")}
        </Button>
      )}
      {more.length > 0 && (
        <Menu
          label={t("promise.more")}
          placement="bottom end"
          groups={[
            {
              choices: more
                .filter((name) => !ends(name))
                .map((name) => ({ id: name, label: t(`action.${name}`), onChoose: () => onAct(name) })),
            },
            {
              choices: more.filter(ends).map((name) => ({
                id: name,
                label: t(`action.${name}`),
                look: "attention" as const,
                onChoose: () => onAct(name),
              })),
            },
          ]}
        >
          <IconButton icon={EllipsisVertical} label={t("promise.more")} look="plain" />
        </Menu>
      )}
    </div>
  );
}

/** Other commitments that this one goes on as, or that say the same. */
function Elsewhere({ commitment, detail, similar, into, onJoin }: CommitmentScreenProps) {
  const { t } = useSpeech();
  if (into) {
    return (
      <p>
        <a href={into.href}>{t("promise.merged", { title: into.title })}</a>
      </p>
    );
  }
  if (similar.length === 0 || commitment.state === "merged") return null;
  return (
    <Callout
      tone="fjord"
      icon={FileText}
      title={t("promise.similar")}
      actions={
        detail.may.has("merge") &&
        similar.map(({ id, title }) => (
          <Button key={id} onPress={() => onJoin(id)}>
            {t("promise.similar_do", { title })}
          </Button>
        ))
      }
    >
      <p>{t("promise.similar_body")}</p>
      <ul>
        {similar.map(({ id, title, href }) => (
          <li key={id}>
            <a href={href}>{title}</a>
          </li>
        ))}
      </ul>
    </Callout>
  );
}

function Facts({ commitment, detail, people, goals, notes }: CommitmentScreenProps) {
  const speech = useSpeech();
  const { t, textKey } = speech;
  const text = (field: keyof Detail["texts"]) => textIn(detail.texts[field], textKey);
  const { owner, asked } = commitment;
  const organisations = organisationsOf(commitment, people).flatMap((id) => people.organisation(id) ?? []);
  return (
    <dl className={style.facts}>
      <Fact term={t("fact.done_when")} strong>
        {text("done_when") || commitment.done_when}
      </Fact>
      <Fact term={t("fact.next_step")}>{text("next_step") || commitment.next_step}</Fact>
      <Fact term={t("fact.owner")}>
        {owner === null ? t("promise.nobody") : nameOf(owner, people, speech)}
      </Fact>
      {asked !== null && asked !== owner && (
        <Fact term={t("promise.asked")}>{nameOf(asked, people, speech)}</Fact>
      )}
      <Fact term={t("fact.with")}>
        {commitment.with.length === 0
          ? t("promise.alone")
          : namesOf(commitment.with, people, speech)}
      </Fact>
      <Fact term={t("fact.requester")}>{nameOf(commitment.requester ?? NETWORK, people, speech)}</Fact>
      {organisations.length > 0 && (
        <Fact term={t("commitments.organisation")}>
          <ul className={style.organisations}>
            {organisations.map((organisation) => (
              <li key={organisation.id}>
                <OrgDot colour={organisation.colour} /> {organisation.name}
              </li>
            ))}
          </ul>
        </Fact>
      )}
      <Fact term={t("fact.due")}>
        {commitment.due === null ? t("promise.date_none") : speech.due(commitment.due)}
      </Fact>
      <Fact term={t("fact.follow_up")}>
        {commitment.follow_up === null ? "" : speech.due(commitment.follow_up)}
      </Fact>
      <Fact term={t("fact.description")}>{text("description")}</Fact>
      <Fact term={t("fact.support_needed")}>{text("support_needed")}</Fact>
      <Fact term={t("fact.obstacle")}>{text("obstacle")}</Fact>
      <Fact term={t("promise.evidence")}>{textIn(detail.evidence, textKey)}</Fact>
      <Links term={t("fact.goals")} links={goals} />
      <Links term={t("fact.from_notes")} links={notes} />
    </dl>
  );
}

/** One thing that was said; nothing where nothing was. */
function Fact({ term, children, strong }: { term: string; children: ReactNode; strong?: boolean }) {
  if (children === "") return null;
  return (
    <div className={style.fact}>
      <dt>{term}</dt>
      <dd className={strong ? style.strong : undefined}>{children}</dd>
    </div>
  );
}

function Links({ term, links }: { term: string; links: readonly Linked[] }) {
  if (links.length === 0) return null;
  return (
    <Fact term={term}>
      <ul className={style.links}>
        {links.map(({ id, title, href }) => (
          <li key={id}>
            <a href={href}>{title}</a>
          </li>
        ))}
      </ul>
    </Fact>
  );
}
