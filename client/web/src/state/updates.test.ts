import { expect, it, vi } from "vitest";

import type { Core, CoreEvent } from "../core/api";
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

function core(saved: () => Promise<void>) {
  const listeners = new Set<(event: CoreEvent) => void>();
  const made = {
    subscribe: (listener: (event: CoreEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    plans: () => Promise.resolve([{ id: PLAN }]),
    saved,
  };
  const say = (event: CoreEvent) => {
    for (const listener of listeners) listener(event);
  };
  return { core: made as unknown as Core, say };
}

async function started(saved: () => Promise<void>) {
  const { waiting, workers } = browser();
  const { core: made, say } = core(saved);
  const putDown = vi.fn();
  const reload = vi.fn();
  const updates = new Updates(made, {
    workers: workers as unknown as ServiceWorkerContainer,
    putDown,
    draftsKept: () => Promise.resolve(),
    reload,
  });
  await updates.start("sw.js");
  say({ type: "status", plan: PLAN });
  return { updates, waiting, workers, putDown, reload };
}

it("lets a newer app in only when all that was typed is durable", async () => {
  let end = () => {};
  const durable = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { updates, waiting, workers, putDown, reload } = await started(() => durable);
  expect(updates.store.getState().newer).toBe("waiting");
  const taken = updates.take();
  expect(putDown).toHaveBeenCalledOnce();
  await new Promise((resolve) => setTimeout(resolve));
  expect(waiting.postMessage).not.toHaveBeenCalled();
  end();
  await taken;
  expect(waiting.postMessage).toHaveBeenCalledWith("activate");
  expect(reload).not.toHaveBeenCalled();
  workers.controller = {};
  workers.dispatchEvent(new Event("controllerchange"));
  expect(reload).toHaveBeenCalledOnce();
});

it("closes nothing where the device is full", async () => {
  const { updates, waiting, reload } = await started(() => Promise.reject(new Error("full")));
  await expect(updates.take()).rejects.toThrow("full");
  expect(updates.store.getState().leaving).toBe(false);
  expect(waiting.postMessage).not.toHaveBeenCalled();
  expect(reload).not.toHaveBeenCalled();
});

it("pulls no page away that somebody else's page renewed", async () => {
  const { updates, workers, reload } = await started(() => Promise.resolve());
  workers.controller = {};
  workers.dispatchEvent(new Event("controllerchange"));
  expect(reload).not.toHaveBeenCalled();
  expect(updates.store.getState().newer).toBe("taken");
  await updates.take();
  expect(reload).toHaveBeenCalledOnce();
});

it("says that the app is not kept where the browser keeps none", async () => {
  const { core: made } = core(() => Promise.resolve());
  const updates = new Updates(made, {
    workers: undefined,
    putDown: vi.fn(),
    draftsKept: () => Promise.resolve(),
    reload: vi.fn(),
  });
  await updates.start("sw.js");
  expect(updates.store.getState()).toEqual({ kept: null, newer: null, leaving: false });
});
