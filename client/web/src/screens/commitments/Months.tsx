import { CalendarCheck, Flag } from "lucide-react";

import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { classes } from "../../parts/classes";
import { type Entry, isClosed, type Month } from "../../state/commitments/filters";
import type { People } from "../../state/people";
import style from "./Months.module.css";
import { PromiseSentence } from "./PromiseSentence";
import { StateSign } from "./StateSign";

interface MonthsProps {
  months: readonly Month[];
  people: People;
  hrefOf: (commitment: CommitmentView) => string;
}

/** What is due and what is looked at together, month by month. */
export function Months({ months, people, hrefOf }: MonthsProps) {
  const speech = useSpeech();
  const { t, today } = speech;
  const now = today.slice(0, 7);
  return (
    <ol className={style.months}>
      {months.map((month) => (
        <li
          key={month.id}
          className={classes(style.month, month.id !== "" && month.id < now && style.past, month.id === now && style.now)}
        >
          <h2 className={style.title}>
            {month.id === "" ? t("commitments.no_month") : speech.month(month.id)}
            {month.id === now && <span className={style.mark}>{t("promises.this_month")}</span>}
          </h2>
          <ul className={style.entries}>
            {month.entries.map((entry) => (
              <Row
                key={`${entry.what}/${entry.date}/${entry.commitments[0]?.id ?? ""}`}
                entry={entry}
                people={people}
                hrefOf={hrefOf}
              />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Row({ entry, people, hrefOf }: Pick<MonthsProps, "people" | "hrefOf"> & { entry: Entry }) {
  const speech = useSpeech();
  const [commitment] = entry.commitments;
  if (!commitment) return null;
  const due = entry.what === "due";
  const Sign = due ? Flag : CalendarCheck;
  return (
    <li className={classes(style.entry, due && style.one, due && isClosed(commitment) && style.closed)}>
      <span className={classes(style.date, "tabular", due && commitment.overdue && style.late)}>
        <Sign aria-hidden className={style.sign} />
        {entry.date === "" ? "" : speech.due(entry.date)}
      </span>
      {due ? (
        <div className={style.body}>
          <a href={hrefOf(commitment)} className={style.link}>
            <PromiseSentence commitment={commitment} people={people} />
          </a>
          <StateSign commitment={commitment} />
        </div>
      ) : (
        <div>
          <p className={style.together}>{speech.t("fact.follow_up")}</p>
          <ul className={style.followed}>
            {entry.commitments.map((one) => (
              <li key={one.id}>
                <a href={hrefOf(one)}>{one.title || speech.t("common.untitled")}</a>
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}
