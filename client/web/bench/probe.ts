import type { Page } from "@playwright/test";

interface Probe {
  /** From each key to the frame that shows what it did, in ms. */
  keys: number[];
  /** What a note says that is looked for. */
  marker: string;
  /** When it came from the worker. */
  came: number | null;
}

declare global {
  interface Window {
    probe: Probe;
  }
}

/** Measures inside the page, before the app begins: keys, and what the core's worker sends. */
export async function probe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.probe = { keys: [], marker: "", came: null };
    window.addEventListener(
      "keydown",
      (event) => {
        requestAnimationFrame(() => {
          // A message comes after the frame's own work, when it has been painted.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => window.probe.keys.push(performance.now() - event.timeStamp);
          port2.postMessage(null);
        });
      },
      { capture: true },
    );
    const Native = window.Worker;
    window.Worker = class extends Native {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        this.addEventListener("message", ({ data }) => {
          const { marker, came } = window.probe;
          if (marker === "" || came !== null || !JSON.stringify(data).includes(marker)) return;
          window.probe.came = performance.now();
        });
      }
    };
  });
}

/** How long a page has been there when the first note with such a text is painted, in ms. */
export async function untilNote(page: Page, text: string): Promise<number> {
  const seen = await page.waitForFunction(
    (start) => {
      const notes = document.querySelectorAll("main [role=listitem], main .react-flow__node, main li");
      const shown = [...notes].some((note) => note.checkVisibility() && note.textContent.includes(start));
      return shown && performance.now();
    },
    text,
    { polling: "raf" },
  );
  return Number(await seen.jsonValue());
}

/** From the moment when the worker told of a note until it is painted, in ms. */
export async function untilTold(page: Page, marker: string, write: () => Promise<void>): Promise<number> {
  await page.evaluate((marker) => {
    window.probe.marker = marker;
    window.probe.came = null;
  }, marker);
  const painted = untilNote(page, marker);
  await write();
  const at = await painted;
  const came = await page.evaluate(() => window.probe.came);
  if (came === null) throw new Error("the note is on the screen and never came");
  return at - came;
}
