import { useSpeech } from "../../i18n/intl";
import { classes } from "../../parts/classes";
import type { Happening } from "../../state/commitments/words";
import style from "./Happenings.module.css";

/** What happened to a commitment, the newest first. */
export function Happenings({ happenings }: { happenings: readonly Happening[] }) {
  const { t } = useSpeech();
  return (
    <ol className={style.list}>
      {happenings.toReversed().map((happening) => (
        <li key={happening.record} className={classes(style.item, happening.ineffective !== null && style.void)}>
          <p className={style.sentence}>
            {happening.sentence}
            <span className={classes(style.when, "tabular")}>
              {happening.when}
              {happening.stated && `, ${t("promise_event.stated")}`}
            </span>
          </p>
          {happening.words !== "" && <p className={style.words}>{happening.words}</p>}
          {happening.ineffective !== null && (
            <p className={style.when}>{t("promise_event.ineffective", { reason: happening.ineffective })}</p>
          )}
        </li>
      ))}
    </ol>
  );
}
