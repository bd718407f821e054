/**
 * What is said to those who listen to the screen: politely, and in batches, so that seventy notes in a minute are a
 * few sentences and not seventy.
 */
export class Announcer {
  private text = "";
  private waiting: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly gatherMs = 1_500) {}

  /** Says one thing soon, with whatever else is to be said by then. */
  say(sentence: string): void {
    if (!this.waiting.includes(sentence)) this.waiting.push(sentence);
    this.timer ??= setTimeout(() => this.flush(), this.gatherMs);
  }

  /** What is being said. */
  readonly current = (): string => this.text;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private flush(): void {
    this.timer = undefined;
    this.text = this.waiting.join(" ");
    this.waiting = [];
    for (const listener of this.listeners) listener();
  }
}
