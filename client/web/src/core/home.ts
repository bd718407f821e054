/**
 * What this device keeps beside the replicas' own data: who it belongs to, the keys and titles of its plans, the
 * places that its tabs write in. The command line's `home.rs`, over IndexedDB.
 */

import type { Identity, Json, PlanInfo, PlanState } from "./api";
import { CoreError } from "./error";
import { type Held, choosingLock, inTurn, slotLock, tryHold } from "./locks";
import {
  type Bytes,
  NO_SPACE,
  type StoreLike,
  type StoreReply,
  type StoreRequest,
  type Write,
  fromUtf8,
  hex,
  unhex,
  utf8,
} from "./store-values";

const PERSON = "person";
const DEVICE = "device";
const TITLE = "title";
const TOKEN = "hosting-token";
const SAMPLE = "sample";
/** Where the replica keeps the knock of a device that is not in yet. */
const TICKET = "ticket";
/** Set where this device was turned away. */
const REFUSED = "turned-away";
/** Each place that was written in here, with how many entries its log had after that. */
const SLOT = "slot/";
/** Of a log's name, before the place's number. */
const DEVICE_LENGTH = 32;
const DRAFT = "draft/";
/** A form with all its texts is far below; what is above is no form. */
const DRAFT_MAX_BYTES = 64 * 1024;

/** A writer's place, held until it is released. */
export interface Slot extends Held {
  /** 16 hexadecimal digits. */
  name: string;
}

export class Home {
  readonly #store: StoreLike;

  constructor(store: StoreLike) {
    this.#store = store;
  }

  async person(): Promise<Identity | null> {
    const value = await this.#value(NO_SPACE, PERSON);
    return value === null ? null : (JSON.parse(fromUtf8(value)) as Identity);
  }

  async setPerson(person: Identity): Promise<void> {
    await this.write([put(NO_SPACE, PERSON, utf8(JSON.stringify(person)))]);
  }

  /** All plans, by title. */
  async plans(): Promise<PlanInfo[]> {
    const { items } = await this.#ask({ type: "spaces" }, "spaces");
    const found = await Promise.all(items.map((space) => this.plan(hex(space))));
    const plans = found.filter((plan) => plan !== null);
    return plans.sort((a, b) => a.title.localeCompare(b.title) || a.id.localeCompare(b.id));
  }

  /** One plan; `null` where this device has no keys for it. */
  async plan(id: string): Promise<PlanInfo | null> {
    const space = unhex(id);
    if ((await this.#value(space, DEVICE)) === null) {
      return null;
    }
    const title = await this.#value(space, TITLE);
    const sample = (await this.#value(space, SAMPLE)) !== null;
    return { id, title: title === null ? "" : fromUtf8(title), state: await this.#state(space), sample };
  }

  async #state(space: Bytes): Promise<PlanState> {
    if ((await this.#value(space, TICKET)) === null) {
      return "ready";
    }
    return (await this.#value(space, REFUSED)) === null ? "joining" : "refused";
  }

  keys(plan: string): Promise<Bytes | null> {
    return this.#value(unhex(plan), DEVICE);
  }

  async token(plan: string): Promise<string | null> {
    const value = await this.#value(unhex(plan), TOKEN);
    return value === null ? null : fromUtf8(value);
  }

  async keepTitle(plan: string, title: string): Promise<void> {
    await this.write([put(unhex(plan), TITLE, utf8(title))]);
  }

  /** Remembers that this device was turned away: relays go on saying no to it until the knock has run out. */
  async keepRefusal(plan: string): Promise<void> {
    await this.write([put(unhex(plan), REFUSED, new Uint8Array(0))]);
  }

  /** What is written with a plan that is new here, so that its keys are there whenever anything of it is. */
  static beginning(
    plan: string,
    keys: Bytes,
    { token, sample = false }: { token?: string; sample?: boolean },
  ): Write[] {
    const space = unhex(plan);
    const writes: Write[] = [
      { type: "create_space", space },
      { type: "delete", space, key: REFUSED },
      put(space, DEVICE, keys),
    ];
    if (token !== undefined) {
      writes.push(put(space, TOKEN, utf8(token)));
    }
    if (sample) {
      writes.push(put(space, SAMPLE, new Uint8Array(0)));
    }
    return writes;
  }

  /** What is being filled in, by name. */
  async drafts(plan: string): Promise<Record<string, Json>> {
    const { items } = await this.#ask({ type: "values", space: unhex(plan), prefix: DRAFT }, "values");
    return Object.fromEntries(
      items.map(({ key, value }) => [key.slice(DRAFT.length), JSON.parse(fromUtf8(value)) as Json]),
    );
  }

  async keepDraft(plan: string, name: string, draft: Json): Promise<void> {
    const [space, key] = [unhex(plan), DRAFT + name];
    if (draft === null) {
      await this.write([{ type: "delete", space, key }]);
      return;
    }
    const value = utf8(JSON.stringify(draft));
    if (value.length > DRAFT_MAX_BYTES) {
      throw new CoreError("refused", "what is filled in here is too long to be kept: hand it over, or shorten it");
    }
    await this.write([put(space, key, value)]);
  }

  async remove(plan: string): Promise<void> {
    await this.write([{ type: "remove_space", space: unhex(plan) }]);
  }

  /**
   * Takes places to write in a plan: a new one, and beside it one that was written in before, where there is one that no
   * other tab holds. Two tabs never hold the same. Whether it may be gone on in is for the replica to say: all of this may
   * be a copy.
   */
  takePlaces(plan: string): Promise<{ fresh: Slot; before: Slot | null }> {
    return inTurn(choosingLock(plan), async () => {
      const fresh = await Home.takeNamed(plan, newSlot());
      return { fresh, before: await this.#takeBefore(plan) };
    });
  }

  async #takeBefore(plan: string): Promise<Slot | null> {
    const space = unhex(plan);
    const { items } = await this.#ask({ type: "values", space, prefix: SLOT }, "values");
    for (const { key } of items) {
      const slot = await hold(plan, key.slice(SLOT.length));
      if (slot === null) {
        continue;
      }
      const written = await this.#value(space, key);
      const { items: logs } = await this.#ask({ type: "frontier", space }, "frontier");
      const log = logs.find((one) => isOf(one.log, slot.name));
      if (written !== null && Number(fromUtf8(written)) === (log?.next ?? 0)) {
        return slot;
      }
      // More is here of its log than was written here: another copy of this device writes there.
      slot.release();
      await this.write([{ type: "delete", space, key }]);
    }
    return null;
  }

  /**
   * The writes of a replica, with a note of how far its place has been written in here wherever they go on there. A place
   * that was left for it is forgotten: a copy of this device may be going on in it.
   */
  static noting(writes: Write[], slot: Slot, left: string | null): Write[] {
    return writes.flatMap((write): Write[] => {
      if (write.type !== "append" || !isOf(write.log, slot.name)) {
        return [write];
      }
      const { space, next } = write;
      const noted = put(space, SLOT + slot.name, utf8(String(next)));
      return left === null ? [write, noted] : [write, noted, { type: "delete", space, key: SLOT + left }];
    });
  }

  /** Takes a place by its number, in a plan that is being begun: nobody else can have it. */
  static async takeNamed(plan: string, name: string): Promise<Slot> {
    const slot = await hold(plan, name);
    if (slot === null) {
      throw new CoreError("internal", "another tab writes in a plan that was just begun");
    }
    return slot;
  }

  async write(writes: Write[]): Promise<void> {
    await this.#ask({ type: "write", writes }, "written");
  }

  async #value(space: Bytes, key: string): Promise<Bytes | null> {
    return (await this.#ask({ type: "value", space, key }, "value")).value;
  }

  async #ask<T extends StoreReply["type"]>(
    request: StoreRequest,
    wanted: T,
  ): Promise<StoreReply & { type: T }> {
    const reply = await this.#store.answer(request);
    if (reply.type !== wanted) {
      throw storeError(reply);
    }
    return reply as StoreReply & { type: T };
  }
}

/** A number for a place, drawn at random; never 0, which is the membership log. */
export function newSlot(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return bytes.some((byte) => byte !== 0) ? hex(bytes) : newSlot();
}

export function slotNumber(name: string): bigint {
  return BigInt(`0x${name}`);
}

/** Why the store did not do it, as a sentence. */
export function storeError(reply: StoreReply): CoreError {
  switch (reply.type) {
    case "full":
      return new CoreError(
        "full",
        "there is no room left: make room and try again; nothing that was saved is lost",
      );
    case "closed":
      return new CoreError("store", "the app was updated in another tab: reload this one");
    case "newer":
      return new CoreError("store", "a newer version of the app has written here: reload to update this one");
    case "io":
      return new CoreError(
        "store",
        `what is kept on this device could not be read or written: ${reply.reason}`,
      );
    default:
      return new CoreError("internal", `the store answered ${reply.type}`);
  }
}

function put(space: Bytes, key: string, value: Bytes): Write {
  return { type: "put", space, key, value };
}

/** Whether a log (device and place) is that of a place. */
function isOf(log: Bytes, name: string): boolean {
  return hex(log.subarray(DEVICE_LENGTH)) === name;
}

async function hold(plan: string, name: string): Promise<Slot | null> {
  const held = await tryHold(slotLock(plan, name));
  return held === null ? null : { name, release: held.release };
}
