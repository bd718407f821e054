import { Eye, Shapes } from "lucide-react";
import { use } from "react";

import { useSpeech } from "../i18n/intl";
import { AwayPanel } from "../screens/history/AwayPanel";
import style from "./Notices.module.css";
import type { PlanRoute } from "./PlanPage";
import { AbsenceContext, useDevice, usePlan } from "./context";
import { PlanFailure } from "./Failure";
import { type Screen, writeRoute } from "./route";

/** What one has to know on every screen of this plan: what went wrong, and in what way one is in. */
export function Notices({ route }: { route: PlanRoute }) {
  const { t } = useSpeech();
  const { away, seen } = use(AbsenceContext);
  const opened = usePlan((state) => state.opened);
  const sample = useDevice((state) => state.plans.find((plan) => plan.id === opened.id)?.sample ?? false);
  const to = (screen: Screen, query: Record<string, string> = {}) =>
    writeRoute({ ...route, screen, id: null, query });
  return (
    <div className={style.notices}>
      {away !== null && (
        <AwayPanel
          away={away}
          historyHref={route.screen === "history" && route.id === null ? null : to("history")}
          questionsHref={to("commitments", { show: "waiting" })}
          onSeen={seen}
        />
      )}
      <PlanFailure />
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
