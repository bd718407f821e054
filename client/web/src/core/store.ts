/**
 * The store contract (`crates/store`) over IndexedDB; `conformance.ts` holds it to the suite that SQLite passes.
 *
 * - One transaction for each batch, `durability: "strict"`: answered means on disk, and compared in the same
 *   transaction, so two tabs never fork a log.
 * - Ids are kept as bytes: IndexedDB orders those as Rust does, and they take a quarter of the room of texts.
 * - Every write of a space leaves a number in `spaces` that only grows, by which tabs see that another has written.
 */

import {
  type Bytes,
  type StoreFailure,
  type StoreLike,
  type StoreReply,
  type StoreRequest,
  type Write,
  fromUtf8,
  hex,
  sameBytes,
  unhex,
  utf8,
} from "./store-values";

const VERSION = 1;
const STORES = ["meta", "spaces", "logs", "entries", "dropped", "values"] as const;
const EMPTY_HEAD: Bytes = new Uint8Array(32);
/** Records that one request to the database brings: few first, since bodies may be large, then more. */
const CHUNK_MIN = 32;
const CHUNK_MAX = 1024;

interface SpaceRecord {
  s: Bytes;
  /** The number of the last change. */
  v: number;
}

interface LogRecord {
  s: Bytes;
  l: Bytes;
  /** How many entries it has. */
  n: number;
  /** The last one's id. */
  h: Bytes;
}

interface EntryRecord {
  s: Bytes;
  /** Arrival. */
  a: number;
  l: Bytes;
  /** Number in the log. */
  n: number;
  d: Bytes;
  h: Bytes;
  b?: Bytes;
  /** There where the body has not come and may still: what is not there is in no index. */
  w?: 1;
}

/** A document whose bodies were dropped: none is taken any more. */
interface DroppedRecord {
  s: Bytes;
  d: Bytes;
}

interface ValueRecord {
  s: Bytes;
  /** The name in UTF-8: ordered by bytes, as the contract has it. */
  k: Bytes;
  v: Bytes;
}

/** What a write told beside the contract: the space's change number before and after it. */
export interface Changed {
  space: string;
  before: number;
  after: number;
}

export class Store implements StoreLike {
  readonly #db: IDBDatabase;
  #closed = false;
  /** Called after each durable write, once for each space in it. */
  onChanged: ((changed: Changed) => void) | undefined;

  private constructor(db: IDBDatabase) {
    this.#db = db;
    db.onclose = () => {
      this.#closed = true;
    };
    // Another tab has a newer version of the app: it may not wait for this one.
    db.onversionchange = () => {
      this.close();
    };
  }

  /** Opens the database, made first where there is none. Rejects with a `StoreFailure`. */
  static async open(name: string): Promise<Store> {
    const opening = indexedDB.open(name, VERSION);
    opening.onupgradeneeded = () => {
      lay(opening.result);
    };
    try {
      return new Store(await result(opening));
    } catch (error) {
      if (error instanceof DOMException && error.name === "VersionError") {
        const found = (await indexedDB.databases()).find((one) => one.name === name)?.version ?? VERSION + 1;
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- a failure is a value of the contract
        throw { type: "newer", found, known: VERSION } satisfies StoreFailure;
      }
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a failure is a value of the contract
      throw failure(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#db.close();
  }

  async answer(request: StoreRequest): Promise<StoreReply> {
    if (this.#closed) {
      return { type: "closed" };
    }
    try {
      return await this.#answer(request);
    } catch (error) {
      return failure(error);
    }
  }

  /** The number of a space's last change; 0 for an unknown one. */
  async changeOf(space: Bytes): Promise<number> {
    const record = await result<SpaceRecord | undefined>(this.#read("spaces").get(space));
    return record?.v ?? 0;
  }

  /** Answers what is kept under a name outside the contract, made by `make` where there is nothing yet. */
  async kept<T>(name: string, make: () => Promise<T>): Promise<T> {
    const found = await result<T | undefined>(this.#read("meta").get(name));
    if (found !== undefined) {
      return found;
    }
    const made = await make();
    const transaction = this.#db.transaction("meta", "readwrite", { durability: "strict" });
    const done = finished(transaction);
    const meta = transaction.objectStore("meta");
    // Another tab may have been quicker: the first one stays.
    const first = await result<T | undefined>(meta.get(name));
    if (first === undefined) {
      meta.put(made, name);
    }
    await done;
    return first ?? made;
  }

  #read(store: (typeof STORES)[number]): IDBObjectStore {
    return this.#db.transaction(store, "readonly").objectStore(store);
  }

  async #answer(request: StoreRequest): Promise<StoreReply> {
    switch (request.type) {
      case "write":
        return this.#write(request.writes);
      case "spaces": {
        const records = await result<SpaceRecord[]>(this.#read("spaces").getAll());
        return { type: "spaces", items: records.map((record) => record.s) };
      }
      case "frontier": {
        const records = await result<LogRecord[]>(this.#read("logs").getAll(within(request.space)));
        return { type: "frontier", items: records.map(({ l, n, h }) => ({ log: l, next: n, head: h })) };
      }
      case "log": {
        const { space, log, from, max_entries, max_bytes } = request;
        const range = (after: number, open: boolean) =>
          IDBKeyRange.bound([space, log, after], [space, log, Infinity], open);
        const source = this.#read("entries").index("log");
        const records = await bounded(source, range, from, (record) => record.n, max_entries, max_bytes);
        return { type: "entries", items: records.map(entry) };
      }
      case "arrivals": {
        const { space, after, max_bytes } = request;
        const range = (from: number, open: boolean) =>
          IDBKeyRange.bound([space, from], [space, Infinity], open);
        const source = this.#read("entries");
        const records = await bounded(source, range, after + 1, (record) => record.a, Infinity, max_bytes);
        return {
          type: "arrivals",
          items: records.map((record) => ({ arrival: record.a, ...entry(record) })),
        };
      }
      case "bodyless":
        return { type: "bodyless", items: await this.#bodyless(request) };
      case "value": {
        const key = [request.space, utf8(request.key)];
        const record = await result<ValueRecord | undefined>(this.#read("values").get(key));
        return { type: "value", value: record?.v ?? null };
      }
      case "values": {
        const range = prefixed(request.space, utf8(request.prefix));
        const records = await result<ValueRecord[]>(this.#read("values").getAll(range));
        return { type: "values", items: records.map(({ k, v }) => ({ key: fromUtf8(k), value: v })) };
      }
    }
  }

  async #bodyless({ space, log, from, max_ranges }: StoreRequest & { type: "bodyless" }) {
    const ranges: { log: Bytes; from: number; until: number }[] = [];
    const after = log === null ? [space, 1] : [space, 1, log, from];
    const source = this.#read("entries").index("bodyless");
    const opening = source.openKeyCursor(IDBKeyRange.bound(after, [space, 1, []]));
    for (let cursor = await result(opening); cursor !== null; cursor = await result(opening)) {
      const [, , at, number] = cursor.key as [ArrayBuffer, 1, ArrayBuffer, number];
      const of = new Uint8Array(at);
      const last = ranges.at(-1);
      if (last?.until === number && sameBytes(last.log, of)) {
        last.until += 1;
      } else if (ranges.length < max_ranges) {
        ranges.push({ log: of, from: number, until: number + 1 });
      } else {
        break;
      }
      cursor.continue();
    }
    return ranges;
  }

  async #write(writes: Write[]): Promise<StoreReply> {
    const transaction = this.#db.transaction(STORES, "readwrite", { durability: "strict" });
    const done = finished(transaction);
    const batch = new Batch(transaction);
    try {
      const conflict = await batch.carryOut(writes);
      if (conflict !== null) {
        transaction.abort();
        await done.catch(() => undefined);
        return conflict;
      }
    } catch (error) {
      giveUp(transaction);
      await done.catch(() => undefined);
      // The transaction's own reason (a full disk) says more than that a request in it came to nothing.
      throw transaction.error ?? error;
    }
    await done;
    for (const changed of batch.changed) {
      this.onChanged?.(changed);
    }
    return { type: "written" };
  }
}

/** The writes of one transaction. */
class Batch {
  readonly #meta: IDBObjectStore;
  readonly #spaces: IDBObjectStore;
  readonly #logs: IDBObjectStore;
  readonly #entries: IDBObjectStore;
  readonly #dropped: IDBObjectStore;
  readonly #values: IDBObjectStore;
  #arrival = 0;
  /** Spaces that were written to, and whether that makes them known. */
  readonly #touched = new Map<string, boolean>();
  readonly changed: Changed[] = [];

  constructor(transaction: IDBTransaction) {
    this.#meta = transaction.objectStore("meta");
    this.#spaces = transaction.objectStore("spaces");
    this.#logs = transaction.objectStore("logs");
    this.#entries = transaction.objectStore("entries");
    this.#dropped = transaction.objectStore("dropped");
    this.#values = transaction.objectStore("values");
  }

  /** Answers a conflict, after which the transaction has to be given up, or `null`. */
  async carryOut(writes: Write[]): Promise<StoreFailure | null> {
    // Counted for all spaces together: a space that was removed and is made again goes on from there.
    this.#arrival = (await result<number | undefined>(this.#meta.get("arrival"))) ?? 0;
    for (const write of writes) {
      const conflict = await this.#one(write);
      if (conflict !== null) {
        return conflict;
      }
    }
    this.#meta.put(this.#arrival, "arrival");
    await this.#number();
    return null;
  }

  async #one(write: Write): Promise<StoreFailure | null> {
    switch (write.type) {
      case "create_space":
        this.#touch(write.space, true);
        return null;
      case "append":
        return this.#append(write);
      case "put":
        this.#values.put({ s: write.space, k: utf8(write.key), v: write.value } satisfies ValueRecord);
        this.#touch(write.space, true);
        return null;
      case "delete":
        this.#values.delete([write.space, utf8(write.key)]);
        this.#touch(write.space, false);
        return null;
      case "fill":
        await this.#fill(write);
        this.#touch(write.space, false);
        return null;
      case "drop_bodies":
        await this.#dropBodies(write.space, write.document);
        this.#touch(write.space, false);
        return null;
      case "remove_space":
        for (const store of [this.#logs, this.#entries, this.#dropped, this.#values]) {
          store.delete(within(write.space));
        }
        this.#spaces.delete(write.space);
        this.#touched.delete(hex(write.space));
        return null;
    }
  }

  async #append(write: Write & { type: "append" }): Promise<StoreFailure | null> {
    const { space, log } = write;
    const stored = await result<LogRecord | undefined>(this.#logs.get([space, log]));
    const [next, head] = [stored?.n ?? 0, stored?.h ?? EMPTY_HEAD];
    if (next !== write.expect_next || !sameBytes(head, write.expect_head)) {
      return { type: "conflict", space, log, next, head };
    }
    for (const { number, document, header, body } of write.entries) {
      this.#arrival += 1;
      const record: EntryRecord = { s: space, a: this.#arrival, l: log, n: number, d: document, h: header };
      if (body !== null) {
        record.b = body;
      } else if (!(await this.#isDropped(space, document))) {
        record.w = 1;
      }
      this.#entries.put(record);
    }
    if (write.entries.length > 0) {
      this.#logs.put({ s: space, l: log, n: write.next, h: write.head } satisfies LogRecord);
    }
    this.#touch(space, true);
    return null;
  }

  async #fill(write: Write & { type: "fill" }): Promise<void> {
    const numbers = this.#entries.index("log");
    for (const { log, number, document, header, body } of write.entries) {
      const key = [write.space, log, number];
      const stored = await result<EntryRecord | undefined>(numbers.get(key));
      const lacks = stored?.w === 1 && sameBytes(stored.h, header);
      if (stored === undefined || body === null || !lacks || (await this.#isDropped(write.space, document))) {
        continue;
      }
      delete stored.w;
      this.#entries.put({ ...stored, b: body } satisfies EntryRecord);
    }
  }

  async #isDropped(space: Bytes, document: Bytes): Promise<boolean> {
    return (await result<IDBValidKey | undefined>(this.#dropped.getKey([space, document]))) !== undefined;
  }

  async #dropBodies(space: Bytes, document: Bytes): Promise<void> {
    if ((await result<SpaceRecord | undefined>(this.#spaces.get(space))) !== undefined) {
      this.#dropped.put({ s: space, d: document } satisfies DroppedRecord);
    }
    const opening = this.#entries.index("document").openCursor(IDBKeyRange.only([space, document]));
    for (let cursor = await result(opening); cursor !== null; cursor = await result(opening)) {
      const record = cursor.value as EntryRecord;
      if (record.b !== undefined || record.w !== undefined) {
        delete record.b;
        delete record.w;
        cursor.update(record);
      }
      cursor.continue();
    }
  }

  #touch(space: Bytes, known: boolean): void {
    if (space.length > 0) {
      const name = hex(space);
      this.#touched.set(name, known || (this.#touched.get(name) ?? false));
    }
  }

  /** Gives the spaces that were written to the number of this change. */
  async #number(): Promise<void> {
    const after = ((await result<number | undefined>(this.#meta.get("change"))) ?? 0) + 1;
    this.#meta.put(after, "change");
    for (const [name, known] of this.#touched) {
      const space = unhex(name);
      const record = await result<SpaceRecord | undefined>(this.#spaces.get(space));
      if (record !== undefined || known) {
        this.#spaces.put({ s: space, v: after } satisfies SpaceRecord);
        this.changed.push({ space: name, before: record?.v ?? 0, after });
      }
    }
  }
}

function lay(db: IDBDatabase): void {
  db.createObjectStore("meta");
  db.createObjectStore("spaces", { keyPath: "s" });
  db.createObjectStore("logs", { keyPath: ["s", "l"] });
  const entries = db.createObjectStore("entries", { keyPath: ["s", "a"] });
  entries.createIndex("log", ["s", "l", "n"], { unique: true });
  entries.createIndex("document", ["s", "d"]);
  entries.createIndex("bodyless", ["s", "w", "l", "n"]);
  db.createObjectStore("dropped", { keyPath: ["s", "d"] });
  db.createObjectStore("values", { keyPath: ["s", "k"] });
}

/** Everything of a space: its keys are arrays that begin with it, and a list comes after everything else. */
function within(space: Bytes): IDBKeyRange {
  return IDBKeyRange.bound([space], [space, []]);
}

/** Names that begin so: from the prefix on, before the first one of the same length that comes after it. */
function prefixed(space: Bytes, prefix: Bytes): IDBKeyRange {
  const after = prefix.slice();
  let length = after.length;
  while (length > 0 && after[length - 1] === 0xff) {
    length -= 1;
  }
  if (length === 0) {
    return IDBKeyRange.bound([space, prefix], [space, []]);
  }
  after[length - 1] = (after[length - 1] ?? 0) + 1;
  return IDBKeyRange.bound([space, prefix], [space, after.slice(0, length)], false, true);
}

/** Reads records in order until a limit; the first one comes in any case. */
async function bounded(
  source: IDBObjectStore | IDBIndex,
  range: (from: number, open: boolean) => IDBKeyRange,
  from: number,
  place: (record: EntryRecord) => number,
  maxEntries: number,
  maxBytes: number,
): Promise<EntryRecord[]> {
  const taken: EntryRecord[] = [];
  let bytes = 0;
  let [at, open] = [from, false];
  for (let chunk = CHUNK_MIN; ; chunk = Math.min(chunk * 4, CHUNK_MAX)) {
    const count = Math.min(chunk, maxEntries - taken.length);
    if (count <= 0) {
      return taken;
    }
    const records = await result<EntryRecord[]>(source.getAll(range(at, open), count));
    for (const record of records) {
      bytes += record.h.length + (record.b?.length ?? 0);
      if (taken.length > 0 && bytes > maxBytes) {
        return taken;
      }
      taken.push(record);
      [at, open] = [place(record), true];
    }
    if (records.length < count) {
      return taken;
    }
  }
}

function entry(record: EntryRecord): { header: Bytes; body: Bytes | null } {
  return { header: record.h, body: record.b ?? null };
}

function result<T>(request: IDBRequest): Promise<T>;
function result<T>(request: IDBRequest<T>): Promise<T>;
function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("the database gave no reason"));
    };
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error("the transaction was given up"));
    };
  });
  // Whoever waits for it sees the failure; until then it is nobody's.
  done.catch(() => undefined);
  return done;
}

/** Ends a transaction without effect; one that has ended so already stays as it is. */
function giveUp(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "InvalidStateError")) {
      throw error;
    }
  }
}

function failure(error: unknown): StoreFailure {
  if (error instanceof DOMException) {
    if (error.name === "QuotaExceededError") {
      return { type: "full" };
    }
    if (error.name === "InvalidStateError") {
      return { type: "closed" };
    }
  }
  return { type: "io", reason: error instanceof Error ? error.message : String(error) };
}
