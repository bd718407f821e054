/** Goals, how one sees that they are met, and what serves them: read from things as the plan holds them. */
import type { Command, CommitmentView, Json, Thing } from "../../core/api";
import { idsOf, keyIn, stringOf, textIn } from "../people";
import type { Tables } from "../tables";

export const LEVELS = ["outcome", "process", "output", "vision"] as const;
export type Level = (typeof LEVELS)[number];

export const MARKERS = ["expect", "like", "love"] as const;

/** A number with its day, as far as that was said. */
export interface Measure {
  value: number;
  date: string | null;
}

export interface IndicatorCard {
  id: string;
  name: string;
  /** The language of `name`, which an edit has to change. */
  nameKey: string;
  unit: string;
  source: string;
  baseline: Measure | null;
  target: Measure | null;
  /** The earliest first. */
  values: Measure[];
  latest: Measure | null;
  /** The smallest group whose values may be written down. */
  minGroup: number | null;
  /** How far from baseline (0) to target (1) the latest value is; below 0 where it went the other way. */
  way: number | null;
}

export interface GoalCard {
  id: string;
  statement: string;
  statementKey: string;
  ownWords: string;
  ownWordsKey: string;
  level: Level | null;
  accountable: string | null;
  /** Titles of the clusters that it comes from. */
  themes: string[];
  markers: { kind: (typeof MARKERS)[number]; signs: string[] }[];
  indicators: IndicatorCard[];
  servedBy: CommitmentView[];
}

type GoalTables = Pick<Tables, "things" | "clusters" | "commitments">;

/** Every goal that was not archived, in the order in which they were made. */
export function goalsOf(tables: GoalTables, key: string): GoalCard[] {
  const { goal, indicator } = tables.things;
  const serving = servingOf(tables.commitments.values());
  return [...goal.values()]
    .filter((thing) => thing.fields["archived"] !== true)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((thing) => ({
      id: thing.id,
      statement: textIn(thing.fields["statement"], key),
      statementKey: keyOfText(thing, "statement", key),
      ownWords: textIn(thing.fields["own_words"], key),
      ownWordsKey: keyOfText(thing, "own_words", key),
      level: LEVELS.find((level) => level === thing.fields["level"]) ?? null,
      accountable: stringOf(thing.fields["accountable_org"]),
      themes: idsOf(thing.fields["themes"])
        .map((id) => tables.clusters.get(id)?.title ?? "")
        .filter((title) => title !== ""),
      markers: markersOf(thing.fields["markers"]),
      indicators: idsOf(thing.fields["indicators"]).flatMap((id) => {
        const found = indicator.get(id);
        return found ? [indicatorOf(found, key)] : [];
      }),
      servedBy: serving.get(thing.id) ?? [],
    }));
}

export function indicatorOf({ id, fields }: Thing, key: string): IndicatorCard {
  const baseline = measureOf(fields["baseline"]);
  const target = measureOf(fields["target"]);
  const values = valuesOf(fields["values"]);
  const latest = values.at(-1) ?? null;
  const minGroup = fields["min_group"];
  return {
    id,
    name: textIn(fields["name"], key),
    nameKey: keyOfText({ fields }, "name", key),
    unit: stringOf(fields["unit"]) ?? "",
    source: stringOf(fields["source"]) ?? "",
    baseline,
    target,
    values,
    latest,
    minGroup: typeof minGroup === "number" ? minGroup : null,
    way: wayOf(baseline, latest, target),
  };
}

/** How far along; `null` where a figure is missing or there is no way to go. */
export function wayOf(
  baseline: Measure | null,
  latest: Measure | null,
  target: Measure | null,
): number | null {
  if (!baseline || !latest || !target || target.value === baseline.value) return null;
  return (latest.value - baseline.value) / (target.value - baseline.value);
}

/** A number as people write it: `13,5`, `1 200`, `14`; `null` where it is none. */
export function parseNumber(text: string): number | null {
  const plain = text
    .replace(/[\s\u00a0\u202f]/g, "")
    .replace(",", ".")
    .replace("−", "-");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

export interface GoalDraft {
  statement: string;
  ownWords: string;
  level: Level;
  accountable: string | null;
}

/** The command that makes a goal, or changes those fields of one that are different now. */
export function goalCommand(draft: GoalDraft, before: GoalCard | null, key: string): Command | null {
  const fields: Record<string, Json> = {};
  const statement = draft.statement.trim();
  const ownWords = draft.ownWords.trim();
  if (statement !== (before?.statement ?? ""))
    fields["statement"] = { [before?.statementKey ?? key]: statement };
  if (ownWords !== (before?.ownWords ?? "")) fields["own_words"] = { [before?.ownWordsKey ?? key]: ownWords };
  if (draft.level !== before?.level) fields["level"] = draft.level;
  if (draft.accountable !== (before?.accountable ?? null)) fields["accountable_org"] = draft.accountable;
  return commandOf("goal", before?.id ?? null, fields);
}

export interface IndicatorDraft {
  name: string;
  unit: string;
  source: string;
  baseline: Measure | null;
  target: Measure | null;
}

/** The command that makes an indicator, or changes those fields of one that are different now. */
export function indicatorCommand(
  draft: IndicatorDraft,
  before: IndicatorCard | null,
  key: string,
): Command | null {
  const fields: Record<string, Json> = {};
  const name = draft.name.trim();
  if (name !== (before?.name ?? "")) fields["name"] = { [before?.nameKey ?? key]: name };
  for (const field of ["unit", "source"] as const) {
    if (draft[field].trim() !== (before?.[field] ?? "")) fields[field] = draft[field].trim();
  }
  for (const field of ["baseline", "target"] as const) {
    if (!same(draft[field], before?.[field] ?? null)) fields[field] = jsonOf(draft[field]);
  }
  return commandOf("indicator", before?.id ?? null, fields);
}

/** Puts an indicator among a goal's. */
export function attachCommand(goal: string, indicator: string): Command {
  return {
    command: "members",
    entity: { kind: "goal", id: goal },
    field: "indicators",
    add: { [indicator]: true },
    remove: [],
  };
}

/** Records a value beside those that are there; `mark` tells it from others of the same day. */
export function recordCommand(indicator: string, value: number, date: string, mark: string): Command {
  return {
    command: "members",
    entity: { kind: "indicator", id: indicator },
    field: "values",
    add: { [`${date} ${mark}`]: { value, date } },
    remove: [],
  };
}

function commandOf(
  kind: "goal" | "indicator",
  id: string | null,
  fields: Record<string, Json>,
): Command | null {
  if (Object.keys(fields).length === 0) return null;
  return id === null ? { command: "add", kind, fields } : { command: "edit", entity: { kind, id }, fields };
}

function keyOfText(thing: Pick<Thing, "fields">, field: string, key: string): string {
  const texts = thing.fields[field];
  if (texts === undefined || texts === null || typeof texts !== "object" || Array.isArray(texts)) return key;
  const strings = Object.entries(texts).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  return keyIn(Object.fromEntries(strings), key);
}

function markersOf(value: Json | undefined): GoalCard["markers"] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return MARKERS.map((kind) => ({ kind, signs: idsOf(value[kind] ?? []) })).filter(
    ({ signs }) => signs.length > 0,
  );
}

function measureOf(value: Json | undefined): Measure | null {
  if (typeof value === "number") return { value, date: null };
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const number = value["value"];
  return typeof number === "number" ? { value: number, date: stringOf(value["date"]) } : null;
}

/** Values come as a list, or by keys that begin with their day. */
function valuesOf(value: Json | undefined): Measure[] {
  if (value === null || typeof value !== "object") return [];
  const all = Array.isArray(value)
    ? value
    : Object.keys(value)
        .sort()
        .map((key) => value[key] ?? null);
  return all
    .flatMap((one) => measureOf(one) ?? [])
    .map((measure, index) => ({ measure, index }))
    .sort((a, b) => (a.measure.date ?? "").localeCompare(b.measure.date ?? "") || a.index - b.index)
    .map(({ measure }) => measure);
}

function servingOf(commitments: Iterable<CommitmentView>): Map<string, CommitmentView[]> {
  const serving = new Map<string, CommitmentView[]>();
  for (const one of commitments) {
    if (one.merged_into !== null) continue;
    for (const goal of one.goals) serving.set(goal, [...(serving.get(goal) ?? []), one]);
  }
  return serving;
}

function same(a: Measure | null, b: Measure | null): boolean {
  return a?.value === b?.value && (a?.date ?? null) === (b?.date ?? null);
}

function jsonOf(measure: Measure | null): Json {
  if (!measure) return null;
  return measure.date === null ? { value: measure.value } : { value: measure.value, date: measure.date };
}
