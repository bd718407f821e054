import { rebase } from "./rebase";

/** Where a draft is seen: a text area, say. */
export interface Sheet {
  read(): { text: string; cursor: number };
  show(text: string, cursor: number): void;
}

/** Where what is typed lies until the plan has it. */
export interface Safe {
  /** `sent` is on its way into the plan, or there already, when the page ends. */
  put(writing: { base: string; sent: string | null; text: string }): void;
  wrote(text: string): void;
}

/**
 * A text that is being written here while others may write in it too. One write is on its way at a time; what others
 * wrote meanwhile is taken in before the next, so that no write takes out words that its author never saw.
 */
export class Draft {
  /** The text that what is on the sheet began from. */
  private base: string;
  /** What is on its way. */
  private sent: string | null = null;

  /** `current` is the plan's text as of now; a write has resolved only after `current` shows it. */
  constructor(
    private readonly current: () => string,
    private readonly sheet: Sheet,
    /** `seen` is what the text began from: what others wrote since stays. */
    private readonly write: (text: string, seen: string) => Promise<unknown>,
    private readonly safe: Safe,
  ) {
    this.base = current();
  }

  /** The plan's text has changed. */
  heard(): void {
    if (this.sent === null) this.catchUp();
  }

  /** Something was typed. */
  typed(): void {
    this.keep();
    this.flush();
  }

  /** Writes what is on the sheet, where it differs. A write that fails is shown by whoever carries it out. */
  flush(): void {
    const { text } = this.sheet.read();
    if (this.sent !== null || text === this.current()) return;
    this.sent = text;
    this.write(text, this.base)
      .then(
        () => {
          this.base = text;
          this.safe.wrote(text);
          this.done();
          if (this.sheet.read().text !== text) this.typed();
        },
        () => this.done(),
      )
      .finally(() => undefined);
  }

  private keep(): void {
    this.safe.put({ base: this.base, sent: this.sent, text: this.sheet.read().text });
  }

  private done(): void {
    this.sent = null;
    this.catchUp();
  }

  private catchUp(): void {
    const { text, cursor } = this.sheet.read();
    const theirs = this.current();
    const now = rebase(this.base, theirs, text, cursor);
    this.base = theirs;
    if (now.text !== text) this.sheet.show(now.text, now.cursor);
  }
}
