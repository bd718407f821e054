import type { CoreErrorCode } from "./api";

/** Why the core did not do what it was asked; the message is a sentence for people. */
export class CoreError extends Error {
  readonly code: CoreErrorCode;

  constructor(code: CoreErrorCode, message: string) {
    super(message);
    this.name = "CoreError";
    this.code = code;
  }
}

/** What the store's own sentence says went wrong: there is no room, or something else. */
export function unsaved(reason: string): CoreError {
  return new CoreError(/\bfull\b|no room/.test(reason) ? "full" : "store", reason);
}
