import { ChevronRight, DoorOpen, X } from "lucide-react";
import { Button as AriaButton, Disclosure, DisclosurePanel } from "react-aria-components";

import { useSpeech } from "../../i18n/intl";
import { IconButton } from "../../parts/Button";
import type { HistoryDay } from "../../state/history";
import style from "./Away.module.css";
import { Day } from "./HistoryScreen";

interface AwayProps {
  days: readonly HistoryDay[];
  questions: number;
  questionsHref: string;
  onClose: () => void;
}

/** What changed since one was last here, before anything else. */
export function Away({ days, questions, questionsHref, onClose }: AwayProps) {
  const { t } = useSpeech();
  const changes = days.reduce((sum, day) => sum + day.rows.length, 0);
  return (
    <section className={style.away} aria-label={t("away.title")}>
      <DoorOpen aria-hidden className={style.sign} />
      <div className={style.body}>
        <p>
          <strong>{t("away.title")}:</strong> {t("away.counts", { changes, questions })}
        </p>
        <Disclosure>
          <div className={style.links}>
            <AriaButton slot="trigger" className={style.open}>
              <ChevronRight aria-hidden className={style.arrow} /> {t("away.show")}
            </AriaButton>
            {questions > 0 && <a href={questionsHref}>{t("away.questions")}</a>}
          </div>
          <DisclosurePanel>
            <div className={style.days}>
              {days.map((day) => (
                <Day key={day.rows[0]?.id} day={day} />
              ))}
            </div>
          </DisclosurePanel>
        </Disclosure>
      </div>
      <IconButton icon={X} label={t("common.close")} onPress={onClose} />
    </section>
  );
}
