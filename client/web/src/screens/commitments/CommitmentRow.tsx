import { CalendarClock, CircleHelp, Hand } from "lucide-react";
import { memo } from "react";

import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Pill } from "../../parts/Pill";
import { OrgDot } from "../../parts/Swatch";
import { classes } from "../../parts/classes";
import { isClosed } from "../../state/commitments";
import type { People } from "../../state/people";
import style from "./CommitmentRow.module.css";
import { DueLine } from "./DueLine";
import { Sentence } from "./Sentence";
import { StatePill } from "./StatePill";

interface CommitmentRowProps {
  view: CommitmentView;
  people: People;
  href: string;
  current: boolean;
  turn: boolean;
  /** Whether a question about it has more than one answer. */
  contested: boolean;
  glows: boolean;
}

/** A commitment in a list: the sentence first, then people, then dates. */
export const CommitmentRow = memo(function CommitmentRow(props: CommitmentRowProps) {
  const { view, people, href, current, turn, contested, glows } = props;
  const { t, list } = useSpeech();
  const organisation = people.organisation(view.owner_org);
  const late = view.overdue;
  return (
    <li className={classes(style.row, current && style.current, isClosed(view) && style.closed, glows && style.glows)}>
      <a href={href} className={style.link} aria-current={current ? "page" : undefined}>
        <span className={style.sentence}>
          <Sentence view={view} people={people} />
        </span>
        <span className={style.facts}>
          {organisation && (
            <span className={style.org}>
              <OrgDot colour={organisation.colour} /> {organisation.name}
            </span>
          )}
          {view.with.length > 0 && (
            <span>{t("commitments.with", { who: list(view.with.map((id) => people.person(id).called)) })}</span>
          )}
        </span>
        <span className={style.facts}>
          <DueLine view={view} late={late} />
        </span>
        <span className={style.signs}>
          <StatePill state={view.state} />
          {late && (
            <Pill tone="lingon" icon={CalendarClock}>
              {t("commitments.late")}
            </Pill>
          )}
          {turn && (
            <Pill tone="lingon" icon={Hand}>
              {t("commitments.your_turn")}
            </Pill>
          )}
          {(contested || view.proposals.length > 0) && (
            <Pill tone="amber" icon={CircleHelp}>
              {t("commitments.two_answers")}
            </Pill>
          )}
        </span>
      </a>
    </li>
  );
});
