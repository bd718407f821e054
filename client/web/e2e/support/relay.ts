import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "@playwright/test";

import { relayBinary } from "./places";

/** A real relay with a port and a data folder of its own, which can go away and come back. */
export class Relay {
  /** Whether it has been out of reach in this test: then pages may say that they could not reach it. */
  wasAway = false;
  private child: ChildProcess | null = null;
  private words = "";

  private constructor(
    readonly port: number,
    private readonly data: string,
  ) {}

  static async begin(): Promise<Relay> {
    const data = await mkdtemp(join(tmpdir(), "samverka-e2e-relay-"));
    const relay = new Relay(await freePort(), data);
    await relay.start();
    return relay;
  }

  /** Where people open the app. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = spawn(
      relayBinary,
      ["serve", "--listen", `127.0.0.1:${this.port}`, "--hosting", "open", "--data", this.data],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part: Buffer) => (this.words += part.toString()));
    }
    await expect(async () => {
      expect(child.exitCode, `the relay ended: ${this.words}`).toBeNull();
      expect((await fetch(`${this.url}/ready`)).ok).toBe(true);
    }).toPass({ intervals: [20, 50, 100], timeout: 30_000 });
  }

  /** Asks it to end, as a service manager does. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  /** Pulls its plug. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ends it and removes what it kept. */
  async forget(): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    this.wasAway = true;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}

async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
