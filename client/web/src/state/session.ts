/**
 * One opened plan on this screen: its tables, kept true by what the core tells, and what can be done to it. No rule
 * of the plan is here; the core refuses what does not fit.
 */
import { createStore, type StoreApi } from "zustand/vanilla";

import type {
  Command,
  Connection,
  Core,
  CoreEvent,
  Invite,
  Json,
  Knock,
  Member,
  Milliseconds,
  OpenQuestion,
  Outcome,
  PlanOpened,
  Status,
} from "../core/api";
import { unsaved } from "../core/error";
import { type Change, keyOf, RemoteWatch } from "./remote";
import { NotesTyped } from "./notesTyped";
import type { Typed } from "./typed";
import { writing } from "./wall/commands";
import { applyUpdates, EMPTY, readTables, type Tables } from "./tables";

/** Somebody who is here now. */
export interface Present {
  device: string;
  member: string | null;
  content: Json;
  heard_ms: Milliseconds;
}

export interface PlanState {
  opened: PlanOpened;
  /** Whether the tables have been read. */
  loaded: boolean;
  tables: Tables;
  questions: OpenQuestion[];
  members: Member[];
  knocks: Knock[];
  invites: Invite[];
  door: Milliseconds | null;
  status: Status | null;
  connections: Readonly<Record<string, Connection>>;
  /** What others changed a moment ago, by `kind/id`. */
  glowing: ReadonlySet<string>;
  present: ReadonlyMap<string, Present>;
  /** What went wrong last, and was not put away. */
  failure: unknown;
}

const GLOW_MS = 2_400;
const PRESENT_MS = 12_000;

export class PlanSession {
  readonly store: StoreApi<PlanState>;
  /** Texts of notes on their way from the keyboard into the plan. */
  readonly notes: NotesTyped;
  private readonly remote: RemoteWatch;
  private readonly ends: (() => void)[] = [];
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly remoteListeners = new Set<(changes: Change[]) => void>();

  /** `typed`: where fields of this plan lie until it has them; `left`: what was left there by pages that are gone. */
  constructor(
    readonly core: Core,
    opened: PlanOpened,
    typed: Pick<Typed, "put" | "drop">,
    private left: ReadonlyMap<string, Json> = new Map(),
  ) {
    this.notes = new NotesTyped(typed, opened.id);
    this.store = createStore(() => ({
      opened,
      loaded: false,
      tables: EMPTY,
      questions: [],
      members: [],
      knocks: [],
      invites: [],
      door: null,
      status: null,
      connections: {},
      glowing: new Set<string>(),
      present: new Map<string, Present>(),
      failure: null,
    }));
    this.remote = new RemoteWatch((changes) => this.others(changes));
  }

  get id(): string {
    return this.store.getState().opened.id;
  }

  /** Begins to listen and reads everything. */
  start(): void {
    this.ends.push(this.core.subscribe((event) => this.hear(event)));
    this.try(this.readAll());
  }

  stop(): void {
    for (const end of this.ends.splice(0)) end();
    for (const timer of this.timers) clearTimeout(timer);
    this.remote.stop();
  }

  /** Hears what others changed, gathered. */
  onRemote(listener: (changes: Change[]) => void): () => void {
    this.remoteListeners.add(listener);
    return () => this.remoteListeners.delete(listener);
  }

  /** Carries out a command. What goes wrong shows on the screen, and rejects. */
  async execute(command: Command): Promise<Outcome> {
    // It is not saved before the core says so: its figures come a moment later.
    this.unsaved();
    try {
      const outcome = await this.attempt(() => this.core.execute(this.id, command));
      this.remote.did(outcome.entities);
      return outcome;
    } finally {
      this.try(this.readStatus());
    }
  }

  private unsaved(): void {
    this.store.setState(({ status }) => ({
      status: status && { ...status, unsaved: Math.max(status.unsaved, 1) },
    }));
  }

  /** Does something with the core; what goes wrong shows on the screen, and rejects. */
  async attempt<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (failure) {
      this.store.setState({ failure });
      throw failure;
    }
  }

  dismissFailure(): void {
    this.store.setState({ failure: null });
  }

  private hear(event: CoreEvent): void {
    if (!("plan" in event) || event.plan !== this.id) return;
    switch (event.type) {
      case "changed":
        this.changed(event);
        return;
      case "status":
      case "synced":
        this.try(this.readStatus());
        return;
      case "membership":
        this.try(Promise.all([this.readPeople(), this.reopen()]));
        return;
      case "knock":
        this.try(this.readPeople());
        return;
      case "ready":
      case "join":
        this.try(this.reopen().then(() => this.readAll()));
        return;
      case "connection":
        this.store.setState(({ connections }) => ({
          connections: { ...connections, [event.relay]: event.connection },
        }));
        this.try(this.readStatus());
        return;
      case "presence":
        this.presence({
          device: event.device,
          member: event.member,
          content: event.content,
          heard_ms: Date.now(),
        });
        return;
      case "store_failed":
        this.store.setState({ failure: unsaved(event.reason) });
        this.try(this.readStatus());
        return;
      case "refused":
      case "left_out":
      case "notice":
        this.try(this.readStatus());
    }
  }

  private changed(event: Extract<CoreEvent, { type: "changed" }>): void {
    if (event.everything) {
      this.try(this.readTables());
      return;
    }
    this.store.setState(({ tables }) => ({ tables: applyUpdates(tables, event.updates) }));
    this.remote.changed(event.updates.map(({ kind, id }) => ({ kind, id })));
    this.try(this.readQuestions());
  }

  private others(changes: Change[]): void {
    const keys = changes.map(keyOf);
    this.store.setState(({ glowing }) => ({ glowing: new Set([...glowing, ...keys]) }));
    this.later(GLOW_MS, () =>
      this.store.setState(({ glowing }) => ({
        glowing: new Set([...glowing].filter((key) => !keys.includes(key))),
      })),
    );
    for (const listener of this.remoteListeners) listener(changes);
  }

  private presence(heard: Present): void {
    this.store.setState(({ present }) => ({ present: new Map(present).set(heard.device, heard) }));
    this.later(PRESENT_MS, () =>
      this.store.setState(({ present }) => {
        if (present.get(heard.device)?.heard_ms !== heard.heard_ms) return {};
        const rest = new Map(present);
        rest.delete(heard.device);
        return { present: rest };
      }),
    );
  }

  private async readAll(): Promise<void> {
    if (!this.store.getState().opened.ready) {
      await this.readStatus();
      return;
    }
    await Promise.all([this.readTables(), this.readPeople(), this.readStatus()]);
    await this.bringIn();
  }

  /** Writes into the plan what was typed in pages that ended before it had it. */
  private async bringIn(): Promise<void> {
    const { left } = this;
    this.left = new Map();
    await this.notes.bringIn(left, {
      text: (note, key) => {
        const found = this.store.getState().tables.notes.get(note);
        return found === undefined ? undefined : (found.texts[key] ?? "");
      },
      write: (id, key, text, seen) => this.execute(writing(id, key, text, seen)),
      add: async (key, text) => {
        const [board] = this.store.getState().opened.boards;
        if (board === undefined) throw new Error("the plan has no wall to bring a note back to");
        await this.execute({
          command: "add",
          kind: "note",
          board,
          fields: { text: { [key]: text } },
        });
      },
    });
  }

  private async readTables(): Promise<void> {
    const tables = await readTables(this.core, this.id);
    this.store.setState({ tables, loaded: true });
    await this.readQuestions();
  }

  private async readQuestions(): Promise<void> {
    this.store.setState({ questions: await this.core.view(this.id, "questions") });
  }

  private async readPeople(): Promise<void> {
    const [members, knocks, invites, door] = await Promise.all([
      this.core.members(this.id),
      this.core.knocks(this.id),
      this.core.invites(this.id),
      this.core.door(this.id),
    ]);
    this.store.setState({ members, knocks, invites, door });
  }

  /** Reads invitations and the door anew, after something was done to them here. */
  async refreshPeople(): Promise<void> {
    await this.attempt(() => this.readPeople());
  }

  private async readStatus(): Promise<void> {
    const status = await this.core.status(this.id);
    this.store.setState({ status });
    if (status.unsaved === 0 && status.store_failure === null) this.notes.durable();
  }

  private async reopen(): Promise<void> {
    this.store.setState({ opened: await this.core.openPlan(this.id) });
  }

  private later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, ms);
    this.timers.add(timer);
  }

  /** Lets something run; what goes wrong shows on the screen. */
  private try(work: Promise<unknown>): void {
    work.catch((failure: unknown) => this.store.setState({ failure }));
  }
}
