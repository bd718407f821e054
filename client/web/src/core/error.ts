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
