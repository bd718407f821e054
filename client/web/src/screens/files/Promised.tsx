import { useSpeech } from "../../i18n/intl";
import type { MemoCommitment } from "../../state/files/memo";
import style from "./Print.module.css";

/** Commitments on paper, each with a box to tick. */
export function Promised({ commitments }: { commitments: readonly MemoCommitment[] }) {
  const { t, due, list } = useSpeech();
  return (
    <ul className={style.commitments}>
      {commitments.map((one) => (
        <li key={one.id} className={style.commitment}>
          <span className={style.box} data-done={one.done} aria-hidden />
          <div>
            <p className={style.promise}>{one.title}</p>
            <p>
              {one.owner === null
                ? t("promise.nobody")
                : [one.owner.words, one.owner.organisation].filter(Boolean).join(", ")}
              {one.with.length > 0 && ` · ${t("print.with")} ${list(one.with)}`}
            </p>
            {one.doneWhen !== "" && (
              <p>
                <em>{t("print.done_when")}:</em> {one.doneWhen}
              </p>
            )}
          </div>
          <p className={style.due}>
            {one.due === null ? t("due.no_date") : due(one.due)}
            <span className={style.small}>{one.state}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
