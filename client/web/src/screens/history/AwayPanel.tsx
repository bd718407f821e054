import { DoorOpen } from "lucide-react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import type { Away } from "../../state/history/away";
import style from "./AwayPanel.module.css";

interface AwayPanelProps {
  away: Away;
  /** `null` where one is there already. */
  historyHref: string | null;
  questionsHref: string;
  onSeen: () => void;
}

/** What others did since one was here last, before anything else. */
export function AwayPanel({ away, historyHref, questionsHref, onSeen }: AwayPanelProps) {
  const { t, moment, list } = useSpeech();
  return (
    <section className={style.away} aria-label={t("history.away")}>
      <DoorOpen aria-hidden className={style.sign} />
      <div className={style.body}>
        <p>
          <strong>{t("history.away")}:</strong>{" "}
          {list([
            t("history.away_changes", { count: away.changes }),
            t("history.away_questions", { count: away.questions }),
          ])}
        </p>
        <ul className={style.by}>
          {away.by.map(({ name, count }) => (
            <li key={name}>{t("history.away_by", { name, count })}</li>
          ))}
          <li>{t("history.away_since", { when: moment(away.since_ms) })}</li>
        </ul>
        <div className={style.links}>
          {away.questions > 0 && <a href={questionsHref}>{t("history.away_commitments")}</a>}
          {historyHref !== null && <a href={historyHref}>{t("history.away_show")}</a>}
          <Button look="quiet" size="small" onPress={onSeen}>
            {t("history.away_done")}
          </Button>
        </div>
      </div>
    </section>
  );
}
