import { Ban } from "lucide-react";
import { useState } from "react";

import type { EntityRef } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import type { MessageKey } from "../../i18n/keys";
import { Button } from "../../parts/Button";
import { Page } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { Select } from "../../parts/Select";
import { countKinds, type HistoryDay, type HistoryLine } from "../../state/history/history";
import style from "./History.module.css";
import { isDid } from "./words";

export interface HistoryScreenProps {
  days: readonly HistoryDay[];
  /** The one thing whose history it is. */
  thing: { title: string; wholeHref: string } | null;
  /** Whose doings alone are shown; empty for everybody's. */
  who: string;
  onWho: (who: string) => void;
  names: readonly string[];
  titleOf: (entity: EntityRef) => string;
  /** Where a thing is shown. */
  hrefOf: (entity: EntityRef) => string | null;
}

const DAYS_SHOWN = 7;
const NAMED = 3;

export function HistoryScreen(props: HistoryScreenProps) {
  const { days, thing, who, onWho, names } = props;
  const { t, dateLong } = useSpeech();
  const [shown, setShown] = useState(DAYS_SHOWN);
  return (
    <Page
      title={thing ? t("history.of", { thing: thing.title }) : t("nav.history")}
      actions={
        names.length > 1 && (
          <Select
            compact
            label={t("history.who")}
            value={who}
            onChange={onWho}
            options={[
              { value: "", label: t("history.everybody") },
              ...names.map((name) => ({ value: name, label: name })),
            ]}
          />
        )
      }
    >
      <p className={style.soft}>
        {t("history.lead")} {thing && <a href={thing.wholeHref}>{t("history.whole")}</a>}
      </p>
      {days.length === 0 && <p>{t("history.empty")}</p>}
      {days.slice(0, shown).map((day, index) => (
        <section key={`${day.date ?? ""}-${index}`} className={style.day}>
          <h2 className={style.date}>
            {day.date === null ? t("history.no_time") : dateLong(day.date)}
          </h2>
          <ol className={style.lines}>
            {day.lines.map((line, at) => (
              <Line key={`${line.id}-${line.what}-${at}`} line={line} {...props} />
            ))}
          </ol>
        </section>
      ))}
      {days.length > shown && (
        <div>
          <Button onPress={() => setShown(shown + 4 * DAYS_SHOWN)}>{t("history.more")}</Button>
        </div>
      )}
    </Page>
  );
}

interface LineProps extends Pick<HistoryScreenProps, "titleOf" | "hrefOf"> {
  line: HistoryLine;
}

function Line({ line, titleOf, hrefOf }: LineProps) {
  const speech = useSpeech();
  const { t, list } = speech;
  const did: MessageKey = isDid(line.what) ? `history.did.${line.what}` : "history.did.change";
  const counts = countKinds(line.entities);
  const few = line.entities.length <= NAMED;
  return (
    <li className={style.line} data-fresh={line.fresh} data-out={line.leftOut !== null}>
      <time className={style.time} dateTime={line.time_ms === null ? undefined : new Date(line.time_ms).toISOString()}>
        {line.time_ms === null ? "" : clock(line.time_ms, speech.language)}
      </time>
      <div className={style.what}>
        <p>
          <strong>{line.name}</strong> {t(did)}
          {!few && ` ${list(counts.map(({ kind, count }) => t(`history.count.${kind}`, { count })))}`}
          {few && line.times > 1 && <span className={style.soft}> · {t("history.times", { count: line.times })}</span>}
          {line.fresh && (
            <>
              {" "}
              <Pill tone="fjord">{t("history.new")}</Pill>
            </>
          )}
        </p>
        {few &&
          eachOnce(line.entities, titleOf).map((entity) => (
            <Named key={`${entity.kind}/${entity.id}`} entity={entity} titleOf={titleOf} hrefOf={hrefOf} />
          ))}
        {line.leftOut !== null && (
          <p className={style.out}>
            <Ban aria-hidden /> {t("history.left_out", { reason: line.leftOut })}
          </p>
        )}
      </div>
    </li>
  );
}

/** A plan and its wall may be called alike: the same words are said once. */
function eachOnce(entities: readonly EntityRef[], titleOf: LineProps["titleOf"]): EntityRef[] {
  const words = (entity: EntityRef) => titleOf(entity) || entity.kind;
  return [...new Map(entities.map((entity) => [words(entity), entity])).values()];
}

function Named({ entity, titleOf, hrefOf }: { entity: EntityRef } & Omit<LineProps, "line">) {
  const { t } = useSpeech();
  const title = titleOf(entity);
  const href = hrefOf(entity);
  const words = title || t(`history.kind.${entity.kind}`);
  return (
    <p className={style.thing}>
      {href === null || title === "" ? words : <a href={href}>{words}</a>}
    </p>
  );
}

function clock(ms: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(new Date(ms));
}
