/**
 * What was typed a moment ago, where the sudden end of a page does not take it: a page that crashes, or is closed in
 * mid-word, cannot wait for the worker to make its last words durable. What lies here is the browser's own storage, which
 * a call reaches before it returns; it lies there until the plan has it, for some milliseconds as a rule.
 */
import type { Json } from "../core/api";

/** The browser's own storage, and who of its pages is alive. */
export interface Shelf {
  storage: Pick<Storage, "getItem" | "key" | "length" | "removeItem" | "setItem">;
  /** Says that this page is alive, until it is not. */
  live(page: string): Promise<void>;
  /** Pages that are alive, and nobody else asks meanwhile. */
  inTurn<T>(work: (alive: ReadonlySet<string>) => T): Promise<T>;
}

const PREFIX = "samverka.typed/";

export class Typed {
  private constructor(
    private readonly shelf: Shelf,
    private readonly page: string,
  ) {}

  static async start(shelf: Shelf, page: string): Promise<Typed> {
    await shelf.live(page);
    return new Typed(shelf, page);
  }

  /** Remembers the newest of one field. */
  put(plan: string, field: string, value: Json): void {
    try {
      this.shelf.storage.setItem(this.keyOf(plan, field), JSON.stringify(value));
    } catch (failure) {
      // Full, or forbidden: the plan gets it all the same, a moment later.
      console.warn("what is typed is not kept before the plan has it", failure);
    }
  }

  /** The plan has it. */
  drop(plan: string, field: string): void {
    this.shelf.storage.removeItem(this.keyOf(plan, field));
  }

  /** Forgets what was typed in plans that are not on this device any more. */
  tidy(plans: readonly string[]): void {
    const { storage } = this.shelf;
    for (const key of keysOf(storage)) {
      const plan = partsOf(key)?.[1];
      if (plan !== undefined && !plans.includes(plan)) storage.removeItem(key);
    }
  }

  /** What pages that are gone left of a plan, by field; it is this page's from now on. */
  takeOver(plan: string): Promise<Map<string, Json>> {
    return this.shelf.inTurn((alive) => {
      const { storage } = this.shelf;
      const left = new Map<string, Json>();
      for (const key of keysOf(storage)) {
        const [page, of, field] = partsOf(key) ?? [];
        const value = storage.getItem(key);
        if (page === undefined || of !== plan || field === undefined || value === null) continue;
        if (page !== this.page && alive.has(page)) continue;
        left.set(field, JSON.parse(value) as Json);
        if (page !== this.page) {
          storage.setItem(this.keyOf(plan, field), value);
          storage.removeItem(key);
        }
      }
      return left;
    });
  }

  private keyOf(plan: string, field: string): string {
    return `${PREFIX}${this.page}/${plan}/${field}`;
  }
}

function keysOf(storage: Shelf["storage"]): string[] {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  return keys.filter((key) => key !== null);
}

function partsOf(key: string): [page: string, plan: string, field: string] | null {
  if (!key.startsWith(PREFIX)) return null;
  const [page, plan, ...field] = key.slice(PREFIX.length).split("/");
  return page === undefined || plan === undefined ? null : [page, plan, field.join("/")];
}

const LIVE = "samverka/page/";

/** The browser's own. */
export function shelfOf(storage: Storage, locks: LockManager): Shelf {
  return {
    storage,
    live: (page) =>
      new Promise((held, failed) => {
        locks
          .request(LIVE + page, () => {
            held();
            // Let go of by the browser, when the page is gone.
            return new Promise(() => undefined);
          })
          .catch(failed);
      }),
    inTurn: async <T>(work: (alive: ReadonlySet<string>) => T): Promise<T> => {
      return locks.request("samverka/typed", async () => {
        const { held = [] } = await locks.query();
        const names = held.flatMap(({ name }) => (name?.startsWith(LIVE) ? [name.slice(LIVE.length)] : []));
        return work(new Set(names));
      });
    },
  };
}
