import { ChevronRight, FileText, History, House, Settings, ShieldCheck } from "lucide-react";

import { useSpeech } from "../i18n/intl";
import { Page } from "../parts/Page";
import style from "./MorePage.module.css";
import type { PlanRoute } from "./PlanPage";
import { writeRoute } from "./route";

const PLACES = [
  { screen: "history", icon: History },
  { screen: "files", icon: FileText },
  { screen: "status", icon: ShieldCheck },
  { screen: "settings", icon: Settings },
] as const;

/** What does not fit in a phone's bottom bar. */
export default function MorePage({ route }: { route: PlanRoute }) {
  const { t } = useSpeech();
  return (
    <Page title={t("nav.more")}>
      <ul className={style.list}>
        {PLACES.map(({ screen, icon: Icon }) => (
          <li key={screen}>
            <a className={style.link} href={writeRoute({ ...route, screen, id: null, query: {} })}>
              <Icon aria-hidden /> <span>{t(`nav.${screen}`)}</span> <ChevronRight aria-hidden />
            </a>
          </li>
        ))}
        <li>
          <a className={style.link} href={writeRoute({ at: "start" })}>
            <House aria-hidden /> <span>{t("nav.all_plans")}</span> <ChevronRight aria-hidden />
          </a>
        </li>
      </ul>
    </Page>
  );
}
