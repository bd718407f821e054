import { useEffect, useMemo, useState } from "react";

import { useSpeech } from "../i18n/intl";
import type { GoalActions } from "../screens/goals/actions";
import { GoalsScreen } from "../screens/goals/GoalsScreen";
import { attachCommand, goalCommand, goalsOf, indicatorCommand, recordCommand } from "../state/goals/goals";
import { type Judgements, readJudgements } from "../state/goals/judgements";
import type { PlanRoute } from "./PlanPage";
import { usePlan, useSession } from "./context";
import { writeRoute } from "./route";
import { useMayEdit, usePeople } from "./usePeople";

export default function GoalsPage({ route }: { route: PlanRoute }) {
  const session = useSession();
  const { textKey } = useSpeech();
  const people = usePeople();
  const mayEdit = useMayEdit();
  const loaded = usePlan((state) => state.loaded);
  const things = usePlan((state) => state.tables.things);
  const clusters = usePlan((state) => state.tables.clusters);
  const commitments = usePlan((state) => state.tables.commitments);
  const goals = useMemo(
    () => goalsOf({ things, clusters, commitments }, textKey),
    [things, clusters, commitments, textKey],
  );
  const judgements = useJudgements();
  const actions = useMemo((): GoalActions => {
    return {
      saveGoal: async (draft, before) => {
        const command = goalCommand(draft, before, textKey);
        if (command) await session.execute(command);
      },
      saveIndicator: async (goal, draft, before) => {
        const command = indicatorCommand(draft, before, textKey);
        if (!command) return;
        const { entities } = await session.execute(command);
        const made = entities.find(({ kind }) => kind === "indicator");
        if (before === null && made) await session.execute(attachCommand(goal, made.id));
      },
      record: async (indicator, value, date) => {
        await session.execute(recordCommand(indicator, value, date, crypto.randomUUID()));
      },
      judge: async (goal, verdict, date) => {
        await session.execute({ command: "judge", goal, verdict, date });
      },
    };
  }, [session, textKey]);

  if (!loaded) return null;
  return (
    <GoalsScreen
      goals={goals}
      judgements={judgements}
      people={people}
      mayEdit={mayEdit}
      actions={actions}
      hrefOfCommitment={(id) => writeRoute({ ...route, screen: "commitments", id, query: {} })}
      hrefOfHistory={(goal) => writeRoute({ ...route, screen: "history", id: `goal:${goal}`, query: {} })}
    />
  );
}

const NONE: Judgements = new Map();

/** How goals were judged; read anew when a goal changes, which a judgement is told of as. */
function useJudgements(): Judgements {
  const session = useSession();
  const goals = usePlan((state) => state.tables.things.goal);
  const [judgements, setJudgements] = useState(NONE);
  useEffect(() => {
    if (goals.size === 0) return;
    let here = true;
    session
      .attempt(() => readJudgements(session.core, session.id))
      .then((read) => {
        if (here) setJudgements(read);
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [session, goals]);
  return judgements;
}
