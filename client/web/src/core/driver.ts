/**
 * Drives one opened plan in this tab: hands the replica what comes, carries out what it asks. The command line's
 * `session.rs` and `net.rs`, over IndexedDB, WebSockets and Web Locks.
 *
 * Whatever may write to this device's membership log (slot 0) runs in a *turn*: alone on the device, after having
 * read what other tabs have written. An edit needs none; it is sealed in the next turn: typing within 150 ms, an act at
 * once.
 */

import type { Connection, CoreEvent, JoinState, KnockState, Status } from "./api";
import { CoreError, unsaved } from "./error";
import { Home, type Slot, slotNumber, storeError } from "./home";
import { inTurn, membershipLock } from "./locks";
import type { Plan } from "./pkg/samverka_wasm.js";
import { asFailure } from "./rpc";
import { Sockets } from "./sockets";
import type { Changed, Store } from "./store";
import { type Bytes, type StoreReply, type StoreRequest, type Write, unhex } from "./store-values";
import type { Vault } from "./vault";

/** Status is told no more often than this: it changes with every entry, and nobody reads that fast. */
const STATUS_EVERY_MS = 100;
/** Messages that are taken together at most: the screen and other tabs get their turn in between. */
const BATCH_MAX = 1_024;
/** The longest wait that a timer knows. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Where a plan is driven: what all plans of this tab share. */
export interface Surroundings {
  store: Store;
  vault: Vault;
  home: Home;
  tell(events: CoreEvent[]): void;
  /** The program itself failed: nothing that follows can be relied on. */
  fail(error: unknown): void;
}

type Effect =
  | { type: "store"; id: number; request: StoreRequest }
  | { type: "send"; session: number; frame: Bytes }
  | { type: "close"; session: number; reason: string };

/** An event as Rust tells it: of a connection by its number, and without the plan. */
type Told = { type: string } & Record<string, unknown>;

export class Driver {
  readonly id: string;
  readonly #plan: Plan;
  /** Where it writes. */
  #slot: Slot;
  /** Where it wrote before, until the replica has said whether it may go on there. */
  #before: Slot | null;
  /** The replica was told of it. Until then it cannot have said anything. */
  #offered = false;
  /** Where it wrote before and does not any more. */
  #left: string | null = null;
  readonly #around: Surroundings;
  readonly #sockets: Sockets;
  /** The end of the work that is under way: one piece at a time. */
  #busy: Promise<unknown> = Promise.resolve();
  #inbox: { session: number; frame: Bytes }[] = [];
  #inboxDue = false;
  #saveDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #statusTimer: ReturnType<typeof setTimeout> | undefined;
  /** The number of the space's last change that the replica has taken in. */
  #seen = 0;
  #catching = false;
  #closed = false;
  #title = "";
  #knock: KnockState = "not_sent";

  constructor(plan: Plan, { fresh, before }: { fresh: Slot; before: Slot | null }, around: Surroundings) {
    this.#plan = plan;
    this.#slot = fresh;
    this.#before = before;
    this.#around = around;
    this.id = plan.spaceId();
    this.#sockets = new Sockets({
      opened: (session, url) => {
        this.#later((plan) => {
          plan.connect(session, url);
        });
      },
      frame: (session, frame) => {
        this.#inbox.push({ session, frame });
        this.#takeInbox();
      },
      gone: (session) => {
        this.#later((plan) => {
          plan.disconnected(session, Date.now());
        });
      },
      changed: (relay, connection) => {
        this.#connectionChanged(relay, connection);
      },
    });
  }

  /** Writes a new plan down with its keys, all at once, and begins to drive it. */
  async begin(writes: Write[]): Promise<void> {
    await this.#alone(async () => {
      const ids: number[] = [];
      const rest: Effect[] = [];
      const all = [...writes];
      for (let effect = this.#nextEffect(); effect !== null; effect = this.#nextEffect()) {
        if (effect.type === "store" && effect.request.type === "write") {
          ids.push(effect.id);
          all.push(...effect.request.writes);
        } else {
          rest.push(effect);
        }
      }
      await this.#around.home.write(Home.noting(all, this.#slot, null));
      for (const id of ids) {
        this.#plan.stored(id, { type: "written" }, Date.now());
      }
      for (const effect of rest) {
        await this.#carryOut(effect);
      }
      this.#seen = await this.#around.store.changeOf(unhex(this.id));
      await this.#drive();
    });
    this.#title = (await this.#around.home.plan(this.id))?.title ?? "";
    await this.#settle();
  }

  /** Reads a plan that is in the store, and begins to drive it. */
  async load(): Promise<void> {
    await this.#alone(async () => {
      // Asked before reading: what is written meanwhile is read again rather than missed.
      this.#seen = await this.#around.store.changeOf(unhex(this.id));
      this.#title = (await this.#around.home.plan(this.id))?.title ?? "";
      await this.#drive();
      this.#plan.mayBeCopy(this.#before === null ? undefined : slotNumber(this.#before.name));
      this.#offered = true;
      await this.#drive();
    });
    await this.#settle();
  }

  /** Asks what needs no turn: questions from memory, and edits. */
  ask(question: object): string {
    this.#isOpen();
    const answer = this.#ask(question);
    this.#tell();
    this.#schedule();
    return answer;
  }

  /** Seals and writes what was just done, as soon as what is being written is: what comes meanwhile goes with it. */
  saveSoon(): void {
    if (this.#saveDue) {
      return;
    }
    this.#saveDue = true;
    this.#later((plan) => {
      this.#saveDue = false;
      plan.flush(Date.now());
    });
  }

  /** Asks in a turn: whatever concerns membership. */
  askInTurn(question: object): Promise<string> {
    return this.turn(() => this.#ask(question));
  }

  /** Does something alone on the device, knowing what other tabs have written; what comes of it is durable after. */
  turn<T>(work: (plan: Plan) => T | Promise<T>): Promise<T> {
    return this.#alone(() =>
      inTurn(membershipLock(this.id), async () => {
        await this.#catchUp();
        const result = await work(this.#plan);
        await this.#drive();
        return result;
      }),
    ).then(async (result) => {
      await this.#settle();
      return result;
    });
  }

  /** Seals and writes what is pending. */
  async save(): Promise<void> {
    await this.turn((plan) => {
      plan.flush(Date.now());
    });
    const status = JSON.parse(this.#ask({ ask: "status" })) as Status;
    if (status.store_failure !== null) {
      throw unsaved(status.store_failure);
    }
  }

  /** Another tab has written. */
  changed(after: number): void {
    if (after <= this.#seen || this.#catching || this.#closed) {
      return;
    }
    this.#catching = true;
    this.#later(() => {
      this.#catching = false;
    });
  }

  /** This tab has written. */
  wrote({ before, after }: Changed): void {
    // If another tab wrote in between, that is read in the next turn, and this one's own again, which does nothing.
    if (before === this.#seen) {
      this.#seen = after;
    }
  }

  status(): Status {
    const status = JSON.parse(this.ask({ ask: "status" })) as Status;
    const relays = status.relays.map((relay) => ({ ...relay, ...this.#sockets.state(relay.url) }));
    return { ...status, relays };
  }

  joinState(): JoinState {
    const join = JSON.parse(this.ask({ ask: "join" })) as JoinState;
    return join.state === "admitted" ? join : { ...join, state: this.#knock };
  }

  setLanguage(language: string): void {
    this.#plan.setLanguage(language);
    this.#around.tell([{ type: "changed", plan: this.id, everything: true, updates: [] }]);
  }

  /** Every entry in the store, page by page. */
  async pages(take: (plan: Plan, entries: object[]) => void): Promise<void> {
    const space = unhex(this.id);
    for (let after = 0; ;) {
      const reply = await this.#around.store.answer({
        type: "arrivals",
        space,
        after,
        max_bytes: 4 * 1024 * 1024,
      });
      if (reply.type !== "arrivals") {
        throw storeError(reply);
      }
      const last = reply.items.at(-1);
      if (last === undefined) {
        return;
      }
      this.#isOpen();
      take(this.#plan, reply.items);
      after = last.arrival;
    }
  }

  /** Lets go of the plan. `save` is false where it is being removed. */
  async close(save: boolean): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#sockets.end();
    if (save) {
      await this.save();
    }
    await this.#alone(() => {
      this.#closed = true;
      clearTimeout(this.#timer);
      clearTimeout(this.#statusTimer);
      this.#plan.free();
      this.#slot.release();
      this.#before?.release();
      return Promise.resolve();
    });
  }

  /** A turn that nobody waits for; what goes wrong in it is told. */
  #later(work: (plan: Plan) => void): void {
    if (this.#closed) {
      return;
    }
    this.turn(work).catch((error: unknown) => {
      // The next act may ask again.
      this.#saveDue = false;
      if (!this.#closed) {
        this.#around.tell([{ type: "notice", plan: this.id, reason: asFailure(error).message }]);
      }
    });
  }

  /** Carries work out after what is under way, whether that succeeds or not. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(async () => {
      this.#isOpen();
      return work();
    });
    this.#busy = done.catch((error: unknown) => {
      // The caller is told as well; here it is only looked whether the program itself broke.
      if (error instanceof WebAssembly.RuntimeError) {
        this.#around.fail(error);
      }
    });
    return done;
  }

  #isOpen(): void {
    if (this.#closed) {
      throw new CoreError("not_ready", "the plan was closed");
    }
  }

  #ask(question: object): string {
    return this.#plan.ask(JSON.stringify(question), Date.now(), today());
  }

  async #catchUp(): Promise<void> {
    const change = await this.#around.store.changeOf(unhex(this.id));
    if (change !== this.#seen) {
      this.#seen = change;
      this.#plan.storeChanged();
      await this.#drive();
    }
  }

  #nextEffect(): Effect | null {
    return (this.#plan.nextEffect(Date.now()) as Effect | undefined) ?? null;
  }

  /** Carries out what the replica asks, in order, until it asks nothing. */
  async #drive(): Promise<void> {
    for (let effect = this.#nextEffect(); effect !== null; effect = this.#nextEffect()) {
      await this.#carryOut(effect);
    }
  }

  async #carryOut(effect: Effect): Promise<void> {
    switch (effect.type) {
      case "store": {
        this.#choosePlace();
        const reply: StoreReply = await this.#around.vault.answer(this.#noting(effect.request));
        this.#plan.stored(effect.id, reply, Date.now());
        // What was read shows at once, page by page.
        this.#tell();
        break;
      }
      case "send":
        this.#sockets.send(effect.session, effect.frame);
        break;
      case "close":
        this.#sockets.close(effect.session, effect.reason);
        break;
    }
  }

  /** After work: new relays, what there is to tell, when to wake. */
  async #settle(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#choosePlace();
    this.#sockets.meet(this.#plan.relays());
    this.#tell();
    this.#schedule();
    await this.#keepTitle();
  }

  /** Lets go of one place, once the replica knows where it writes. */
  #choosePlace(): void {
    const waits = !this.#offered || (this.#plan.offeredSlot() !== undefined && !this.#plan.hasWritten());
    if (this.#before === null || waits) {
      return;
    }
    const goesOn = this.#plan.slot() === slotNumber(this.#before.name);
    const [kept, other] = goesOn ? [this.#before, this.#slot] : [this.#slot, this.#before];
    this.#slot = kept;
    this.#before = null;
    this.#left = goesOn ? null : other.name;
    other.release();
  }

  #noting(request: StoreRequest): StoreRequest {
    return request.type === "write"
      ? { ...request, writes: Home.noting(request.writes, this.#slot, this.#left) }
      : request;
  }

  #takeInbox(): void {
    if (this.#inboxDue) {
      return;
    }
    this.#inboxDue = true;
    this.#later((plan) => {
      this.#inboxDue = false;
      const now = Date.now();
      for (const { session, frame } of this.#inbox.splice(0, BATCH_MAX)) {
        plan.frame(session, frame, now);
      }
      plan.timeout(now);
      if (this.#inbox.length > 0) {
        this.#takeInbox();
      }
    });
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const at = this.#plan.nextTimeout();
    if (at !== undefined) {
      const wait = Math.min(Math.max(at - Date.now(), 0), TIMER_MAX_MS);
      this.#timer = setTimeout(() => {
        this.#later((plan) => {
          plan.timeout(Date.now());
        });
      }, wait);
    }
  }

  #tell(): void {
    const text = this.#plan.events(Date.now(), today());
    if (text !== undefined) {
      const told = JSON.parse(text) as Told[];
      const events = told.flatMap((event) => this.#translate(event));
      if (events.length > 0) {
        this.#around.tell(events);
      }
    }
  }

  /** An event with the plan and the relay in place of the connection's number. */
  #translate(event: Told): CoreEvent[] {
    const plan = this.id;
    const session = typeof event["session"] === "number" ? event["session"] : 0;
    const relay = this.#sockets.url(session);
    switch (event.type) {
      case "status":
        this.#statusChanged();
        return [];
      case "live":
        this.#sockets.live(session);
        return [];
      case "synced":
        return [{ type: "synced", plan, relay }];
      case "refused": {
        const reason = String(event["reason"]);
        const status = JSON.parse(this.#ask({ ask: "status" })) as Status;
        const goesOn = status.relays.some((one) => one.url === relay && one.connected);
        this.#sockets.refused(session, reason, goesOn);
        return [{ type: "refused", plan, relay, reason }];
      }
      case "join": {
        this.#knock = event["state"] as KnockState;
        if (this.#knock === "refused") {
          void this.#around.home.keepRefusal(this.id).catch((error: unknown) => {
            this.#around.tell([{ type: "store_failed", plan, reason: asFailure(error).message }]);
          });
        }
        const join = JSON.parse(this.#ask({ ask: "join" })) as JoinState;
        return [{ type: "join", plan, join: { ...join, state: this.#knock } }, { type: "plans" }];
      }
      default:
        return [{ ...event, plan } as unknown as CoreEvent];
    }
  }

  #statusChanged(): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined;
      this.#around.tell([{ type: "status", plan: this.id }]);
    }, STATUS_EVERY_MS);
  }

  #connectionChanged(relay: string, connection: Connection): void {
    this.#around.tell([{ type: "connection", plan: this.id, relay, connection }]);
    this.#statusChanged();
  }

  /** Remembers the title, for telling plans apart without opening them. */
  async #keepTitle(): Promise<void> {
    const opened = JSON.parse(this.#ask({ ask: "opened" })) as { ready: boolean; title: string };
    if (opened.ready && opened.title !== this.#title) {
      this.#title = opened.title;
      await this.#around.home.keepTitle(this.id, opened.title);
      this.#around.tell([{ type: "plans" }]);
    }
  }
}

/** Today where this device is, as an ISO date. */
export function today(): string {
  const now = new Date();
  const two = (number: number) => String(number).padStart(2, "0");
  return `${String(now.getFullYear())}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
