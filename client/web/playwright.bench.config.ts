import { defineConfig } from "@playwright/test";

import tests from "./playwright.config";

/** The app's figures, one after the other on a machine that does nothing else: `cargo xtask bench web`. */
export default defineConfig({
  ...tests,
  testDir: "bench",
  testMatch: "*.bench.ts",
  workers: 1,
  fullyParallel: false,
  timeout: 600_000,
  use: { ...tests.use, trace: "off", screenshot: "off" },
});
