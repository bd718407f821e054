import { CalendarClock, CircleQuestionMark, Hourglass, TriangleAlert } from "lucide-react";
import { memo } from "react";

import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { OrgDot } from "../../parts/Swatch";
import { Pill } from "../../parts/Pill";
import { classes } from "../../parts/classes";
import { isClosed, organisationsOf } from "../../state/commitments/filters";
import { namesOf } from "../../state/commitments/words";
import type { People } from "../../state/people";
import style from "./CommitmentRow.module.css";
import { PromiseSentence } from "./PromiseSentence";
import { StateSign } from "./StateSign";

interface CommitmentRowProps {
  commitment: CommitmentView;
  people: People;
  href: string;
  /** Whether its page is open beside the list. */
  current: boolean;
  /** Somebody else changed it a moment ago. */
  glows: boolean;
}

/** A commitment in a list: the promise first, then how it stands. */
export const CommitmentRow = memo(function CommitmentRow(props: CommitmentRowProps) {
  const { commitment, people, href, current, glows } = props;
  const speech = useSpeech();
  const { t } = speech;
  const [organisation] = organisationsOf(commitment, people).flatMap((id) => people.organisation(id) ?? []);
  const waitsForMe = people.me !== null && commitment.waiting_for.includes(people.me.id);
  const others = waitsForMe ? [] : commitment.waiting_for.filter((id) => id !== commitment.owner);
  return (
    <li className={classes(style.row, current && style.current, isClosed(commitment) && style.closed, glows && style.glows)}>
      <a className={style.promise} href={href} aria-current={current ? "page" : undefined}>
        <PromiseSentence commitment={commitment} people={people} />
      </a>
      <p className={style.by}>
        {organisation && (
          <span className={style.organisation}>
            <OrgDot colour={organisation.colour} /> {organisation.name}
          </span>
        )}
        {commitment.with.length > 0 && (
          <span>
            {t("fact.with")} {namesOf(commitment.with, people, speech)}
          </span>
        )}
      </p>
      <p className={style.state}>
        <StateSign commitment={commitment} />
        {waitsForMe && (
          <Pill tone="lingon" icon={Hourglass}>
            {t("promise.waiting_you")}
          </Pill>
        )}
        {others.length > 0 && (
          <span className={style.waiting}>
            {t("promise.waiting", { who: namesOf(others, people, speech) })}
          </span>
        )}
        {(commitment.questions.length > 0 || commitment.proposals.length > 0) && (
          <Pill tone="amber" icon={CircleQuestionMark}>
            {t("commitments.two_answers")}
          </Pill>
        )}
      </p>
      <p className={classes(style.due, "tabular")}>
        {commitment.due !== null && (
          <span className={commitment.overdue ? style.late : style.date}>
            {t("promise_say.due", { due: speech.due(commitment.due) })}
          </span>
        )}
        {commitment.overdue && (
          <Pill tone="lingon" icon={TriangleAlert}>
            {t("promise.overdue")}
          </Pill>
        )}
        {commitment.times_moved > 0 && (
          <span className={style.moved}>
            <CalendarClock aria-hidden /> {t("promise.moved", { count: commitment.times_moved })}
          </span>
        )}
      </p>
    </li>
  );
});
