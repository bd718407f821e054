/** The core as the page sees it. `connectCore()` once; the worker starts with it. */

import type { Core, CoreEvent, StorageInfo } from "./api";
import { CoreError } from "./error";
import { Caller, type FromWorker } from "./rpc";

/** What a browser has to have: `null` when it has everything, else what is missing. An origin without TLS that is not
 * this very machine lacks most of it. */
export function missingFeature(): string | null {
  const features: [name: string, there: boolean][] = [
    ["WebAssembly", "WebAssembly" in globalThis],
    ["Worker", "Worker" in globalThis],
    ["IndexedDB", "indexedDB" in globalThis],
    ["BroadcastChannel", "BroadcastChannel" in globalThis],
    ["Web Locks", "locks" in navigator],
    ["WebCrypto", "subtle" in crypto],
  ];
  return features.find(([, there]) => !there)?.[0] ?? null;
}

/** Starts the worker and answers the core. Every call waits until it is up. */
export function connectCore(): Core {
  const missing = missingFeature();
  if (missing !== null) {
    throw new CoreError("internal", `this browser, or an address without https, lacks ${missing}`);
  }
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const listeners = new Set<(event: CoreEvent) => void>();
  const caller = new Caller(
    (call) => {
      worker.postMessage(call);
    },
    (events) => {
      for (const event of events) {
        for (const listener of listeners) {
          listener(event);
        }
      }
    },
  );
  worker.onmessage = (message: MessageEvent<FromWorker>) => {
    caller.take(message.data);
  };
  worker.onerror = (event) => {
    caller.breakDown(event.message === "" ? "the core could not be started" : event.message);
  };
  const onPage: Pick<Core, "subscribe" | "storage" | "persistStorage"> = {
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    storage,
    persistStorage: () => navigator.storage.persist(),
  };
  return new Proxy(onPage, {
    get(target, name) {
      if (typeof name !== "string" || name in target || name === "then") {
        return Reflect.get(target, name) as unknown;
      }
      return (...args: unknown[]) => caller.call(name, args);
    },
  }) as Core;
}

async function storage(): Promise<StorageInfo> {
  const [persisted, estimate] = await Promise.all([
    navigator.storage.persisted(),
    navigator.storage.estimate(),
  ]);
  return { persisted, usage_bytes: estimate.usage ?? null, quota_bytes: estimate.quota ?? null };
}
