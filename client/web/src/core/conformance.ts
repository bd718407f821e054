/**
 * Holds the store to the suite of `crates/store` in a real browser: `scripts/core-smoke.mjs` opens the page that runs
 * this. Each case gets a database of its own; it runs plain and with every value in the vault.
 */

import { Store } from "./store";
import type { StoreLike, StoreReply, StoreRequest } from "./store-values";
import { Vault } from "./vault";

/** The wasm module, built with the feature `conformance`. */
export interface Suite {
  conformanceCases(): number;
  ConformanceCase: new (index: number) => {
    name(): string;
    step(): { type: "ask"; request: StoreRequest } | { type: "passed" } | { type: "failed"; reason: string };
    answer(reply: StoreReply): void;
    free(): void;
  };
}

export interface CaseResult {
  name: string;
  way: string;
  failure: string | null;
}

/** Ways to hold the suite: which store answers, and whether it is closed and opened between any two questions. */
const WAYS = [
  { way: "plain", sealed: false, reopen: false },
  { way: "reopened after every request", sealed: false, reopen: true },
  { way: "every value in the vault", sealed: true, reopen: false },
];

export async function holdSuite(suite: Suite): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { way, sealed, reopen } of WAYS) {
    for (let index = 0; index < suite.conformanceCases(); index += 1) {
      const held = new suite.ConformanceCase(index);
      const database = `conformance-${way}-${String(index)}`;
      results.push({ name: held.name(), way, failure: await hold(held, database, sealed, reopen) });
      held.free();
      indexedDB.deleteDatabase(database);
    }
  }
  return results;
}

async function hold(
  held: InstanceType<Suite["ConformanceCase"]>,
  database: string,
  sealed: boolean,
  reopen: boolean,
): Promise<string | null> {
  let store = await Store.open(database);
  for (;;) {
    const step = held.step();
    if (step.type !== "ask") {
      store.close();
      return step.type === "passed" ? null : step.reason;
    }
    held.answer(await (await asked(store, sealed)).answer(step.request));
    if (reopen) {
      store.close();
      store = await Store.open(database);
    }
  }
}

async function asked(store: Store, sealed: boolean): Promise<StoreLike> {
  if (!sealed) {
    return store;
  }
  const make = () =>
    crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return new Vault(store, await store.kept("wrapping-key", make), () => true);
}
