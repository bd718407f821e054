/**
 * How goals were judged at follow-ups. Judgements are signed statements and no fields of a goal, so no view of a
 * thing holds them; the plan's own file does, and is read for them.
 */
import type { Core, Json, PlanId } from "../../core/api";
import { stringOf } from "../people";

export const VERDICTS = ["nearer", "same", "further", "cannot_tell"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Judgement {
  /** The participant who said so. */
  by: string | null;
  verdict: Verdict;
  date: string | null;
}

/** By goal; each list by day, the latest first. */
export type Judgements = ReadonlyMap<string, readonly Judgement[]>;

export async function readJudgements(core: Core, plan: PlanId): Promise<Judgements> {
  const { bytes } = await core.exportFile(plan, { format: "json" });
  const file: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return judgementsIn(file as Json);
}

/** The judgements that a plan's file holds. */
export function judgementsIn(file: Json): Judgements {
  const goals = member(file, "goals");
  if (goals === null || typeof goals !== "object" || Array.isArray(goals)) return new Map();
  return new Map(
    Object.entries(goals).map(([id, goal]) => {
      const list = member(goal, "judgements");
      const read = (Array.isArray(list) ? list : []).flatMap((one) => {
        const verdict = VERDICTS.find((word) => word === member(one, "verdict"));
        if (!verdict) return [];
        return [{ by: stringOf(member(one, "by")), verdict, date: stringOf(member(one, "date")) }];
      });
      return [id, read.sort((a, b) => (b.date ?? "").localeCompare(a.date ?? ""))];
    }),
  );
}

function member(value: Json | undefined, name: string): Json {
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) return null;
  return value[name] ?? null;
}
