import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

import { browserBinary, BROWSER_ARGUMENTS } from "./e2e/support/places";

/** Where traces and pictures of failures go; `cargo xtask test` says where its target folder is. */
const kept =
  process.env["SAMVERKA_E2E_OUTPUT"] ?? fileURLToPath(new URL("../../target/e2e", import.meta.url));

export default defineConfig({
  testDir: "e2e",
  outputDir: kept,
  // Two cores is what continuous integration has; each test brings a relay and some browsers' worth of pages.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  // A test waits for conditions. These limits only say when to give one up on a machine that is busy with more.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "sv-FI",
    timezoneId: "Europe/Helsinki",
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: browserBinary, args: BROWSER_ARGUMENTS },
  },
});
