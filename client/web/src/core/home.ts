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
const SLOT = "slot/";
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

  /** Takes a writer's place in a plan: one that is free, or a new one. Two tabs never hold the same. */
  takeSlot(plan: string): Promise<Slot> {
    return inTurn(choosingLock(plan), async () => {
      const space = unhex(plan);
      const { items } = await this.#ask({ type: "values", space, prefix: SLOT }, "values");
      for (const { key } of items) {
        const slot = await hold(plan, key.slice(SLOT.length));
        if (slot !== null) {
          return slot;
        }
      }
      const slot = await hold(plan, newSlot());
      if (slot === null) {
        throw new CoreError("internal", "a random number was drawn twice: try again");
      }
      await this.write([put(space, SLOT + slot.name, new Uint8Array(0))]);
      return slot;
    });
  }

  /** Takes a place by its number, in a plan that is being begun: nobody else can have it. */
  static async takeNamed(plan: string, name: string): Promise<{ slot: Slot; writes: Write[] }> {
    const slot = await hold(plan, name);
    if (slot === null) {
      throw new CoreError("internal", "another tab writes in a plan that was just begun");
    }
    return { slot, writes: [put(unhex(plan), SLOT + name, new Uint8Array(0))] };
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

async function hold(plan: string, name: string): Promise<Slot | null> {
  const held = await tryHold(slotLock(plan, name));
  return held === null ? null : { name, release: held.release };
}
