/** What an opened plan holds, thing by thing: filled by views once, kept true by updates. */
import type {
  ClusterCard,
  CommitmentView,
  Core,
  EntityUpdate,
  Kind,
  NoteCard,
  ParticipantView,
  PlanId,
  PlanView,
  Thing,
} from "../core/api";

/** Kinds whose views have no shape of their own. */
export type ThingKind = Exclude<Kind, "note" | "commitment" | "cluster" | "participant" | "meta">;

/** The kinds of things that some screen shows. */
export const SHOWN_THINGS = ["organisation", "goal", "indicator", "board"] as const satisfies ThingKind[];

type ById<View> = ReadonlyMap<string, View>;

export interface Tables {
  readonly plan: PlanView | null;
  readonly notes: ById<NoteCard>;
  readonly clusters: ById<ClusterCard>;
  readonly commitments: ById<CommitmentView>;
  readonly participants: ById<ParticipantView>;
  readonly things: Readonly<Record<(typeof SHOWN_THINGS)[number], ById<Thing>>>;
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

export const EMPTY: Tables = {
  plan: null,
  notes: none,
  clusters: none,
  commitments: none,
  participants: none,
  things: { organisation: none, goal: none, indicator: none, board: none },
};

/** Asks every view anew. */
export async function readTables(core: Core, plan: PlanId): Promise<Tables> {
  const things = (kind: Kind) => core.view(plan, "things", { kind });
  const [view, notes, clusters, commitments, participants, organisation, goal, indicator, board] =
    await Promise.all([
      core.view(plan, "plan"),
      core.view(plan, "notes", {}),
      core.view(plan, "clusters", {}),
      core.view(plan, "commitments"),
      core.view(plan, "participants"),
      things("organisation"),
      things("goal"),
      things("indicator"),
      things("board"),
    ]);
  return {
    plan: view,
    notes: byId(notes),
    clusters: byId(clusters),
    commitments: byId(commitments),
    participants: byId(participants),
    things: {
      organisation: byId(organisation),
      goal: byId(goal),
      indicator: byId(indicator),
      board: byId(board),
    },
  };
}

/** The tables after some updates. What no update names stays the same object, so that only what changed is drawn. */
export function applyUpdates(tables: Tables, updates: readonly EntityUpdate[]): Tables {
  const next = new Drafts(tables);
  for (const update of updates) next.apply(update);
  return next.finish();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Drafts {
  private readonly fresh = new Set<unknown>();
  private readonly tables: Mutable<Tables>;

  constructor(private readonly before: Tables) {
    this.tables = { ...before };
  }

  apply(update: EntityUpdate): void {
    switch (update.kind) {
      case "meta":
        this.tables.plan = update.view ?? this.tables.plan;
        return;
      case "note":
        this.tables.notes = this.with(this.tables.notes, update.id, update.view);
        return;
      case "cluster":
        this.tables.clusters = this.with(this.tables.clusters, update.id, update.view);
        return;
      case "commitment":
        this.tables.commitments = this.with(this.tables.commitments, update.id, update.view);
        return;
      case "participant":
        this.tables.participants = this.with(this.tables.participants, update.id, update.view);
        return;
      default: {
        const kind = SHOWN_THINGS.find((shown) => shown === update.kind);
        if (!kind) return;
        const table = this.with(this.tables.things[kind], update.id, update.view);
        this.tables.things = { ...this.tables.things, [kind]: table };
      }
    }
  }

  finish(): Tables {
    const keys = Object.keys(this.before) as (keyof Tables)[];
    return keys.every((key) => this.before[key] === this.tables[key]) ? this.before : this.tables;
  }

  /** A table with one view put in or taken out; copied once, however many updates come. */
  private with<View>(table: ById<View>, id: string, view: View | null): ById<View> {
    if (view === null && !table.has(id)) return table;
    const draft = this.fresh.has(table) ? (table as Map<string, View>) : new Map(table);
    this.fresh.add(draft);
    if (view === null) draft.delete(id);
    else draft.set(id, view);
    return draft;
  }
}

function byId<View extends { id: string }>(views: readonly View[]): ById<View> {
  return new Map(views.map((view) => [view.id, view]));
}
