/**
 * Which changes came from others. The core tells of every change alike; what this tab did itself is known by the
 * outcome of its commands, which may come before or after. So changes wait a moment before they count as others'.
 */
export interface Change {
  kind: string;
  id: string;
}

const SETTLE_MS = 250;
const OWN_KEPT_MS = 5_000;

export class RemoteWatch {
  private readonly own = new Map<string, number>();
  private readonly waiting = new Map<string, Change>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `report` gets what others changed, gathered; `now` is the time in milliseconds. */
  constructor(
    private readonly report: (changes: Change[]) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** This tab did this. */
  did(changes: readonly Change[]): void {
    for (const change of changes) {
      this.own.set(keyOf(change), this.now() + OWN_KEPT_MS);
      this.waiting.delete(keyOf(change));
    }
  }

  /** The core says that this changed. */
  changed(changes: readonly Change[]): void {
    for (const change of changes) {
      if ((this.own.get(keyOf(change)) ?? 0) < this.now()) this.waiting.set(keyOf(change), change);
    }
    if (this.waiting.size > 0) this.timer ??= setTimeout(() => this.settle(), SETTLE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private settle(): void {
    this.timer = undefined;
    for (const [key, until] of this.own) if (until < this.now()) this.own.delete(key);
    const changes = [...this.waiting.values()];
    this.waiting.clear();
    if (changes.length > 0) this.report(changes);
  }
}

export function keyOf(change: Change): string {
  return `${change.kind}/${change.id}`;
}
