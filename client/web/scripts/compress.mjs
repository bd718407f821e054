/**
 * Lays a brotli version beside every built file that gets smaller by it, for the relay to serve as it is:
 * `node scripts/compress.mjs`. Prints what a first visit weighs.
 */

import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
// Fonts are compressed already, and so are pictures.
const COMPRESSIBLE = /\.(css|html|ics|js|json|svg|txt|wasm|webmanifest)$/;
// A few bytes less are not worth a second file.
const WORTH = 0.95;

let [files, plain, sent] = [0, 0, 0];
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith(".br")) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  let size = bytes.length;
  if (COMPRESSIBLE.test(entry.name)) {
    const compressed = brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    });
    if (compressed.length < bytes.length * WORTH) {
      await writeFile(`${path}.br`, compressed);
      size = compressed.length;
    }
  }
  files += 1;
  plain += bytes.length;
  sent += size;
  if (bytes.length > 100_000) {
    console.log(`${kb(bytes.length)} kB, ${kb(size)} kB as sent: ${path.slice(dist.length + 1)}`);
  }
}
console.log(`${files} files, ${kb(plain)} kB, ${kb(sent)} kB as sent`);

function kb(bytes) {
  return (bytes / 1000).toFixed(0);
}
