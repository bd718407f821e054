/** The texts of notes on their way from the keyboard into the plan. */
import type { Json } from "../core/api";
import type { Safe } from "./draft";
import { rebase, spliceOf } from "./rebase";
import type { Typed } from "./typed";

/** A note's text as it was typed, what it began from, and what of it was on its way into the plan. */
interface Writing {
  base: string;
  sent: string | null;
  text: string;
}

/** What bringing in needs of the plan. */
export interface NotesDoor {
  /** `undefined` for a note that is not in the plan. */
  text(note: string, key: string): string | undefined;
  write(note: string, key: string, text: string, seen: string): Promise<unknown>;
  /** A new note with this text. */
  add(key: string, text: string): Promise<unknown>;
}

const FIELD = "note/";

export class NotesTyped {
  /** Texts that the plan has, as soon as its last write is durable. */
  private readonly written = new Map<string, string>();
  private readonly newest = new Map<string, string>();

  constructor(
    private readonly typed: Pick<Typed, "put" | "drop">,
    private readonly plan: string,
  ) {}

  /** Where what is typed in one text of a note goes. */
  safe(note: string, key: string): Safe {
    return {
      put: (writing) => this.put(note, key, writing),
      wrote: (text) => this.wrote(note, key, text),
    };
  }

  put(note: string, key: string, writing: Writing): void {
    const field = fieldOf(note, key);
    this.newest.set(field, writing.text);
    this.typed.put(this.plan, field, { ...writing });
  }

  /** The plan has this text, and will have it durably. */
  wrote(note: string, key: string, text: string): void {
    this.written.set(fieldOf(note, key), text);
  }

  /** Everything that the plan has is durable. */
  durable(): void {
    for (const [field, text] of this.written) {
      if (this.newest.get(field) !== text) continue;
      this.typed.drop(this.plan, field);
      this.newest.delete(field);
      this.written.delete(field);
    }
  }

  /** Brings in what pages that are gone left; the rest of the plan's fields are left where they are. */
  async bringIn(left: ReadonlyMap<string, Json>, door: NotesDoor): Promise<void> {
    for (const [field, value] of left) {
      const [note, key] = partsOf(field) ?? [];
      const writing = writingOf(value);
      if (note === undefined || key === undefined || !writing) continue;
      const theirs = door.text(note, key);
      const { text } = rebase(nearest(writing, theirs ?? ""), theirs ?? "", writing.text);
      this.newest.set(field, text);
      if (theirs === undefined) {
        // The page was gone before the note itself was durable.
        if (text.trim() !== "") await door.add(key, text);
      } else if (text !== theirs) await door.write(note, key, text, theirs);
      this.wrote(note, key, text);
    }
  }
}

function fieldOf(note: string, key: string): string {
  return `${FIELD}${note}/${key}`;
}

function partsOf(field: string): [note: string, key: string] | null {
  if (!field.startsWith(FIELD)) return null;
  const [note, key] = field.slice(FIELD.length).split("/");
  return note === undefined || key === undefined ? null : [note, key];
}

function writingOf(value: Json): Writing | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { base, sent, text } = value;
  if (typeof base !== "string" || typeof text !== "string") return null;
  return { base, sent: typeof sent === "string" ? sent : null, text };
}

/** Whether what was on its way arrived cannot be known; the plan's text is nearer to what is true. */
function nearest({ base, sent }: Writing, theirs: string): string {
  if (sent === null) return base;
  const apart = (from: string) => {
    const { removed, put } = spliceOf(from, theirs);
    return removed + put.length;
  };
  return apart(sent) <= apart(base) ? sent : base;
}
