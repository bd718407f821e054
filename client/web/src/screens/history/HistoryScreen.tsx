import { CircleAlert } from "lucide-react";
import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Page } from "../../parts/Page";
import type { HistoryDay } from "../../state/history";
import style from "./HistoryScreen.module.css";

const DAYS_AT_FIRST = 14;

/** Who changed what and when. */
export function HistoryScreen({ days }: { days: readonly HistoryDay[] | null }) {
  const { t } = useSpeech();
  const [shown, setShown] = useState(DAYS_AT_FIRST);
  return (
    <Page title={t("nav.history")}>
      <p className={style.lead}>
        {t("history.lead")} {t("history.clock")}
      </p>
      {days?.length === 0 && <Empty title={t("history.empty_title")}>{t("history.empty")}</Empty>}
      {days?.slice(0, shown).map((day) => (
        <Day key={day.date} day={day} />
      ))}
      {days && days.length > shown && (
        <Button onPress={() => setShown(shown + DAYS_AT_FIRST)}>{t("history.more")}</Button>
      )}
    </Page>
  );
}

export function Day({ day }: { day: HistoryDay }) {
  const { t, dateLong, moment } = useSpeech();
  return (
    <section className={style.day}>
      <h2 className={style.date}>{dateLong(day.date)}</h2>
      <ol className={style.rows}>
        {day.rows.map((row) => (
          <li key={row.id} className={style.row}>
            <span className={style.time}>{moment(row.time_ms).split(" ").at(-1)}</span>
            <p className={style.what}>
              <strong>{row.who}</strong> {lower(row.what)}
              {row.left_out !== null && (
                <span className={style.left}>
                  <CircleAlert aria-hidden /> {t("history.left_out", { reason: row.left_out })}
                </span>
              )}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A sentence's beginning after a name. */
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
