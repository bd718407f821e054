/**
 * What crosses between the replica (Rust, `client/wasm/src/bridge.rs`) and the store: requests and their answers.
 * Spaces are 32 bytes (none for the store itself), logs 40 (device and slot), documents 16.
 */

/** Bytes with memory of their own, as IndexedDB and WebCrypto want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

export interface StoredEntry {
  header: Bytes;
  /** `null` where the body was dropped, or has not come yet. */
  body: Bytes | null;
}

export type Write =
  | { type: "create_space"; space: Bytes }
  | {
      type: "append";
      space: Bytes;
      log: Bytes;
      expect_next: number;
      expect_head: Bytes;
      next: number;
      head: Bytes;
      entries: (StoredEntry & { number: number; document: Bytes })[];
    }
  | {
      /** Bodies for entries that are stored without one. */
      type: "fill";
      space: Bytes;
      entries: (StoredEntry & { log: Bytes; number: number; document: Bytes })[];
    }
  | { type: "put"; space: Bytes; key: string; value: Bytes }
  | { type: "delete"; space: Bytes; key: string }
  | { type: "drop_bodies"; space: Bytes; document: Bytes }
  | { type: "remove_space"; space: Bytes };

export type StoreRequest =
  | { type: "write"; writes: Write[] }
  | { type: "spaces" }
  | { type: "frontier"; space: Bytes }
  | { type: "log"; space: Bytes; log: Bytes; from: number; max_entries: number; max_bytes: number }
  | { type: "arrivals"; space: Bytes; after: number; max_bytes: number }
  /** Which entries lack a body, from a place in a log on; `log` is `null` for the beginning. */
  | { type: "bodyless"; space: Bytes; log: Bytes | null; from: number; max_ranges: number }
  | { type: "value"; space: Bytes; key: string }
  | { type: "values"; space: Bytes; prefix: string };

export type StoreReply =
  | { type: "written" }
  | { type: "spaces"; items: Bytes[] }
  | { type: "frontier"; items: { log: Bytes; next: number; head: Bytes }[] }
  | { type: "entries"; items: StoredEntry[] }
  | { type: "arrivals"; items: (StoredEntry & { arrival: number })[] }
  | { type: "bodyless"; items: { log: Bytes; from: number; until: number }[] }
  | { type: "value"; value: Bytes | null }
  | { type: "values"; items: { key: string; value: Bytes }[] }
  | StoreFailure;

export type StoreFailure =
  | { type: "conflict"; space: Bytes; log: Bytes; next: number; head: Bytes }
  | { type: "full" }
  | { type: "closed" }
  | { type: "newer"; found: number; known: number }
  | { type: "io"; reason: string };

/** Whatever answers requests: the database, or something around it. */
export interface StoreLike {
  answer(request: StoreRequest): Promise<StoreReply>;
}

/** The space of values that belong to the store itself. */
export const NO_SPACE: Bytes = new Uint8Array(0);

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(text: string): Bytes {
  const pairs = text.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

export function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
