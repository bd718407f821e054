import { useSpeech } from "../../i18n/intl";
import type { Memo } from "../../state/files/memo";
import { Promised } from "./Promised";
import { SheetHead } from "./SheetHead";
import style from "./Print.module.css";

/** The plan in a page or two. */
export function MemoSheet({ memo }: { memo: Memo }) {
  const { t, number, list } = useSpeech();
  return (
    <article className={style.sheet}>
      <SheetHead kind={t("print.title")} title={memo.title} />
      {memo.purpose !== "" && (
        <section>
          <h3>{t("print.purpose")}</h3>
          <p>{memo.purpose}</p>
        </section>
      )}
      {memo.themes.length > 0 && (
        <section>
          <h3>{t("print.themes")}</h3>
          <p>{list(memo.themes.map(({ title, notes }) => `${title} (${number(notes)})`))}</p>
        </section>
      )}
      {memo.goals.length > 0 && (
        <section>
          <h3>{t("print.goals")}</h3>
          <ol className={style.goals}>
            {memo.goals.map((goal) => (
              <li key={goal.id}>
                {goal.statement}
                {goal.indicators.map(({ id, name, unit, baseline, latest, target }) => (
                  <span key={id} className={style.indicator}>
                    {name}:{" "}
                    {[baseline, latest, target]
                      .map((measure) => (measure ? number(measure.value) : "–"))
                      .join(" → ")}{" "}
                    {unit}
                  </span>
                ))}
              </li>
            ))}
          </ol>
        </section>
      )}
      {memo.commitments.length > 0 && (
        <section>
          <h3>{t("print.commitments")}</h3>
          <Promised commitments={memo.commitments} />
        </section>
      )}
    </article>
  );
}
