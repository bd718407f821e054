import { useSpeech } from "../../i18n/intl";
import style from "./ErrorBoundary.module.css";

/** A browser that cannot run the app, or an address without https. */
export function Unsupported({ missing }: { missing: string }) {
  const { t } = useSpeech();
  return (
    <main className={style.failed}>
      <h1>{t("unsupported.title")}</h1>
      <p>{t("unsupported.body", { missing })}</p>
    </main>
  );
}
