import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { classes } from "../../parts/classes";
import type { People } from "../../state/people";
import style from "./MovedDates.module.css";

/** Every day that it was to be done by, as a dotted line from the first to the one that holds. */
export function MovedDates({ commitment, people }: { commitment: CommitmentView; people: People }) {
  const { t, due } = useSpeech();
  const { moves } = commitment;
  const [first] = moves;
  if (!first) return null;
  const day = (date: string | null) => (date === null ? t("promise.date_none") : due(date));
  return (
    <section aria-label={t("fact.due_moves")} className={style.dates}>
      <h3 className={style.title}>{t("fact.due_moves")}</h3>
      <ol className={style.line}>
        <li className={style.stop}>
          <span className={classes(style.day, "tabular")}>{day(first.from)}</span>
          <span className={style.note}>{t("promise.date_first")}</span>
        </li>
        {moves.map((move, index) => (
          <li
            key={move.record}
            className={classes(style.stop, index === moves.length - 1 && style.now, !move.agreed && style.open)}
          >
            <span className={classes(style.day, "tabular")}>{day(move.to)}</span>
            <span className={style.note}>
              {[
                index === moves.length - 1 ? t("promise.date_now") : "",
                move.by === null ? "" : people.person(move.by).called,
                move.reason ?? "",
                move.agreed ? "" : t("promise.date_not_agreed"),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ol>
      {commitment.days_moved > 0 && (
        <p className={style.note}>{t("promise.dates_days", { count: commitment.days_moved })}</p>
      )}
    </section>
  );
}
