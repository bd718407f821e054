/**
 * Lays a brotli version beside every built file that gets smaller by it, for the relay to serve as it is:
 * `node scripts/compress.mjs`. Prints what a first visit weighs.
 *
 * What was compressed stays in `node_modules/.cache` by its content: most builds change a few files of many.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const kept = fileURLToPath(new URL("../node_modules/.cache/samverka-brotli", import.meta.url));
// Fonts are compressed already, and so are pictures.
const COMPRESSIBLE = /\.(css|html|ics|js|json|svg|txt|wasm|webmanifest)$/;
// A few bytes less are not worth a second file.
const WORTH = 0.95;

await mkdir(kept, { recursive: true });
const unused = new Set(await readdir(kept));

let [files, plain, sent] = [0, 0, 0];
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith(".br")) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  let size = bytes.length;
  if (COMPRESSIBLE.test(entry.name)) {
    const compressed = await compress(bytes);
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
for (const name of unused) await rm(join(kept, name));
console.log(`${files} files, ${kb(plain)} kB, ${kb(sent)} kB as sent`);

async function compress(bytes) {
  const name = createHash("sha256").update(bytes).digest("hex");
  if (unused.delete(name)) return readFile(join(kept, name));
  const compressed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  // Whoever stops a build must not leave half a file under the name of the whole one.
  await writeFile(join(kept, `${name}.part`), compressed);
  await rename(join(kept, `${name}.part`), join(kept, name));
  return compressed;
}

function kb(bytes) {
  return (bytes / 1000).toFixed(0);
}
