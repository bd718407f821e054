/** Web Locks, by which tabs of one device take turns and places; the browser lets go of those of a tab that is gone. */

/** A lock that is held until `release`. */
export interface Held {
  release(): void;
}

/** Takes a lock if nobody has it. */
export function tryHold(name: string): Promise<Held | null> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return;
        }
        return new Promise<void>((release) => {
          resolve({ release });
        });
      })
      .catch(reject);
  });
}

/** Does something while nobody else has the lock. */
export function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(name, work) as Promise<T>;
}

/** This device's membership log of a plan (slot 0). */
export function membershipLock(plan: string): string {
  return `samverka/${plan}/membership`;
}

/** A writer's place in a plan. */
export function slotLock(plan: string, slot: string): string {
  return `samverka/${plan}/slot/${slot}`;
}

/** Choosing a place. */
export function choosingLock(plan: string): string {
  return `samverka/${plan}/choosing`;
}
