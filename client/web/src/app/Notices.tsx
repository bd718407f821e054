import { CircleX, Eye, Shapes, X } from "lucide-react";

import type { CommitmentView } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { Button, IconButton } from "../parts/Button";
import { Away } from "../screens/history/Away";
import style from "./Notices.module.css";
import type { PlanRoute } from "./PlanPage";
import { useDevice, usePlan, useSession } from "./context";
import { isUnsaved, sayFailure } from "./failures";
import { writeRoute } from "./route";
import { useAway } from "./useAway";

/** What one has to know on every screen of this plan: what went wrong, and in what way one is in. */
export function Notices({ route }: { route: PlanRoute }) {
  const session = useSession();
  const speech = useSpeech();
  const { t } = speech;
  const away = useAway();
  const questions = usePlan(({ opened, tables }) => {
    const waits = (view: CommitmentView) =>
      opened.participant !== null && view.waiting_for.includes(opened.participant);
    return [...tables.commitments.values()].filter(waits).length;
  });
  const failure = usePlan((state) => state.failure);
  const opened = usePlan((state) => state.opened);
  const sample = useDevice((state) => state.plans.find((plan) => plan.id === opened.id)?.sample ?? false);
  return (
    <div className={style.notices}>
      {away.days.length > 0 && (
        <Away
          days={away.days}
          questions={questions}
          questionsHref={writeRoute({
            ...route,
            screen: "commitments",
            id: null,
            query: { list: "waiting" },
          })}
          onClose={away.close}
        />
      )}
      {failure !== null && (
        <div className={style.failure} role="alert">
          <CircleX aria-hidden className={style.sign} />
          <p>{sayFailure(failure, speech)}</p>
          {isUnsaved(failure) && (
            <Button
              size="small"
              onPress={() => {
                session.dismissFailure();
                void session.attempt(() => session.core.retry(session.id));
              }}
            >
              {t("common.retry")}
            </Button>
          )}
          <IconButton icon={X} label={t("common.close")} onPress={() => session.dismissFailure()} />
        </div>
      )}
      {opened.role === "reader" && (
        <p className={style.quiet}>
          <Eye aria-hidden className={style.sign} /> {t("plan.reader")}
        </p>
      )}
      {opened.ready && opened.role === null && (
        <p className={style.quiet}>
          <Eye aria-hidden className={style.sign} /> {t("plan.out")}
        </p>
      )}
      {sample && (
        <p className={style.quiet}>
          <Shapes aria-hidden className={style.sign} /> {t("plan.guest")}
        </p>
      )}
    </div>
  );
}
