/** The page that `scripts/core-test.mjs` opens in a real browser: the core and the store's suite, within reach. */

import type { Core, CoreEvent } from "../api";
import { connectCore } from "../client";
import { type Suite, holdSuite } from "../conformance";
import * as wasm from "../pkg/samverka_wasm.js";
import { Store } from "../store";
import { unhex } from "../store-values";

interface Tested {
  core: Core;
  events: CoreEvent[];
  /** Resolves with the first event, past or to come, that fits. */
  until(fits: (event: CoreEvent) => boolean): Promise<CoreEvent>;
  /** Asks again after each event until the answer fits the function, given as text. */
  eventually(method: keyof Core, args: unknown[], fits: string): Promise<unknown>;
  holdSuite(): Promise<unknown>;
  /** A value as it lies in the database, without the vault. */
  stored(plan: string, key: string): Promise<number[] | null>;
}

const core = connectCore();
const events: CoreEvent[] = [];
const waiting = new Set<(event: CoreEvent) => void>();
core.subscribe((event) => {
  events.push(event);
  for (const take of waiting) {
    take(event);
  }
});

function next(): Promise<void> {
  return new Promise((resolve) => {
    const take = () => {
      waiting.delete(take);
      resolve();
    };
    waiting.add(take);
  });
}

const tested: Tested = {
  core,
  events,
  until: (fits) => {
    const past = events.find(fits);
    if (past !== undefined) {
      return Promise.resolve(past);
    }
    return new Promise((resolve) => {
      const take = (event: CoreEvent) => {
        if (fits(event)) {
          waiting.delete(take);
          resolve(event);
        }
      };
      waiting.add(take);
    });
  },
  eventually: async (method, args, fits) => {
    // The test hands over a predicate, which has no other way into the page.
    const holds = new Function("answer", `return (${fits})(answer)`) as (answer: unknown) => boolean;
    for (;;) {
      const told = events.length;
      const ask = core[method] as (...args: unknown[]) => Promise<unknown>;
      const answer = await ask(...args);
      if (holds(answer)) {
        return answer;
      }
      if (events.length === told) {
        await next();
      }
    }
  },
  holdSuite: async () => {
    await wasm.default();
    // Only there when built with the feature `conformance`.
    return holdSuite(wasm as unknown as Suite);
  },
  stored: async (plan, key) => {
    const store = await Store.open("samverka");
    const reply = await store.answer({ type: "value", space: unhex(plan), key });
    store.close();
    return reply.type === "value" && reply.value !== null ? [...reply.value] : null;
  },
};

Object.assign(globalThis, { tested });
