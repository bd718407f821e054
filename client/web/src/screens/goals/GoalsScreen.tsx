import { Flag, PencilLine, Plus, Scale } from "lucide-react";
import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Page } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import type { GoalCard, IndicatorCard } from "../../state/goals/goals";
import type { Judgement, Judgements } from "../../state/goals/judgements";
import type { People } from "../../state/people";
import type { GoalActions } from "./actions";
import { GoalDialog, JudgeDialog } from "./GoalDialogs";
import style from "./Goals.module.css";
import { Indicator } from "./Indicator";
import { IndicatorDialog, RecordDialog } from "./IndicatorDialogs";

export interface GoalsScreenProps {
  goals: readonly GoalCard[];
  judgements: Judgements;
  people: People;
  mayEdit: boolean;
  actions: GoalActions;
  hrefOfCommitment: (id: string) => string;
  hrefOfHistory: (goal: string) => string;
}

type Open =
  | { what: "goal"; goal: GoalCard | null }
  | { what: "judge"; goal: GoalCard }
  | { what: "indicator"; goal: GoalCard; indicator: IndicatorCard | null }
  | { what: "record"; indicator: IndicatorCard };

export function GoalsScreen(props: GoalsScreenProps) {
  const { goals, people, mayEdit, actions } = props;
  const { t } = useSpeech();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const add = (look: "primary" | "plain") => (
    <Button look={look} icon={Plus} onPress={() => setOpen({ what: "goal", goal: null })}>
      {t("goals.add")}
    </Button>
  );
  return (
    <Page title={t("nav.goals")} width="wide" actions={mayEdit && goals.length > 0 && add("primary")}>
      {goals.length === 0 && (
        <Empty
          title={t("goals.empty_title")}
          drawing={<Flag size={56} strokeWidth={1.25} />}
          action={mayEdit && add("primary")}
        >
          {t("goals.empty_body")}
        </Empty>
      )}
      {goals.map((goal) => (
        <Goal key={goal.id} goal={goal} onOpen={setOpen} {...props} />
      ))}
      {open?.what === "goal" && (
        <GoalDialog goal={open.goal} people={people} actions={actions} onClose={close} />
      )}
      {open?.what === "judge" && <JudgeDialog goal={open.goal} actions={actions} onClose={close} />}
      {open?.what === "indicator" && (
        <IndicatorDialog goal={open.goal} indicator={open.indicator} actions={actions} onClose={close} />
      )}
      {open?.what === "record" && (
        <RecordDialog indicator={open.indicator} actions={actions} onClose={close} />
      )}
    </Page>
  );
}

interface GoalProps extends GoalsScreenProps {
  goal: GoalCard;
  onOpen: (open: Open) => void;
}

function Goal({ goal, judgements, people, mayEdit, onOpen, hrefOfHistory, hrefOfCommitment }: GoalProps) {
  const { t } = useSpeech();
  const organisation = people.organisation(goal.accountable);
  const facts = [
    organisation ? `${t("goals.accountable")}: ${organisation.name}` : "",
    goal.themes.length > 0 ? `${t("goals.themes")} ${goal.themes.join(", ")}` : "",
  ].filter(Boolean);
  return (
    <article className={style.goal} aria-label={goal.statement}>
      <header className={style.head}>
        {goal.level !== null && <Pill icon={Flag}>{t(`goals.level.${goal.level}`)}</Pill>}
        <h2 className={style.statement} lang={goal.statementKey}>
          {goal.statement || t("common.untitled")}
        </h2>
        {goal.ownWords !== "" && (
          <p className={style.own} lang={goal.ownWordsKey}>
            {goal.ownWords}
          </p>
        )}
        {facts.length > 0 && <p className={style.soft}>{facts.join(" · ")}</p>}
      </header>

      <section className={style.part} aria-label={t("goals.indicators")}>
        <h3 className={style.partTitle}>{t("goals.indicators")}</h3>
        {goal.indicators.length === 0 && <p className={style.soft}>{t("goals.indicators_none")}</p>}
        {goal.indicators.map((indicator) => (
          <Indicator
            key={indicator.id}
            indicator={indicator}
            mayEdit={mayEdit}
            onRecord={() => onOpen({ what: "record", indicator })}
            onEdit={() => onOpen({ what: "indicator", goal, indicator })}
          />
        ))}
      </section>

      {goal.markers.length > 0 && (
        <dl className={style.markers}>
          {goal.markers.map(({ kind, signs }) => (
            <div key={kind}>
              <dt>{t(`goals.markers.${kind}`)}</dt>
              {signs.map((sign) => (
                <dd key={sign}>{sign}</dd>
              ))}
            </div>
          ))}
        </dl>
      )}

      <div className={style.pair}>
        <section className={style.part} aria-label={t("goals.serves")}>
          <h3 className={style.partTitle}>{t("goals.serves")}</h3>
          {goal.servedBy.length === 0 && <p className={style.soft}>{t("goals.serves_none")}</p>}
          <ul className={style.serving}>
            {goal.servedBy.map((one) => (
              <li key={one.id}>
                <a href={hrefOfCommitment(one.id)}>{one.title || t("common.untitled")}</a>
                <span className={style.soft}>{one.state_word}</span>
              </li>
            ))}
          </ul>
        </section>
        <section className={style.part} aria-label={t("goals.judged")}>
          <h3 className={style.partTitle}>{t("goals.judged")}</h3>
          <Judged judgements={judgements.get(goal.id) ?? []} people={people} />
        </section>
      </div>

      <footer className={style.foot}>
        {mayEdit && (
          <>
            <Button size="small" icon={Scale} onPress={() => onOpen({ what: "judge", goal })}>
              {t("goals.judge")}
            </Button>
            <Button
              size="small"
              icon={Plus}
              onPress={() => onOpen({ what: "indicator", goal, indicator: null })}
            >
              {t("goals.add_indicator")}
            </Button>
            <Button
              size="small"
              look="quiet"
              icon={PencilLine}
              onPress={() => onOpen({ what: "goal", goal })}
            >
              {t("goals.edit")}
            </Button>
          </>
        )}
        <a className={style.historyLink} href={hrefOfHistory(goal.id)}>
          {t("goals.history")}
        </a>
      </footer>
    </article>
  );
}

const TONES = { nearer: "lichen", same: "plain", further: "lingon", cannot_tell: "plain" } as const;

function Judged({ judgements, people }: { judgements: readonly Judgement[]; people: People }) {
  const { t, dateFull } = useSpeech();
  if (judgements.length === 0) return <p className={style.soft}>{t("goals.judged_none")}</p>;
  return (
    <ul className={style.judged}>
      {judgements.map((one, index) => (
        <li key={index}>
          <Pill tone={TONES[one.verdict]}>{t(`goals.verdict.${one.verdict}`)}</Pill>
          <span>{people.person(one.by).called}</span>
          {one.date !== null && <span className={style.soft}>{dateFull(one.date)}</span>}
        </li>
      ))}
    </ul>
  );
}
