/** Forms that are being filled in: kept on this device at every change, until they are handed over or thrown away. */
import type { Core, Json } from "../core/api";

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
    private readonly plan: string,
    private readonly fail: (failure: unknown) => void,
  ) {}

  /** Reads what was left unfinished in a plan. A write that fails is told to `fail`. */
  static async read(
    core: Pick<Core, "drafts" | "keepDraft">,
    plan: string,
    fail: (failure: unknown) => void,
  ): Promise<Drafts> {
    const drafts = new Drafts(core, plan, fail);
    for (const [name, draft] of Object.entries(await core.drafts(plan))) {
      drafts.kept.set(name, { draft, writing: null, stale: false });
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
      .catch(this.fail)
      .then(() => {
        entry.writing = null;
        if (entry.stale) this.write(name, entry);
        else if (entry.draft === null) this.kept.delete(name);
      });
  }
}
