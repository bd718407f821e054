import { expect, it } from "vitest";

import { Draft } from "./draft";
import { rebase } from "./rebase";

it("words of two who write at once all stay, whenever each write arrives", async () => {
  const plan = new Plan("kaffe");
  const { draft, type, sheet } = plan.open();
  type("kaffe och tolk");
  draft.flush();
  plan.others((text) => `Ring: ${text}`);
  type("kaffe och tolk på plats");
  plan.arrive();
  await settled();
  plan.arrive();
  await settled();
  expect(plan.text).toBe("Ring: kaffe och tolk på plats");
  expect(sheet.text).toBe(plan.text);
});

it("nothing is written where nothing was", async () => {
  const plan = new Plan("kaffe");
  const { draft } = plan.open();
  draft.flush();
  await settled();
  expect(plan.writes).toBe(0);
});

it("what is on the sheet stays when a write fails, and goes with the next", async () => {
  const plan = new Plan("a");
  const { draft, type } = plan.open();
  type("ab");
  plan.broken = true;
  draft.flush();
  plan.arrive();
  await settled();
  plan.broken = false;
  draft.flush();
  plan.arrive();
  await settled();
  expect(plan.text).toBe("ab");
});

it("every key is brought to safety, while one write at a time is on its way", async () => {
  const plan = new Plan("");
  const { draft, type } = plan.open();
  for (const text of ["K", "Ka", "Kaf", "Kaff", "Kaffe"]) {
    type(text);
    draft.typed();
  }
  expect(plan.kept).toEqual(["K", "Ka", "Kaf", "Kaff", "Kaffe"]);
  plan.arrive();
  await settled();
  expect(plan.text).toBe("K");
  plan.arrive();
  await settled();
  expect(plan.text).toBe("Kaffe");
  expect(plan.writes).toBe(2);
});

/** A plan's text as the core keeps it: writes arrive later, and change only what their author changed. */
class Plan {
  writes = 0;
  /** What was brought to safety, in order. */
  readonly kept: string[] = [];
  broken = false;
  private onText: (text: string) => void = () => undefined;
  private waiting: (() => void)[] = [];

  constructor(public text: string) {}

  open() {
    const sheet = { text: this.text };
    const draft = new Draft(
      () => this.text,
      { read: () => ({ text: sheet.text, cursor: sheet.text.length }), show: (text) => (sheet.text = text) },
      (text, seen) => this.write(seen, text),
      { put: (writing) => this.kept.push(writing.text), wrote: () => undefined },
    );
    this.onText = () => draft.heard();
    const type = (text: string) => {
      sheet.text = text;
    };
    return { draft, type, sheet };
  }

  others(change: (text: string) => string) {
    this.text = change(this.text);
    this.onText(this.text);
  }

  arrive() {
    for (const arrives of this.waiting.splice(0)) arrives();
  }

  private write(seen: string, text: string): Promise<void> {
    this.writes += 1;
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        if (this.broken) {
          reject(new Error("full"));
          return;
        }
        this.text = rebase(seen, this.text, text).text;
        this.onText(this.text);
        resolve();
      });
    });
  }
}

async function settled() {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}
