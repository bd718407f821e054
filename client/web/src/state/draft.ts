import { rebase } from "./rebase";

/** Where a draft is seen: a text area, say. */
export interface Sheet {
  read(): { text: string; cursor: number };
  show(text: string, cursor: number): void;
}

/**
 * A text that is being written here while others may write in it too. One write is on its way at a time; what others
 * wrote meanwhile is taken in before the next, so that no write takes out words that its author never saw.
 */
export class Draft {
  /** The text that what is on the sheet began from. */
  private base: string;
  private writing = false;

  /** `current` is the plan's text as of now; a write has resolved only after `current` shows it. */
  constructor(
    private readonly current: () => string,
    private readonly sheet: Sheet,
    private readonly write: (text: string) => Promise<unknown>,
  ) {
    this.base = current();
  }

  /** The plan's text has changed. */
  heard(): void {
    if (!this.writing) this.catchUp();
  }

  /** Writes what is on the sheet, where it differs. A write that fails is shown by whoever carries it out. */
  flush(): void {
    const { text } = this.sheet.read();
    if (this.writing || text === this.current()) return;
    this.writing = true;
    this.write(text)
      .then(
        () => {
          this.base = text;
          this.done();
          this.flush();
        },
        () => this.done(),
      )
      .finally(() => undefined);
  }

  private done(): void {
    this.writing = false;
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
