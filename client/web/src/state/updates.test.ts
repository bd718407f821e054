import { expect, it, vi } from "vitest";

import type { Core, CoreEvent, Status } from "../core/api";
import { Updates } from "./updates";

const PLAN = "plan";

/** A browser that keeps apps, as far as this needs one. */
function browser() {
  const waiting = { postMessage: vi.fn() };
  const registration = Object.assign(new EventTarget(), {
    waiting,
    installing: null,
    update: () => Promise.resolve(),
  });
  const workers = Object.assign(new EventTarget(), {
    controller: {},
    register: () => Promise.resolve(registration),
  });
  return { waiting, workers };
}

function core(status: () => Partial<Status>) {
  const listeners = new Set<(event: CoreEvent) => void>();
  const say = (event: CoreEvent) => {
    for (const listener of listeners) listener(event);
  };
  const made = {
    subscribe: (listener: (event: CoreEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    plans: () => Promise.resolve([{ id: PLAN }]),
    status: () => Promise.resolve({ store_failure: null, ...status() }),
  };
  return { core: made as unknown as Core, say };
}

async function started(status: () => Partial<Status>) {
  const { waiting, workers } = browser();
  const { core: made, say } = core(status);
  const putDown = vi.fn();
  const reload = vi.fn();
  const updates = new Updates(made, {
    workers: workers as unknown as ServiceWorkerContainer,
    putDown,
    reload,
  });
  await updates.start("sw.js");
  say({ type: "status", plan: PLAN });
  return { updates, waiting, workers, putDown, reload, say };
}

it("lets a newer app in only when all that was typed is durable", async () => {
  let unsaved = 1;
  const { updates, waiting, workers, putDown, reload, say } = await started(() => ({ unsaved }));
  expect(updates.store.getState().newer).toBe("waiting");
  const taken = updates.take();
  expect(putDown).toHaveBeenCalledOnce();
  await new Promise((resolve) => setTimeout(resolve));
  expect(waiting.postMessage).not.toHaveBeenCalled();
  unsaved = 0;
  say({ type: "status", plan: PLAN });
  await taken;
  expect(waiting.postMessage).toHaveBeenCalledWith("activate");
  expect(reload).not.toHaveBeenCalled();
  workers.controller = {};
  workers.dispatchEvent(new Event("controllerchange"));
  expect(reload).toHaveBeenCalledOnce();
});

it("closes nothing where the device is full", async () => {
  const { updates, waiting, reload } = await started(() => ({ unsaved: 1, store_failure: "full" }));
  await expect(updates.take()).rejects.toThrow("full");
  expect(updates.store.getState().leaving).toBe(false);
  expect(waiting.postMessage).not.toHaveBeenCalled();
  expect(reload).not.toHaveBeenCalled();
});

it("pulls no page away that somebody else's page renewed", async () => {
  const { updates, workers, reload } = await started(() => ({ unsaved: 0 }));
  workers.controller = {};
  workers.dispatchEvent(new Event("controllerchange"));
  expect(reload).not.toHaveBeenCalled();
  expect(updates.store.getState().newer).toBe("taken");
  await updates.take();
  expect(reload).toHaveBeenCalledOnce();
});

it("says that the app is not kept where the browser keeps none", async () => {
  const { core: made } = core(() => ({}));
  const updates = new Updates(made, { workers: undefined, putDown: vi.fn(), reload: vi.fn() });
  await updates.start("sw.js");
  expect(updates.store.getState()).toEqual({ kept: null, newer: null, leaving: false });
});
