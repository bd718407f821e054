/** What hands do on the wall, as commands; and taking one's own last act back. */
import type { Command, Json, NoteCard, Outcome } from "../../core/api";
import type { Point } from "./layout";
import type { NoteColour } from "./colours";

/** What acts on the wall need of the plan. */
export interface WallDoor {
  execute(command: Command): Promise<Outcome>;
  note(id: string): NoteCard | undefined;
  /** The language in which this person writes, as texts are keyed. */
  textKey(): string;
  /** The language in which this person writes, in full. */
  language(): string;
}

export interface NewNote {
  text: string;
  cluster?: string | null;
  colour?: NoteColour;
  at?: Point;
}

/** A change of one field of one note, as it can be taken back. */
interface Step {
  note: string;
  field: string;
  before: Json;
  after: Json;
}

const UNDO_MAX = 100;

/** Writes a note's text from what its author saw of it. */
export function writing(note: string, key: string, text: string, seen: string): Command {
  return {
    command: "write",
    entity: { kind: "note", id: note },
    field: "text",
    language: key,
    seen,
    text,
  };
}

export class WallCommands {
  private readonly done: Step[][] = [];

  constructor(
    private readonly door: WallDoor,
    readonly board: string,
  ) {}

  /** Adds notes, each in one change; answers their ids. */
  async add(notes: readonly NewNote[]): Promise<string[]> {
    const ids: string[] = [];
    for (const { text, cluster, colour, at } of notes) {
      const fields: Record<string, Json> = {
        text: { [this.door.textKey()]: text },
        lang: this.door.language(),
        ...(cluster == null ? {} : { cluster }),
        ...(colour === undefined ? {} : { colour }),
        ...(at === undefined ? {} : { x: Math.round(at.x), y: Math.round(at.y) }),
      };
      const made = await this.door.execute({ command: "add", kind: "note", board: this.board, fields });
      const id = made.entities.find((entity) => entity.kind === "note")?.id;
      if (id !== undefined) ids.push(id);
    }
    this.remember(ids.map((note) => ({ note, field: "state", before: "archived", after: "revealed" })));
    return ids;
  }

  /** Writes a note's text in the language that it is shown in. */
  async write(id: string, key: string, text: string, seen: string): Promise<void> {
    const before = this.door.note(id)?.texts[key] ?? "";
    if (before === text) return;
    await this.door.execute(writing(id, key, text, seen));
    this.rememberText({ note: id, field: `text.${key}`, before, after: text });
  }

  colour(ids: readonly string[], colour: NoteColour): Promise<void> {
    return this.set(ids, "colour", colour);
  }

  cluster(ids: readonly string[], cluster: string | null): Promise<void> {
    return this.set(ids, "cluster", cluster);
  }

  park(ids: readonly string[]): Promise<void> {
    return this.set(ids, "state", "parked");
  }

  /** To the tray, from where it can be had back. */
  archive(ids: readonly string[]): Promise<void> {
    return this.set(ids, "state", "archived");
  }

  restore(ids: readonly string[]): Promise<void> {
    return this.set(ids, "state", "revealed");
  }

  async move(moves: readonly (Point & { id: string })[]): Promise<void> {
    const steps: Step[] = [];
    for (const { id, x, y } of moves) {
      const note = this.door.note(id);
      if (!note) continue;
      const to = { x: Math.round(x), y: Math.round(y) };
      steps.push({ note: id, field: "x", before: note.x, after: to.x });
      steps.push({ note: id, field: "y", before: note.y, after: to.y });
      await this.edit(id, to);
    }
    this.remember(steps);
  }

  /** A new cluster around some notes; answers its id. */
  async group(title: string, ids: readonly string[], at?: Point): Promise<string | null> {
    const fields: Record<string, Json> = {
      title: { [this.door.textKey()]: title },
      ...(at === undefined ? {} : { x: Math.round(at.x), y: Math.round(at.y) }),
    };
    const made = await this.door.execute({ command: "add", kind: "cluster", board: this.board, fields });
    const id = made.entities.find((entity) => entity.kind === "cluster")?.id ?? null;
    if (id !== null) await this.cluster(ids, id);
    return id;
  }

  async rename(cluster: string, title: string): Promise<void> {
    const fields = { title: { [this.door.textKey()]: title } };
    await this.door.execute({ command: "edit", entity: { kind: "cluster", id: cluster }, fields });
  }

  async join(from: string, into: string): Promise<void> {
    await this.door.execute({ command: "merge_clusters", from, into });
  }

  async place(cluster: string, at: Point): Promise<void> {
    const fields = { x: Math.round(at.x), y: Math.round(at.y) };
    await this.door.execute({ command: "edit", entity: { kind: "cluster", id: cluster }, fields });
  }

  /** Puts an empty cluster away; it shows again should a note be in it. */
  async putAway(cluster: string): Promise<void> {
    const fields = { state: "archived" };
    await this.door.execute({ command: "edit", entity: { kind: "cluster", id: cluster }, fields });
  }

  /** Whether there is an own act to take back. */
  canUndo(): boolean {
    return this.done.length > 0;
  }

  /** Takes back this tab's last act, except where somebody has changed the same since. Answers the notes it touched. */
  async undo(): Promise<string[]> {
    const steps = this.done.pop() ?? [];
    const touched = new Set<string>();
    for (const [note, fields] of this.reverse(steps)) {
      await this.edit(note, fields);
      touched.add(note);
    }
    return [...touched];
  }

  private reverse(steps: readonly Step[]): Map<string, Record<string, Json>> {
    const edits = new Map<string, Record<string, Json>>();
    for (const { note: id, field, before, after } of steps) {
      const note = this.door.note(id);
      if (!note || valueOf(note, field) !== after) continue;
      const fields = edits.get(id) ?? {};
      const [name = field, key] = field.split(".");
      fields[name] = key === undefined ? before : { [key]: before };
      edits.set(id, fields);
    }
    return edits;
  }

  private async set(
    ids: readonly string[],
    field: "colour" | "cluster" | "state",
    after: Json,
  ): Promise<void> {
    const steps: Step[] = [];
    for (const id of ids) {
      const note = this.door.note(id);
      if (!note) continue;
      const before = note[field];
      if (before === after) continue;
      steps.push({ note: id, field, before, after });
      await this.edit(id, { [field]: after });
    }
    this.remember(steps);
  }

  private async edit(id: string, fields: Record<string, Json>): Promise<void> {
    await this.door.execute({ command: "edit", entity: { kind: "note", id }, fields });
  }

  /** What is typed in one go is one act, however many writes it took. */
  private rememberText(step: Step): void {
    const [last, ...others] = this.done.at(-1) ?? [];
    const goesOn = others.length === 0 && last?.note === step.note && last.field === step.field;
    if (goesOn && last.after === step.before) last.after = step.after;
    else this.remember([step]);
  }

  private remember(steps: Step[]): void {
    if (steps.length === 0) return;
    this.done.push(steps);
    if (this.done.length > UNDO_MAX) this.done.shift();
  }
}

function valueOf(note: NoteCard, field: string): Json {
  const [name, key] = field.split(".");
  if (name === "text") return note.texts[key ?? ""] ?? "";
  switch (name) {
    case "x":
    case "y":
    case "colour":
    case "cluster":
    case "state":
      return note[name];
    default:
      return null;
  }
}

/** Pasted text as notes: each line that says something, without the marks of lists. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:[-*•–]|\d+[.)])\s+/, "").trim())
    .filter((line) => line !== "");
}
