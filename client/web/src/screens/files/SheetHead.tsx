import { useSpeech } from "../../i18n/intl";
import style from "./Print.module.css";

/** What stands at the top of every paper: what it is, of which plan, from when. */
export function SheetHead({ kind, title }: { kind: string; title: string }) {
  const { t, today, dateLong } = useSpeech();
  return (
    <header>
      <p className={style.kind}>{kind}</p>
      <h2 className={style.title}>{title}</h2>
      <p className={style.small}>
        {t("print.printed", { date: dateLong(today) })} · {t("print.rule")}
      </p>
    </header>
  );
}
