/**
 * Pictures of every screen, for eyes: `npm run screens` puts them into `screens/` (not committed), at the widths of a
 * phone, a tablet, a laptop and a projector, in the light and in the dark. The screens are fed from canned views
 * (src/dev); `CHROMIUM` names another browser than Debian's. Words after `--` pick screens by name.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { chromium } from "playwright-core";
import { createServer } from "vite";

const PLAN = "#/plan/5a3f0c1d5a3f0c1d";
const OUT = join(import.meta.dirname, "..", "screens");
const WIDTHS = [
  { name: "390", width: 390, height: 844, phone: true },
  { name: "768", width: 768, height: 1024 },
  { name: "1440", width: 1440, height: 900 },
  { name: "1920", width: 1920, height: 1080 },
];

/** What is looked at: a name, an address, and what is pressed before the picture is taken. */
const SCREENS = [
  ["start-first", "?fresh#/"],
  ["start-plans", "#/"],
  ["start-new", "?fresh#/", (page) => page.getByText("Börja en plan").click()],
  ["join", "?fresh#/join/1.abc"],
  ["join-waiting", "#/join/1.abc", (page) => page.getByRole("button", { name: "Knacka på" }).click()],
  ["wall", `${PLAN}/wall?as=wall`],
  ["wall-selected", `${PLAN}/wall?as=wall`, selectNotes],
  ["wall-list", `${PLAN}/wall?as=list`],
  ["commitments", `${PLAN}/commitments`],
  ["commitments-months", `${PLAN}/commitments?as=months`],
  ["commitment-two-dates", `${PLAN}/commitments/c-04`],
  ["commitment-needs-talk", `${PLAN}/commitments/c-05`],
  ["commitment-new", `${PLAN}/commitments?new=n-022`],
  [
    "commitment-promise",
    `${PLAN}/commitments/c-08`,
    (page) => page.getByRole("button", { name: "Jag lovar" }).click(),
  ],
  ["goals", `${PLAN}/goals`],
  ["people", `${PLAN}/people`],
  ["people-qr", `${PLAN}/people`, (page) => page.getByRole("button", { name: "Visa QR-koden" }).click()],
  ["history", `${PLAN}/history`],
  ["files", `${PLAN}/files`],
  ["print", `${PLAN}/files/print`],
  ["print-list", `${PLAN}/files/print?paper=list`],
  ["print-wall", `${PLAN}/files/print?paper=wall`],
  ["status", `${PLAN}/status`],
  ["settings", `${PLAN}/settings`],
  [
    "settings-wipe",
    `${PLAN}/settings`,
    (page) => page.getByRole("button", { name: "Töm enheten …" }).click(),
  ],
  ["more", `${PLAN}/more`],
];

async function selectNotes(page) {
  await page.locator(".react-flow__node-note").nth(1).click();
  await page
    .locator(".react-flow__node-note")
    .nth(2)
    .click({ modifiers: ["Shift"] });
}

const wanted = process.argv.slice(2);
const screens = SCREENS.filter(([name]) => wanted.length === 0 || wanted.includes(name));
if (wanted.length === 0) await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });

const server = await createServer({
  root: join(import.meta.dirname, ".."),
  server: { port: 0 },
  logLevel: "error",
});
await server.listen();
const origin = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

let failures = 0;
for (const { name: size, width, height, phone } of WIDTHS) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      locale: "sv-FI",
      hasTouch: phone === true,
      isMobile: phone === true,
      reducedMotion: "reduce",
    });
    // A busy machine builds the pages as they are asked for.
    context.setDefaultNavigationTimeout(120_000);
    for (const [name, address, act] of screens) {
      const page = await context.newPage();
      page.on("pageerror", (error) => {
        failures += 1;
        console.error(`${name} ${size} ${colorScheme}: ${error.message}`);
      });
      await page.goto(`${origin}dev.html${address}`);
      await page.locator("h1").filter({ visible: true }).first().waitFor({ timeout: 60_000 });
      await page.evaluate("document.fonts.ready");
      if (act) await act(page);
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(OUT, `${name}-${size}-${colorScheme}.png`) });
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
await server.close();
console.log(`${screens.length * WIDTHS.length * 2} pictures in ${OUT}, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
