import { ChevronsUpDown, House, Link2, Plus } from "lucide-react";
import { Button } from "react-aria-components";

import { useSpeech } from "../i18n/intl";
import { Menu } from "../parts/Menu";
import style from "./PlanSwitcher.module.css";
import { routeOf } from "./StartPage";
import { useDevice, useSession } from "./context";
import { navigate } from "./navigation";

/** The plan's name, and the way to others. */
export function PlanSwitcher({ title }: { title: string }) {
  const { t } = useSpeech();
  const plans = useDevice((state) => state.plans);
  const { id } = useSession();
  const start = () => navigate({ at: "start" });
  return (
    <Menu
      label={t("nav.plans")}
      groups={[
        {
          title: t("start.plans"),
          choices: plans.map((plan) => ({
            id: plan.id,
            label: plan.title || t("start.plan_untitled"),
            current: plan.id === id,
            onChoose: () => navigate(routeOf(plan.id)),
          })),
        },
        {
          choices: [
            { id: "all", label: t("nav.all_plans"), icon: House, onChoose: start },
            { id: "new", label: t("nav.new_plan"), icon: Plus, onChoose: start },
            { id: "join", label: t("nav.join"), icon: Link2, onChoose: start },
          ],
        },
      ]}
    >
      <Button className={style.switcher} aria-label={`${title}. ${t("nav.plans")}`}>
        <span className={style.title}>{title || t("start.plan_untitled")}</span>
        <ChevronsUpDown aria-hidden className={style.sign} />
      </Button>
    </Menu>
  );
}
