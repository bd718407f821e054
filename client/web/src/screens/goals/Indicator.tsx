import { PencilLine, Plus } from "lucide-react";

import { type Speech, useSpeech } from "../../i18n/intl";
import { Button, IconButton } from "../../parts/Button";
import type { IndicatorCard, Measure } from "../../state/goals/goals";
import style from "./Goals.module.css";

interface IndicatorProps {
  indicator: IndicatorCard;
  mayEdit: boolean;
  onRecord: () => void;
  onEdit: () => void;
}

/** Where it began, where it is and where it is to come, in figures; the bar only repeats them. */
export function Indicator({ indicator, mayEdit, onRecord, onEdit }: IndicatorProps) {
  const speech = useSpeech();
  const { t, dateFull, number } = speech;
  const { baseline, latest, target, way, values, unit } = indicator;
  const figure = (measure: Measure | null, none: string) => (
    <dd className={style.figure}>
      {measure === null ? (
        <span className={style.soft}>{none}</span>
      ) : (
        <>
          <span className={style.number}>{sayMeasure(measure, unit, speech)}</span>
          {measure.date !== null && <span className={style.soft}>{dateFull(measure.date)}</span>}
        </>
      )}
    </dd>
  );
  return (
    <div className={style.indicator}>
      <div className={style.indicatorHead}>
        <p className={style.indicatorName} lang={indicator.nameKey}>
          {indicator.name || t("common.untitled")}
          {indicator.source !== "" && <span className={style.source}>{indicator.source}</span>}
        </p>
      </div>
      <dl className={style.figures}>
        <div>
          <dt>{t("goals.baseline")}</dt>
          {figure(baseline, t("goals.none"))}
        </div>
        <div>
          <dt>{t("goals.latest")}</dt>
          {figure(latest, t("goals.latest_none"))}
        </div>
        <div>
          <dt>{t("goals.target")}</dt>
          {figure(target, t("goals.none"))}
        </div>
      </dl>
      {way !== null && (
        <>
          <div className={style.track} aria-hidden>
            <div className={style.done} style={{ width: `${Math.min(100, Math.max(0, way * 100))}%` }} />
          </div>
          <p className={style.soft}>
            {way < 0
              ? t("goals.way_back")
              : t("goals.way", { percent: `${number(Math.round(way * 100))} %` })}
          </p>
        </>
      )}
      {values.length > 1 && (
        <details className={style.details}>
          <summary>{t("goals.values")}</summary>
          <ul>
            {[...values].reverse().map((measure, index) => (
              <li key={index} className={style.value}>
                <span>{measure.date === null ? "" : dateFull(measure.date)}</span>
                <span>{sayMeasure(measure, unit, speech)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {mayEdit && (
        <div className={style.indicatorActs}>
          <Button size="small" icon={Plus} onPress={onRecord}>
            {t("goals.record")}
          </Button>
          <IconButton
            icon={PencilLine}
            label={`${t("goals.edit_indicator")}: ${indicator.name}`}
            onPress={onEdit}
          />
        </div>
      )}
    </div>
  );
}

function sayMeasure({ value }: Measure, unit: string, { number }: Speech): string {
  return unit === "" ? number(value) : `${number(value)} ${unit}`;
}
