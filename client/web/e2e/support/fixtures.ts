import { type Browser, type BrowserContext, expect, type Page, test as base } from "@playwright/test";

import { App } from "./app";
import { Home } from "./home";
import type { Person } from "./people";
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
  /** A home of the command line. */
  home: (person: Person) => Promise<Home>;
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
