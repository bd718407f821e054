/** Whether the app itself is kept on this device, and whether a newer one waits to be let in. */
import { createStore, type StoreApi } from "zustand/vanilla";

import type { Core, CoreEvent } from "../core/api";

export interface UpdateState {
  /** This page starts without a connection too. `null` where the browser keeps no apps (a private window, say). */
  kept: boolean | null;
  /**
   * `waiting`: a newer app is on this device and is let in when somebody says so.
   * `taken`: another page let it in; this one still runs the older.
   */
  newer: "waiting" | "taken" | null;
  /** What is written is being brought to safety before the page starts anew. */
  leaving: boolean;
}

/** How often a page that stays open asks for a newer app. */
const ASK_EVERY_MS = 60 * 60 * 1_000;

/** The part of the browser that this needs. */
export interface Surroundings {
  workers: ServiceWorkerContainer | undefined;
  /** Makes every field hand over what is in it. */
  putDown(): void;
  /** Resolves when every form that is being filled in is kept. */
  draftsKept(): Promise<void>;
  reload(): void;
}

export class Updates {
  readonly store: StoreApi<UpdateState>;
  private registration: ServiceWorkerRegistration | undefined;
  /** Plans that this page has open. */
  private readonly opened = new Set<string>();

  constructor(
    private readonly core: Core,
    private readonly around: Surroundings,
  ) {
    const kept = around.workers ? around.workers.controller !== null : null;
    this.store = createStore(() => ({ kept, newer: null, leaving: false }));
  }

  /** Registers the service worker; one that cannot be had leaves the app as it is, and says so in `kept`. */
  async start(address: string): Promise<void> {
    this.core.subscribe((event) => this.hear(event));
    const { workers } = this.around;
    if (!workers) return;
    let current = workers.controller;
    workers.addEventListener("controllerchange", () => {
      const first = current === null;
      current = workers.controller;
      this.store.setState({ kept: current !== null });
      if (first) return;
      if (this.store.getState().leaving) this.around.reload();
      else this.store.setState({ newer: "taken" });
    });
    try {
      this.registration = await workers.register(address, { updateViaCache: "none" });
    } catch (failure) {
      // Said on the status page as what it means: the app does not start without a connection.
      console.warn("the app cannot be kept on this device", failure);
      return;
    }
    this.watch(this.registration);
    setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  /** Looks for a newer app, where there is a connection. */
  ask(): void {
    // Without a connection there is nothing to tell; the next time will do.
    this.registration?.update().catch(() => undefined);
  }

  /** Starts the page anew in the newer app, once everything typed is durable on this device. */
  async take(): Promise<void> {
    this.store.setState({ leaving: true });
    this.around.putDown();
    try {
      await this.everythingSaved();
    } catch (failure) {
      this.store.setState({ leaving: false });
      throw failure;
    }
    if (this.store.getState().newer === "waiting") this.registration?.waiting?.postMessage("activate");
    else this.around.reload();
  }

  private watch(registration: ServiceWorkerRegistration): void {
    const offer = () => {
      // The very first one is no news.
      if (registration.waiting && this.around.workers?.controller) this.store.setState({ newer: "waiting" });
    };
    offer();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", offer);
    });
  }

  private hear(event: CoreEvent): void {
    if (event.type === "status") this.opened.add(event.plan);
  }

  /** Resolves when nothing that was typed on this page is not durable. */
  private async everythingSaved(): Promise<void> {
    // Asked after what was put down has been handed over, and answered in that order.
    const here = (await this.core.plans()).map(({ id }) => id).filter((id) => this.opened.has(id));
    await Promise.all([this.around.draftsKept(), ...here.map((plan) => this.core.saved(plan))]);
  }
}
