import { useSpeech } from "../../i18n/intl";
import type { CommitmentView } from "../../core/api";
import { classes } from "../../parts/classes";
import style from "./DueLine.module.css";

/** The date, with the days that it had before as a small dotted line. */
export function DueLine({ view, late }: { view: CommitmentView; late?: boolean }) {
  const { t, due } = useSpeech();
  const before = view.moves.flatMap((move) => (move.from === null ? [] : [move.from]));
  if (view.due === null) return <span className={style.none}>{t("due.no_date")}</span>;
  return (
    <span className={classes(style.line, "tabular")}>
      {before.map((date, index) => (
        <span key={`${date}-${index}`} className={style.past}>
          <s>{due(date)}</s>
          <span className={style.dots} aria-hidden />
        </span>
      ))}
      <span className={classes(style.now, late && style.late)}>{t("due.word", { due: due(view.due) })}</span>
      {view.times_moved > 0 && (
        <span className={style.moved}>{t("commitments.moved", { count: view.times_moved })}</span>
      )}
    </span>
  );
}
