import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

const program = process.env["SAMVERKA_CROWD_BIN"];

/** The others in a plan: a program that founds it at a relay, lets everybody in, and types when it is told to. */
export class Crowd {
  private constructor(
    readonly link: string,
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
  ) {}

  static async begin(relay: string, ...words: string[]): Promise<Crowd> {
    if (program === undefined) throw new Error("SAMVERKA_CROWD_BIN is not set: run `cargo xtask bench web`");
    const child = spawn(program, [relay, ...words], { stdio: ["pipe", "pipe", "inherit"] });
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    return new Crowd(await next(lines), child, lines);
  }

  /** Has it do something, and waits until it has. */
  async say(line: string): Promise<void> {
    this.child.stdin?.write(`${line}\n`);
    await next(this.lines);
  }

  async forget(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin?.end();
    await gone;
  }
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw new Error("the crowd has gone");
  return line.value;
}
