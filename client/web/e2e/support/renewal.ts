import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { Relay } from "./relay";

/** What the page of the newer build has, and the one that the relay serves does not. */
export const MARK = "data-renewed";

/** A host that serves the app of a relay, and from some moment on a newer build of it. */
export class Renewal {
  private renewed = false;

  private constructor(
    private readonly relay: Relay,
    private readonly server: Server,
  ) {}

  static async begin(relay: Relay): Promise<Renewal> {
    const server = createServer();
    const renewal = new Renewal(relay, server);
    server.on("request", (request, response) => {
      renewal
        .answer(request.url ?? "/")
        .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
        .catch((failure: unknown) => response.writeHead(502).end(String(failure)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return renewal;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  renew(): void {
    this.renewed = true;
  }

  async forget(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(path: string) {
    const response = await fetch(this.relay.url + path);
    const headers = Object.fromEntries(
      ["content-type", "content-security-policy"].flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    const bytes = Buffer.from(await response.arrayBuffer());
    const body = this.renewed ? await this.newer(path, bytes) : bytes;
    return { status: response.status, headers: { ...headers, "cache-control": "no-cache" }, body };
  }

  private async newer(path: string, bytes: Buffer): Promise<Buffer> {
    if (path === "/" || path === "/index.html") return page(bytes);
    if (path !== "/sw.js") return bytes;
    const before = Buffer.from(await (await fetch(`${this.relay.url}/index.html`)).arrayBuffer());
    const worker = bytes.toString();
    const changed = worker.replaceAll(integrity(before), integrity(page(before)));
    if (changed === worker) throw new Error("the service worker does not name the page");
    return Buffer.from(changed.replace(/(version\W+)[0-9a-f]{16}/, "$1ffffffffffffffff"));
  }
}

function page(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString().replace("<html ", `<html ${MARK} `));
}

function integrity(bytes: Buffer): string {
  return `sha256-${createHash("sha256").update(bytes).digest("base64")}`;
}
