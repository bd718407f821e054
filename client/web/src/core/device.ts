/** Everything that the page may ask, in the worker: the plans of this device, those that are open driven one each. */

import type {
  Command,
  Core,
  CoreEvent,
  EntityRef,
  ExportRequest,
  ExportedFile,
  Identity,
  ImportRequest,
  Invitation,
  JoinState,
  Json,
  PlanId,
  PlanInfo,
  Status,
  ViewName,
} from "./api";
import { Driver, type Surroundings, today } from "./driver";
import { CoreError } from "./error";
import { Home, type Slot, newSlot, slotNumber, storeError } from "./home";
import init, { Plan, readInvitation, titleOfFile } from "./pkg/samverka_wasm.js";
import { RawJson } from "./rpc";
import { type Changed, Store } from "./store";
import { type StoreFailure, utf8 } from "./store-values";
import { Vault } from "./vault";

const DATABASE = "samverka";
const CHANNEL = "samverka";

/** What tabs of one device tell each other. */
type Between =
  | { type: "wrote"; changed: Changed }
  | { type: "person"; person: Identity }
  /** A plan was removed from this device, or came back under other keys. */
  | { type: "removed"; plan: PlanId }
  | { type: "plans" };

/** What `call` of the worker reaches: each method answers what `Core` says, JSON from Rust as it comes. */
type Served = {
  [Method in Exclude<keyof Core, "subscribe" | "storage" | "persistStorage">]: (
    ...args: never[]
  ) => Promise<Awaited<ReturnType<Core[Method]>> | RawJson>;
};

export class Device implements Served {
  readonly #around: Surroundings;
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #open = new Map<PlanId, Promise<Driver>>();
  readonly #drivers = new Map<PlanId, Driver>();
  #person: Identity | null = null;

  private constructor(around: Surroundings) {
    this.#around = around;
    this.#channel.onmessage = (message: MessageEvent<Between>) => {
      this.#hear(message.data);
    };
    around.store.onChanged = (changed) => {
      this.#drivers.get(changed.space)?.wrote(changed);
      this.#say({ type: "wrote", changed });
    };
  }

  static async start(tell: (events: CoreEvent[]) => void, fail: (error: unknown) => void): Promise<Device> {
    const [store] = await Promise.all([
      Store.open(DATABASE).catch((error: unknown) => {
        throw storeError(error as StoreFailure);
      }),
      init(),
    ]);
    const vault = await Vault.around(store);
    const device = new Device({ store, vault, home: new Home(vault), tell, fail });
    device.#person = await device.#around.home.person();
    return device;
  }

  identity(): Promise<Identity | null> {
    return Promise.resolve(this.#person);
  }

  async setIdentity(identity: Identity): Promise<void> {
    await this.#around.home.setPerson(identity);
    this.#takePerson(identity);
    this.#say({ type: "person", person: identity });
  }

  plans(): Promise<PlanInfo[]> {
    return this.#around.home.plans();
  }

  async createPlan(request: { title: string; relays: string[]; token?: string }): Promise<RawJson> {
    return opened(await this.#found(request));
  }

  async importSample(): Promise<RawJson> {
    const { default: sample } = await import("../../../../examples/data/sample-plan.json");
    return this.#import({ bytes: utf8(JSON.stringify(sample)), relays: [], sample: true });
  }

  importPlan(request: {
    bytes: Uint8Array;
    relays: string[];
    token?: string;
    participant?: string;
  }): Promise<RawJson> {
    return this.#import(request);
  }

  async #import(request: {
    bytes: Uint8Array;
    relays: string[];
    token?: string;
    participant?: string;
    sample?: boolean;
  }): Promise<RawJson> {
    const { bytes, participant } = request;
    // Read first: a plan is not begun for a file that is none.
    const title = titleOfFile(bytes, this.#whoever().language);
    const driver = await this.#found({ ...request, title });
    await driver.turn((plan) => {
      plan.import('{"format":"json"}', bytes, Date.now(), today());
      if (participant !== undefined) {
        plan.beParticipant(participant, Date.now());
      }
      plan.flush(Date.now());
    });
    return opened(driver);
  }

  async #found(request: {
    title: string;
    relays: string[];
    token?: string;
    sample?: boolean;
  }): Promise<Driver> {
    const person = JSON.stringify(this.#whoever());
    const name = newSlot();
    const plan = Plan.found(
      person,
      request.title,
      JSON.stringify(request.relays),
      slotNumber(name),
      Date.now(),
    );
    if (request.token !== undefined) {
      plan.setHostingToken(request.token);
    }
    return this.#begin(plan, await Home.takeNamed(plan.spaceId(), name), request);
  }

  /** Keeps and drives a plan that was just founded, or knocked at. */
  async #begin(
    plan: Plan,
    slot: Slot,
    more: { token?: string; sample?: boolean },
  ): Promise<Driver> {
    const driver = new Driver(plan, { fresh: slot, before: null }, this.#around);
    const keys = plan.takeSecret();
    if (keys === undefined) {
      throw new CoreError("internal", "a new plan has no keys");
    }
    const begun = driver.begin(Home.beginning(driver.id, keys.slice(), more)).then(
      () => driver,
      async (error: unknown) => {
        this.#open.delete(driver.id);
        this.#drivers.delete(driver.id);
        await driver.close(false);
        throw error;
      },
    );
    this.#open.set(driver.id, begun);
    this.#drivers.set(driver.id, driver);
    await begun;
    keys.fill(0);
    this.#plansChanged();
    return driver;
  }

  async readInvitation(link: string): Promise<Invitation> {
    const invitation = JSON.parse(readInvitation(link)) as { plan: PlanId; relays: string[] };
    return { ...invitation, known: (await this.#around.home.plan(invitation.plan))?.state ?? null };
  }

  async join(link: string): Promise<JoinState> {
    const { plan: id, known } = await this.readInvitation(link);
    if (known === "ready") {
      throw new CoreError("refused", "this device is in this plan already");
    }
    // Whoever was turned away, or came too late, may knock again by another link: under new keys after a refusal,
    // since relays know the old ones as turned away.
    const kept = known === "joining" ? await this.#around.home.keys(id) : null;
    if (known !== null) {
      await this.#letGo(id, false);
      this.#say({ type: "removed", plan: id });
    }
    const slot = await Home.takeNamed(id, newSlot());
    const person = JSON.stringify(this.#whoever());
    const plan = Plan.join(person, link, kept ?? undefined, slotNumber(slot.name), Date.now());
    return (await this.#begin(plan, slot, {})).joinState();
  }

  async joinState(plan: PlanId): Promise<JoinState> {
    return (await this.#opening(plan)).joinState();
  }

  async openPlan(plan: PlanId): Promise<RawJson> {
    return opened(await this.#opening(plan));
  }

  closePlan(plan: PlanId): Promise<void> {
    return this.#letGo(plan, true);
  }

  async removePlan(plan: PlanId): Promise<void> {
    await this.#letGo(plan, false);
    await this.#around.home.remove(plan);
    this.#say({ type: "removed", plan });
    this.#plansChanged();
  }

  async execute(plan: PlanId, command: Command): Promise<RawJson> {
    const outcome = await this.#ask(plan, { ask: "execute", command });
    if (!isTyping(command)) {
      (await this.#driver(plan)).saveSoon();
    }
    return outcome;
  }

  drafts(plan: PlanId): Promise<Record<string, Json>> {
    return this.#around.home.drafts(plan);
  }

  keepDraft(plan: PlanId, name: string, draft: Json): Promise<void> {
    return this.#around.home.keepDraft(plan, name, draft);
  }

  async saved(plan: PlanId): Promise<void> {
    await (await this.#driver(plan)).save();
  }

  async retry(plan: PlanId): Promise<void> {
    const driver = await this.#driver(plan);
    await driver.turn((replica) => {
      replica.retryWrites();
    });
    await driver.save();
  }

  view(plan: PlanId, name: ViewName, query: object = {}): Promise<RawJson> {
    return this.#ask(plan, { ...query, ask: name });
  }

  async status(plan: PlanId): Promise<Status> {
    return (await this.#driver(plan)).status();
  }

  members(plan: PlanId): Promise<RawJson> {
    return this.#ask(plan, { ask: "members" });
  }

  changeRole(plan: PlanId, member: string, role: string): Promise<void> {
    return this.#act(plan, { ask: "change_role", member, role });
  }

  removeMember(plan: PlanId, member: string): Promise<void> {
    return this.#act(plan, { ask: "remove_member", member });
  }

  removeDevice(plan: PlanId, device: string): Promise<void> {
    return this.#act(plan, { ask: "remove_device", device });
  }

  leave(plan: PlanId): Promise<void> {
    return this.#act(plan, { ask: "leave" });
  }

  lateEntries(plan: PlanId): Promise<RawJson> {
    return this.#ask(plan, { ask: "late_entries" });
  }

  acceptLate(plan: PlanId, member: string): Promise<void> {
    return this.#act(plan, { ask: "accept_late", member });
  }

  invites(plan: PlanId): Promise<RawJson> {
    return this.#ask(plan, { ask: "invites" });
  }

  async invite(plan: PlanId, request: object): Promise<RawJson> {
    return new RawJson(await (await this.#driver(plan)).askInTurn({ ...request, ask: "invite" }));
  }

  revokeInvite(plan: PlanId, invite: string): Promise<void> {
    return this.#act(plan, { ask: "revoke_invite", invite });
  }

  knocks(plan: PlanId): Promise<RawJson> {
    return this.#ask(plan, { ask: "knocks" });
  }

  admit(plan: PlanId, device: string, participant?: string): Promise<void> {
    return this.#act(plan, { ask: "admit", device, participant: participant ?? null });
  }

  refuseKnock(plan: PlanId, device: string): Promise<void> {
    return this.#act(plan, { ask: "refuse_knock", device });
  }

  openDoor(plan: PlanId, until_ms: number): Promise<void> {
    return this.#act(plan, { ask: "open_door", until_ms });
  }

  closeDoor(plan: PlanId): Promise<void> {
    return this.#act(plan, { ask: "close_door" });
  }

  door(plan: PlanId): Promise<RawJson> {
    return this.#ask(plan, { ask: "door" });
  }

  present(plan: PlanId, content: Json): Promise<void> {
    return this.#act(plan, { ask: "present", content });
  }

  async exportFile(plan: PlanId, request: ExportRequest): Promise<ExportedFile> {
    const driver = await this.#driver(plan);
    const title = (JSON.parse(driver.ask({ ask: "opened" })) as { title: string }).title;
    const [ending, type] = FILES[request.format];
    const what = request.format === "csv" ? `-${request.table}` : "";
    const bytes = await driver.turn((replica) =>
      replica.export(JSON.stringify(request), Date.now(), today()),
    );
    return { name: `${slug(title)}${what}-${today()}.${ending}`, type, bytes };
  }

  async importFile(plan: PlanId, request: ImportRequest): Promise<RawJson> {
    const bytes = request.format === "lines" ? utf8(request.text) : request.bytes;
    const rest = JSON.stringify({ format: request.format, board: request.board ?? null });
    const driver = await this.#driver(plan);
    return new RawJson(
      await driver.turn((replica) => {
        const outcome = replica.import(rest, bytes, Date.now(), today());
        replica.flush(Date.now());
        return outcome;
      }),
    );
  }

  async history(plan: PlanId, entity?: EntityRef): Promise<RawJson> {
    const about = entity === undefined ? undefined : JSON.stringify(entity);
    const pages: string[] = [];
    await (
      await this.#driver(plan)
    ).pages((replica, entries) => {
      pages.push(replica.history(entries, about).slice(1, -1));
    });
    return new RawJson(`[${pages.filter((page) => page !== "").join(",")}]`);
  }

  async verify(plan: PlanId): Promise<RawJson> {
    const driver = await this.#driver(plan);
    await driver.pages((replica, entries) => {
      replica.verify(entries);
    });
    return new RawJson(await driver.turn((replica) => replica.verified()));
  }

  async #ask(plan: PlanId, question: object): Promise<RawJson> {
    return new RawJson((await this.#driver(plan)).ask(question));
  }

  async #act(plan: PlanId, question: object): Promise<void> {
    await (await this.#driver(plan)).askInTurn(question);
  }

  /** The driver of an opened plan. */
  async #driver(plan: PlanId): Promise<Driver> {
    const driver = this.#open.get(plan);
    if (driver === undefined) {
      throw new CoreError("not_ready", "the plan is not open");
    }
    return driver;
  }

  /** The driver of a plan, opened where it is not. */
  #opening(plan: PlanId): Promise<Driver> {
    const known = this.#open.get(plan);
    if (known !== undefined) {
      return known;
    }
    const opening = this.#load(plan).catch((error: unknown) => {
      this.#open.delete(plan);
      throw error;
    });
    this.#open.set(plan, opening);
    return opening;
  }

  async #load(id: PlanId): Promise<Driver> {
    const { home } = this.#around;
    const keys = await home.keys(id);
    if (keys === null) {
      throw new CoreError("unknown", "there is no such plan on this device");
    }
    const places = await home.takePlaces(id);
    const plan = Plan.open(id, keys, slotNumber(places.fresh.name), this.#person?.language ?? "sv-FI");
    keys.fill(0);
    const token = await home.token(id);
    if (token !== null) {
      plan.setHostingToken(token);
    }
    const driver = new Driver(plan, places, this.#around);
    this.#drivers.set(id, driver);
    try {
      await driver.load();
    } catch (error) {
      this.#drivers.delete(id);
      await driver.close(false);
      throw error;
    }
    return driver;
  }

  async #letGo(plan: PlanId, save: boolean): Promise<void> {
    const opening = this.#open.get(plan);
    this.#open.delete(plan);
    const driver = await opening?.catch(() => undefined);
    this.#drivers.delete(plan);
    await driver?.close(save);
  }

  #whoever(): Identity {
    if (this.#person === null) {
      throw new CoreError("not_ready", "say first who this device belongs to");
    }
    return this.#person;
  }

  #takePerson(person: Identity): void {
    const other = this.#person?.language !== person.language;
    this.#person = person;
    if (other) {
      for (const driver of this.#drivers.values()) {
        driver.setLanguage(person.language);
      }
    }
  }

  #plansChanged(): void {
    this.#around.tell([{ type: "plans" }]);
    this.#say({ type: "plans" });
  }

  #say(what: Between): void {
    this.#channel.postMessage(what);
  }

  #hear(what: Between): void {
    switch (what.type) {
      case "wrote":
        this.#drivers.get(what.changed.space)?.changed(what.changed.after);
        break;
      case "person":
        this.#takePerson(what.person);
        break;
      case "removed":
        this.#letGo(what.plan, false).catch(this.#around.fail);
        this.#around.tell([{ type: "plans" }]);
        break;
      case "plans":
        this.#around.tell([{ type: "plans" }]);
        break;
    }
  }
}

const FILES: Record<ExportRequest["format"], [ending: string, type: string]> = {
  json: ["json", "application/json"],
  markdown: ["md", "text/markdown;charset=utf-8"],
  csv: ["csv", "text/csv;charset=utf-8"],
  ics: ["ics", "text/calendar;charset=utf-8"],
  automerge: ["automerge", "application/octet-stream"],
};

function opened(driver: Driver): RawJson {
  return new RawJson(driver.ask({ ask: "opened" }));
}

/** A title as a file's name: letters and digits of any language, joined by hyphens. */
export function slug(title: string): string {
  const words =
    title
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.join("-").slice(0, 60) || "plan";
}

/** Whether a command is a part of a text that somebody is writing, of which the next part comes at once. */
function isTyping(command: Command): boolean {
  return command.command === "write";
}
