/** Files that come in and go out, as far as the browser is concerned; what is in them is the core's. */
import type { ExportedFile, ImportRequest } from "../../core/api";

/** What to ask of the core for a file that somebody picked: by its content, since names lie. */
export function importRequest(bytes: Uint8Array, board: string | null): ImportRequest {
  const on = board === null ? {} : { board };
  return { format: beginsAsJson(bytes) ? "json" : "csv", bytes, ...on };
}

const BRACES = new Set(["{", "["].map((brace) => brace.charCodeAt(0)));
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

function beginsAsJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !BLANKS.has(byte));
  return first !== undefined && BRACES.has(first);
}

/** How many notes pasted lines make: one for each that holds anything. */
export function countLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}

/** Hands a file to the browser's downloads. */
export function download({ name, type, bytes }: ExportedFile): void {
  // A copy: the bytes may lie in a buffer that is shared or longer.
  const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), RELEASE_MS);
}

const RELEASE_MS = 60_000;
