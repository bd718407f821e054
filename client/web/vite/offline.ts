import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

import type { Plugin } from "vite";

import type { AppFile } from "../src/offline/files";

const WORKER = "sw.js";
const PLACE = /(["'`])__SAMVERKA_BUILD__\1/;

/**
 * Builds the service worker and tells it the files of this build.
 *
 * Written here, in place of a plugin with 179 packages behind it: what builds the app could read everybody's plans, and
 * the worker has two rules that are the product's own (a build is taken whole or not at all; no page is pulled away
 * from under somebody who writes).
 */
export function offline(): Plugin {
  let publicFolder = "";
  return {
    name: "samverka-offline",
    apply: "build",
    configResolved(config) {
      publicFolder = config.publicDir;
    },
    buildStart() {
      this.emitFile({ type: "chunk", id: "src/offline/sw.ts", fileName: WORKER });
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files: AppFile[] = filesIn(publicFolder).map((path) => ({
          path: relative(publicFolder, path).split(sep).join("/"),
          integrity: integrity(readFileSync(path)),
        }));
        for (const file of Object.values(bundle)) {
          if (file.fileName === WORKER) continue;
          const content = file.type === "chunk" ? file.code : file.source;
          files.push({ path: file.fileName, integrity: integrity(content) });
        }
        files.sort((a, b) => (a.path < b.path ? -1 : 1));
        if (!files.some(({ path }) => path === "index.html"))
          this.error("the app's page is not in the build");
        const worker = bundle[WORKER];
        if (worker?.type !== "chunk" || !PLACE.test(worker.code))
          this.error("the service worker is not as expected");
        const version = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
        const build = JSON.stringify(JSON.stringify({ version, files }));
        worker.code = worker.code.replace(PLACE, () => build);
      },
    },
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function integrity(content: string | Uint8Array): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}
