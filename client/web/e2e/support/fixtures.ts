import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type Browser,
  type BrowserContext,
  chromium,
  expect,
  type Page,
  test as base,
} from "@playwright/test";

import { App } from "./app";
import { Home } from "./home";
import type { Person } from "./people";
import { BROWSER_ARGUMENTS, browserBinary } from "./places";
import { Relay } from "./relay";
import { Watch } from "./watch";

export { expect };

/** The sizes that the screens are made for. */
export const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

export type Size = keyof typeof SIZES;

interface DeviceOptions {
  size?: Size;
  colours?: "light" | "dark";
}

/** A browser profile of its own: one person's device, with one tab open. */
export class Device {
  /** The tab that was opened first, or the last one that took its place. */
  app: App;

  private constructor(
    readonly context: BrowserContext,
    readonly size: Size,
    readonly url: string,
    private readonly watch: Watch,
    page: Page,
  ) {
    this.app = new App(page, size, url);
  }

  static async begin(context: BrowserContext, size: Size, relay: Relay, watch: Watch, whose: string) {
    watch.over(context, whose);
    return new Device(context, size, relay.url, watch, await context.newPage());
  }

  /** Another tab of the same device. */
  async tab(): Promise<App> {
    return new App(await this.context.newPage(), this.size, this.url);
  }

  /** Off the network, or on it again. Sockets that are open live on, so a test takes the relay away too. */
  async offline(is: boolean): Promise<void> {
    if (is) this.watch.wentOffline();
    await this.context.setOffline(is);
  }

  /**
   * Every write ends as on a full disk, or goes through again. It is the core's own database that answers so: the quota
   * that Chromium's protocol can set is looked at too seldom for a test to wait for.
   */
  async fillStorage(full: boolean): Promise<void> {
    const [core] = this.app.page.workers();
    if (core === undefined) throw new Error("no core is running in this tab");
    await core.evaluate((isFull) => {
      type Begin = (this: IDBDatabase, ...of: Parameters<IDBDatabase["transaction"]>) => IDBTransaction;
      const room = globalThis as unknown as { begin?: Begin };
      const prototype = IDBDatabase.prototype as { transaction: Begin };
      const begin = (room.begin ??= prototype.transaction);
      prototype.transaction = function (...[stores, mode, options]) {
        if (isFull && mode === "readwrite") throw new DOMException("no room", "QuotaExceededError");
        return begin.call(this, stores, mode, options);
      };
    }, full);
  }

  /** The tab dies as when the system takes its memory: nothing in it gets to run any more. */
  async crash(): Promise<void> {
    const { page } = this.app;
    const session = await this.context.newCDPSession(page);
    const crashed = page.waitForEvent("crash");
    // It is never answered: whoever could do so is dead.
    session.send("Page.crash").catch(() => undefined);
    await crashed;
    await page.close();
    this.app = await this.tab();
  }
}

interface Fixtures {
  relay: Relay;
  watch: Watch;
  /** A new device; the name is for messages. */
  device: (whose: string, options?: DeviceOptions) => Promise<Device>;
  /** A browser of its own, with a profile on the disk; it can be killed and started again. */
  profile: (whose: string) => Promise<Profile>;
  /** A home of the command line. */
  home: (person: Person) => Promise<Home>;
}

/** A whole browser, started on a profile that outlives it. */
export class Profile {
  private context: BrowserContext | null = null;

  private constructor(
    private readonly folder: string,
    private readonly whose: string,
    private readonly relay: Relay,
    private readonly watch: Watch,
  ) {}

  static async begin(whose: string, relay: Relay, watch: Watch): Promise<Profile> {
    const folder = await mkdtemp(join(tmpdir(), "samverka-e2e-profile-"));
    return new Profile(folder, whose, relay, watch);
  }

  /** Starts the browser; answers its device. */
  async start(): Promise<Device> {
    const context = await chromium.launchPersistentContext(this.folder, {
      executablePath: browserBinary,
      args: BROWSER_ARGUMENTS,
      viewport: SIZES.desktop,
      locale: "sv-FI",
      timezoneId: "Europe/Helsinki",
    });
    this.context = context;
    return Device.begin(context, "desktop", this.relay, this.watch, this.whose);
  }

  /** Ends the browser as people do. */
  async close(): Promise<void> {
    await this.context?.close();
    this.context = null;
  }

  /** All that lies in the folder, on a machine that is called otherwise: a backup, or a moved home. */
  async copyTo(other: Profile): Promise<void> {
    await cp(this.folder, other.folder, { recursive: true, preserveTimestamps: true });
  }

  /** The browser dies with everything in it, as when the power goes. */
  async kill(): Promise<void> {
    const { context } = this;
    this.context = null;
    const session = await context?.browser()?.newBrowserCDPSession();
    if (!context || !session) throw new Error("no browser is running on this profile");
    const gone = context.waitForEvent("close");
    session.send("Browser.crash").catch(() => undefined);
    await gone;
  }

  async forget(): Promise<void> {
    await this.context?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const test = base.extend<Fixtures>({
  relay: async ({}, use) => {
    const relay = await Relay.begin();
    await use(relay);
    await relay.forget();
  },
  watch: async ({ relay }, use) => {
    const watch = new Watch(relay);
    await use(watch);
    expect(watch.faults).toEqual([]);
  },
  device: async ({ browser, relay, watch }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (whose, { size = "desktop", colours = "light" } = {}) => {
      const context = await contextOf(browser, size, colours);
      contexts.push(context);
      return Device.begin(context, size, relay, watch, whose);
    });
    // Before the relay goes, or each of them would complain about it.
    await Promise.all(contexts.map((context) => context.close()));
  },
  profile: async ({ relay, watch }, use) => {
    const profiles: Profile[] = [];
    await use(async (whose) => {
      const profile = await Profile.begin(whose, relay, watch);
      profiles.push(profile);
      return profile;
    });
    await Promise.all(profiles.map((profile) => profile.forget()));
  },
  home: async ({}, use) => {
    const homes: Home[] = [];
    await use(async (person) => {
      const home = await Home.begin(person);
      homes.push(home);
      return home;
    });
    await Promise.all(homes.map((home) => home.forget()));
  },
});

function contextOf(browser: Browser, size: Size, colorScheme: "light" | "dark"): Promise<BrowserContext> {
  const touch = size === "phone";
  return browser.newContext({ viewport: SIZES[size], colorScheme, hasTouch: touch, isMobile: touch });
}
