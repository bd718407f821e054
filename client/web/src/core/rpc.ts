/** Calls from the page to the worker and their answers: one message each way, and events of the worker's own. */

import type { CoreErrorCode, CoreEvent } from "./api";
import { CoreError } from "./error";

export interface Call {
  id: number;
  method: string;
  args: unknown[];
}

export type FromWorker =
  | { id: number; value: unknown }
  /** JSON from Rust as it came: read on the page, rather than read here and copied. */
  | { id: number; json: string }
  | { id: number; error: { code: CoreErrorCode; message: string } }
  | { events: CoreEvent[] };

/** JSON that goes out as it is. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The side that calls. */
export class Caller {
  readonly #post: (call: Call) => void;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #onEvents: (events: CoreEvent[]) => void;
  #next = 0;
  #broken: CoreError | null = null;

  constructor(post: (call: Call) => void, onEvents: (events: CoreEvent[]) => void) {
    this.#post = post;
    this.#onEvents = onEvents;
  }

  call(method: string, args: unknown[]): Promise<unknown> {
    if (this.#broken !== null) {
      return Promise.reject(this.#broken);
    }
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ id, method, args });
    });
  }

  take(message: FromWorker): void {
    if ("events" in message) {
      this.#onEvents(message.events);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) {
      waiting?.reject(new CoreError(message.error.code, message.error.message));
    } else {
      waiting?.resolve("json" in message ? JSON.parse(message.json) : message.value);
    }
  }

  /** Nothing will be answered any more. */
  breakDown(reason: string): void {
    if (this.#broken !== null) {
      return;
    }
    this.#broken = new CoreError("internal", reason);
    for (const { reject } of this.#waiting.values()) {
      reject(this.#broken);
    }
    this.#waiting.clear();
    this.#onEvents([{ type: "fatal", reason }]);
  }
}

/** Carries out a call on an object with a method of that name. */
export async function carryOut(methods: object, call: Call): Promise<FromWorker> {
  try {
    const method: unknown = Reflect.get(methods, call.method);
    if (typeof method !== "function") {
      throw new CoreError("internal", `the core has no ${call.method}`);
    }
    const value: unknown = await Reflect.apply(method, methods, call.args);
    return value instanceof RawJson ? { id: call.id, json: value.text } : { id: call.id, value };
  } catch (error) {
    return { id: call.id, error: asFailure(error) };
  }
}

/** What crosses of an error. Rust's have a `code`. */
export function asFailure(error: unknown): { code: CoreErrorCode; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "internal";
  return { code: code as CoreErrorCode, message };
}
