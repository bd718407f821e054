import type { GoalCard, GoalDraft, IndicatorCard, IndicatorDraft } from "../../state/goals/goals";
import type { Verdict } from "../../state/goals/judgements";

/** What can be done about goals; each rejects where the core refuses, which the screen's frame says. */
export interface GoalActions {
  saveGoal: (draft: GoalDraft, before: GoalCard | null) => Promise<void>;
  saveIndicator: (goal: string, draft: IndicatorDraft, before: IndicatorCard | null) => Promise<void>;
  record: (indicator: string, value: number, date: string) => Promise<void>;
  judge: (goal: string, verdict: Verdict, date: string) => Promise<void>;
}
