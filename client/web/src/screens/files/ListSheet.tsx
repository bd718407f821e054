import { useSpeech } from "../../i18n/intl";
import { byOrganisation, type Memo } from "../../state/files/memo";
import { Promised } from "./Promised";
import { SheetHead } from "./SheetHead";
import style from "./Print.module.css";

/** What was promised, by organisation, to tick off with a pen. */
export function ListSheet({ memo }: { memo: Memo }) {
  const { t, compare } = useSpeech();
  const groups = byOrganisation(memo.commitments, compare);
  return (
    <article className={style.sheet}>
      <SheetHead kind={t("print.commitments")} title={memo.title} />
      {groups.length === 0 && <p>{t("print.commitments_none")}</p>}
      {groups.map(({ organisation, commitments }) => (
        <section key={organisation}>
          <h3>{organisation || t("print.no_organisation")}</h3>
          <Promised commitments={commitments} />
        </section>
      ))}
    </article>
  );
}
