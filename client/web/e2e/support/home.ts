import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { samverkaBinary } from "./places";
import type { Person } from "./people";

const run = promisify(execFile);

/** A device of somebody who works on the command line. */
export class Home {
  private constructor(private readonly folder: string) {}

  static async begin({ name, organisation, role }: Person): Promise<Home> {
    const home = new Home(await mkdtemp(join(tmpdir(), "samverka-e2e-home-")));
    await home.say(
      "init",
      "--name",
      name,
      "--organisation",
      organisation,
      "--role",
      role,
      "--language",
      "sv-FI",
    );
    return home;
  }

  /** Runs a command that has to succeed; answers what it printed. */
  async say(...words: string[]): Promise<string> {
    const environment = { ...process.env, SAMVERKA_HOME: this.folder };
    const { stdout } = await run(samverkaBinary, words, { env: environment });
    return stdout.trim();
  }

  async forget(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
