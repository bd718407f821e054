/** Forms that are being filled in: kept on this device at every change, until they are handed over or thrown away. */
import type { Core, Json } from "../core/api";
import type { Typed } from "./typed";

const FIELD = "form/";

interface Kept {
  draft: Json;
  /** A write is on its way; the newest is written after it. */
  writing: Promise<void> | null;
  stale: boolean;
}

export class Drafts {
  private readonly kept = new Map<string, Kept>();

  private constructor(
    private readonly core: Pick<Core, "keepDraft">,
    private readonly typed: Pick<Typed, "put" | "drop">,
    private readonly plan: string,
    private readonly fail: (failure: unknown) => void,
  ) {}

  /**
   * Reads what was left unfinished in a plan; `left` is what pages that are gone had not kept yet. A write that fails
   * is told to `fail`.
   */
  static async read(
    core: Pick<Core, "drafts" | "keepDraft">,
    typed: Pick<Typed, "put" | "drop">,
    plan: string,
    left: ReadonlyMap<string, Json>,
    fail: (failure: unknown) => void,
  ): Promise<Drafts> {
    const drafts = new Drafts(core, typed, plan, fail);
    for (const [name, draft] of Object.entries(await core.drafts(plan))) {
      drafts.kept.set(name, { draft, writing: null, stale: false });
    }
    for (const [field, draft] of left) {
      if (field.startsWith(FIELD)) drafts.set(field.slice(FIELD.length), draft);
    }
    return drafts;
  }

  /** What was left unfinished under this name. */
  get(name: string): Json {
    return this.kept.get(name)?.draft ?? null;
  }

  /** Keeps what is filled in so far; `null` once it is handed over. At most one write of a name is on its way. */
  set(name: string, draft: Json): void {
    const entry = this.kept.get(name) ?? { draft: null, writing: null, stale: false };
    if (draft === null && entry.draft === null) return;
    entry.draft = draft;
    this.kept.set(name, entry);
    this.typed.put(this.plan, FIELD + name, draft);
    if (entry.writing) entry.stale = true;
    else this.write(name, entry);
  }

  /** Resolves when all of it is durable, or could not be made so. */
  async settled(): Promise<void> {
    for (;;) {
      const writing = [...this.kept.values()].flatMap((entry) => entry.writing ?? []);
      if (writing.length === 0) return;
      await Promise.all(writing);
    }
  }

  private write(name: string, entry: Kept): void {
    entry.stale = false;
    entry.writing = this.core
      .keepDraft(this.plan, name, entry.draft)
      .then(
        () => {
          if (!entry.stale) this.typed.drop(this.plan, FIELD + name);
        },
        (failure: unknown) => this.fail(failure),
      )
      .then(() => {
        entry.writing = null;
        if (entry.stale) this.write(name, entry);
        else if (entry.draft === null) this.kept.delete(name);
      });
  }
}
