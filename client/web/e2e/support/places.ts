/** The programs that the tests start: built by `cargo xtask test --only browser`, or named by the environment. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** A relay with the web app in it. */
export const relayBinary = process.env["SAMVERKA_RELAY_BIN"] ?? join(root, "target/debug/samverka-relay");

/** The command line. */
export const samverkaBinary = process.env["SAMVERKA_BIN"] ?? join(root, "target/debug/samverka");

/** The system's own Chromium; none is downloaded. */
export const browserBinary =
  process.env["SAMVERKA_CHROMIUM"] ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync) ??
  "chromium";

/** Without these the browser speaks to its maker's servers, or needs rights that a build machine does not give. */
export const BROWSER_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
