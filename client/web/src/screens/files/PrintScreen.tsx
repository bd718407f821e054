import { Printer } from "lucide-react";
import { createPortal } from "react-dom";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Choice } from "../../parts/Field";
import { Page } from "../../parts/Page";
import type { Memo } from "../../state/files/memo";
import style from "./Print.module.css";

interface PrintScreenProps {
  memo: Memo;
  names: boolean;
  onNames: (names: boolean) => void;
  backHref: string;
}

/** The memo as it comes on paper: seen here, and all that is printed. */
export function PrintScreen({ memo, names, onNames, backHref }: PrintScreenProps) {
  const { t } = useSpeech();
  return (
    <Page
      title={t("files.print")}
      width="wide"
      actions={
        <Button look="primary" icon={Printer} onPress={() => window.print()}>
          {t("files.print_do")}
        </Button>
      }
    >
      <div className={style.choices}>
        <Choice
          label={t("files.print_who")}
          labelHidden
          look="bar"
          value={names ? "names" : "roles"}
          onChange={(value) => onNames(value === "names")}
          options={[
            { value: "roles", label: t("files.print_roles") },
            { value: "names", label: t("files.print_names") },
          ]}
        />
        <a className={style.back} href={backHref}>
          {t("print.back")}
        </a>
      </div>
      <div className={style.desk}>
        <Sheet memo={memo} />
      </div>
      {createPortal(
        <div className={style.paper}>
          <Sheet memo={memo} />
        </div>,
        document.body,
      )}
    </Page>
  );
}

function Sheet({ memo }: { memo: Memo }) {
  const { t, today, dateLong, due, number, list } = useSpeech();
  return (
    <article className={style.sheet}>
      <header>
        <p className={style.kind}>{t("print.title")}</p>
        <h2 className={style.title}>{memo.title}</h2>
        <p className={style.small}>
          {t("print.printed", { date: dateLong(today) })} · {t("print.rule")}
        </p>
      </header>
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
          <ul className={style.commitments}>
            {memo.commitments.map((one) => (
              <li key={one.id} className={style.commitment}>
                <span className={style.box} data-done={one.done} aria-hidden />
                <div>
                  <p className={style.promise}>{one.title}</p>
                  <p>
                    {one.owner === null
                      ? one.state
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
        </section>
      )}
    </article>
  );
}
