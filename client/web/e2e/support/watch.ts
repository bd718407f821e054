import type { BrowserContext } from "@playwright/test";

import type { Relay } from "./relay";

/**
 * Looks over the shoulder of every page: an error on its console (a refusal by the content security policy is one), an
 * exception that nobody caught, or a request to anywhere but the page's own relay is a fault of the test.
 */
export class Watch {
  readonly faults: string[] = [];
  private offline = false;

  constructor(private readonly relay: Relay) {}

  /** The device has been taken off the network: what cannot be reached may be told. */
  wentOffline(): void {
    this.offline = true;
  }

  over(context: BrowserContext, whose: string): void {
    context.on("console", (message) => {
      if (message.type() !== "error" || this.isAway(message.text())) return;
      this.faults.push(`${whose}, console: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.faults.push(`${whose}, page: ${String(error.error().stack)}`));
    context.on("request", (request) => this.asked(request.url(), whose));
    context.on("page", (page) => {
      page.on("websocket", (socket) => this.asked(socket.url().replace(/^ws/, "http"), whose));
    });
  }

  private asked(url: string, whose: string): void {
    const { protocol, origin } = new URL(url);
    if (protocol === "blob:" || origin === this.relay.url) return;
    this.faults.push(`${whose}, request to ${url}`);
  }

  /** The browser itself says on the console that it reached nobody; the app cannot keep it from doing so. */
  private isAway(text: string): boolean {
    if (!this.offline && !this.relay.wasAway) return false;
    return /^WebSocket connection to '.*' failed/.test(text) || /net::ERR_(CONNECTION|INTERNET)_/.test(text);
  }
}
