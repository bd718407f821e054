/**
 * Keys at rest: secret values lie in the database under an AES-GCM key that the browser keeps and never shows, not
 * even to this program. Whoever copies the database's files has nothing without the browser that made them; whoever
 * runs a program in this origin can use the key, as this program does. Documents are sealed by the replica itself,
 * under a key that comes from the device's.
 *
 * A wrapped value: version 1, 12 bytes of nonce, then what AES-GCM gives; space and name are bound to it.
 */

import type { Store } from "./store";
import {
  type Bytes,
  type StoreLike,
  type StoreReply,
  type StoreRequest,
  type Write,
  utf8,
} from "./store-values";

const VERSION = 1;
const NONCE_LENGTH = 12;
const DOMAIN = "samverka/browser-value/v1\0";
/** Values that let their reader in somewhere, name people at the door, or say what somebody is about to say. */
const SECRET = /^(device|hosting-token|ticket|(draft|invite|knock)\/.*)$/s;

export class Vault implements StoreLike {
  readonly #store: StoreLike;
  readonly #key: CryptoKey;
  readonly #isSecret: (key: string) => boolean;

  constructor(
    store: StoreLike,
    key: CryptoKey,
    isSecret: (key: string) => boolean = (key) => SECRET.test(key),
  ) {
    this.#store = store;
    this.#key = key;
    this.#isSecret = isSecret;
  }

  /** The store with its vault; the key is made on the first start. */
  static async around(store: Store): Promise<Vault> {
    const make = () =>
      crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return new Vault(store, await store.kept("wrapping-key", make));
  }

  async answer(request: StoreRequest): Promise<StoreReply> {
    try {
      return await this.#answer(request);
    } catch (error) {
      // WebCrypto says no more than that it failed.
      const reason =
        error instanceof Error && error.message !== ""
          ? error.message
          : "it was changed, or its key is another";
      return { type: "io", reason: `a secret value does not open: ${reason}` };
    }
  }

  async #answer(request: StoreRequest): Promise<StoreReply> {
    // A transaction does not wait for anything but the database: wrapping comes before it, opening after.
    if (request.type === "write") {
      return this.#store.answer({
        type: "write",
        writes: await Promise.all(request.writes.map((write) => this.#wrapped(write))),
      });
    }
    const reply = await this.#store.answer(request);
    if (
      request.type === "value" &&
      reply.type === "value" &&
      reply.value !== null &&
      this.#isSecret(request.key)
    ) {
      return { type: "value", value: await this.#open(request.space, request.key, reply.value) };
    }
    if (request.type === "values" && reply.type === "values") {
      const open = async (item: { key: string; value: Bytes }) =>
        this.#isSecret(item.key)
          ? { key: item.key, value: await this.#open(request.space, item.key, item.value) }
          : item;
      return { type: "values", items: await Promise.all(reply.items.map(open)) };
    }
    return reply;
  }

  async #wrapped(write: Write): Promise<Write> {
    if (write.type !== "put" || !this.#isSecret(write.key)) {
      return write;
    }
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
    const additionalData = context(write.space, write.key);
    const sealed = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData },
      this.#key,
      write.value,
    );
    const value = new Uint8Array(1 + NONCE_LENGTH + sealed.byteLength);
    value.set([VERSION]);
    value.set(iv, 1);
    value.set(new Uint8Array(sealed), 1 + NONCE_LENGTH);
    return { ...write, value };
  }

  async #open(space: Bytes, key: string, value: Bytes): Promise<Bytes> {
    if (value[0] !== VERSION) {
      throw new Error("it is of a version that this app does not know; update it");
    }
    const iv = value.slice(1, 1 + NONCE_LENGTH);
    const sealed = value.slice(1 + NONCE_LENGTH);
    const additionalData = context(space, key);
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, this.#key, sealed),
    );
  }
}

function context(space: Bytes, key: string): Bytes {
  const [domain, name] = [utf8(DOMAIN), utf8(key)];
  const bytes = new Uint8Array(domain.length + 1 + space.length + name.length);
  bytes.set(domain);
  // The length keeps the store's own values (no space) apart from a space's.
  bytes.set([space.length], domain.length);
  bytes.set(space, domain.length + 1);
  bytes.set(name, domain.length + 1 + space.length);
  return bytes;
}
