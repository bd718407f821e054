import { readFile } from "node:fs/promises";

import type { Browser, Page } from "@playwright/test";

import { expect, test } from "../e2e/support/fixtures";
import { NURSE } from "../e2e/support/people";
import { t } from "../e2e/support/words";
import { Crowd } from "./crowd";
import { tell } from "./figure";
import { probe, untilNote, untilTold } from "./probe";

const quick = process.env["SAMVERKA_BENCH_QUICK"] !== undefined;
const ROUNDS = quick ? 3 : 7;
const KEYS = quick ? 60 : 300;

/** What Chromium's own tools call "Fast 4G", and a middle phone's processor. */
const FAST_4G = { offline: false, latency: 165, downloadThroughput: 1_012_500, uploadThroughput: 168_750 };
const PHONE_SLOWER_BY = 4;

test("the first load on a phone, and the next one without a connection", async ({ browser, device }) => {
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { app, context } = await device(`phone ${round}`, { size: "phone" });
    const session = await context.newCDPSession(app.page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", FAST_4G);
    await session.send("Emulation.setCPUThrottlingRate", { rate: PHONE_SLOWER_BY });
    await app.page.goto("about:blank");
    const began = Date.now();
    await app.open();
    await app.page.getByRole("button", { name: t("start.sample") }).click();
    await app.page
      .getByRole("navigation", { name: t("nav.label") })
      .getByRole("link", { name: t("nav.wall") })
      .click();
    await app.wall.rows.first().waitFor();
    first.push(Date.now() - began);
    await app.isKept();
    await session.send("Network.emulateNetworkConditions", { ...FAST_4G, offline: true });
    await app.page.reload({ waitUntil: "commit" });
    again.push(await untilNote(app.page, ""));
    await context.close();
  }
  expect(browser.isConnected()).toBe(true);
  tell({
    name: "app: first load to the first note of the sample plan, phone profile (Fast 4G, processor four times slower)",
    unit: "ms",
    goal: "at most 3000",
    values: first,
  });
  tell({
    name: "app: the next load without a connection, to the first note, same phone",
    unit: "ms",
    goal: "at most 1000",
    values: again,
  });
});

test("opening the plan of 10,000 events", async ({ browser, device, relay }) => {
  const crowd = await Crowd.begin(relay.url, "plan");
  const { app, context } = await device("desktop");
  await app.comeIn(crowd.link, NURSE);
  await app.go("wall");
  await untilNote(app.page, "Lapp ");
  await app.isAtRelay();
  const opened: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await app.page.reload({ waitUntil: "commit" });
    opened.push(await untilNote(app.page, "Lapp "));
  }
  tell({
    name: "app: opening the plan of 10,000 events, from the reload to its notes",
    unit: "ms",
    goal: "at most 800",
    values: opened,
  });
  tell({
    name: "app: memory of the page with that plan (the renderer's share, Pss)",
    unit: "MiB",
    goal: "at most 250",
    values: [await memory(browser, app.page)],
  });
  await context.close();
  await crowd.forget();
});

test("500 notes on the wall and fourteen people typing", async ({ device, relay }) => {
  const crowd = await Crowd.begin(relay.url, "wall", "500", "13");
  const { app, context } = await device("desktop");
  await probe(app.page);
  await app.comeIn(crowd.link, NURSE);
  await app.go("wall");
  await app.wall.asWall();
  await untilNote(app.page, "Lapp ");
  await app.page.getByRole("button", { name: t("canvas.show_all") }).click();
  await crowd.say("type");
  await app.page.getByRole("application", { name: t("canvas.label") }).focus();
  await app.page.keyboard.press("n");
  await expect(app.wall.area).toBeFocused();
  await app.page.evaluate(() => (window.probe.keys.length = 0));
  for (let key = 0; key < KEYS; key += 1) {
    // As fast as people type who type fast.
    await app.page.keyboard.press(key % 6 === 5 ? "Space" : "o", { delay: 80 });
  }
  const keys = await app.page.evaluate(() => window.probe.keys);
  tell({
    name: "app: from a key to the paint, 500 notes on the wall and fourteen people typing",
    unit: "ms",
    goal: "at most 16",
    values: keys,
  });
  await app.page.keyboard.press("Escape");
  const told: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const marker = `Fjärrlapp ${round}.`;
    told.push(await untilTold(app.page, marker, () => crowd.say(`note ${marker}`)));
  }
  tell({
    name: "app: from the core's word of somebody's new note to its paint, same wall",
    unit: "ms",
    goal: "at most 50",
    values: told,
  });
  await context.close();
  await crowd.forget();
});

/** What the page's process holds of memory, in MiB; pages that it shares count by their share. */
async function memory(browser: Browser, page: Page): Promise<number> {
  const pageSession = await page.context().newCDPSession(page);
  await pageSession.send("HeapProfiler.collectGarbage");
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send("SystemInfo.getProcessInfo")) as {
    processInfo: { type: string; id: number }[];
  };
  const held = await Promise.all(
    processInfo
      .filter(({ type }) => type === "renderer")
      .map(async ({ id }) => {
        const text = await readFile(`/proc/${id}/smaps_rollup`, "utf8").catch(() => "");
        return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
      }),
  );
  return Math.max(...held);
}
