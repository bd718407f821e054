/** The texts of notes on their way from the keyboard into the plan. */
import type { Json } from "../core/api";
import type { Safe } from "./draft";
import { rebase } from "./rebase";
import type { Typed } from "./typed";

/** A note's text as it was typed. */
interface Writing {
  /**
   * What the plan may have of it when the page ends: first the text that is durable, then every one that was handed over
   * since. Which of those arrived, nobody can tell before the plan is read again.
   */
  seen: string[];
  text: string;
}

/** Handed over and not durable: more than a slow disk gathers while somebody types. The durable one always stays. */
const SEEN_MAX = 64;

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
  /** Texts that the plan has, and will have durably. */
  private readonly written = new Map<string, string>();
  private readonly newest = new Map<string, Writing>();

  constructor(
    private readonly typed: Pick<Typed, "put" | "drop">,
    private readonly plan: string,
  ) {}

  /** Where what is typed in one text of a note goes. */
  safe(note: string, key: string): Safe {
    const field = fieldOf(note, key);
    return {
      put: ({ base, sent, text }) => {
        // What the plan showed last came by a write that has ended, or by others: it may be durable by now as well.
        const shown = withNext(this.newest.get(field)?.seen ?? [], base);
        this.keep(field, { seen: sent === null ? shown : withNext(shown, sent), text });
      },
      wrote: (text) => this.written.set(field, text),
    };
  }

  /** Everything that the plan has is durable. */
  durable(): void {
    for (const [field, text] of this.written) {
      this.written.delete(field);
      const writing = this.newest.get(field);
      if (!writing) continue;
      if (writing.text === text) {
        this.typed.drop(this.plan, field);
        this.newest.delete(field);
      } else {
        const at = writing.seen.lastIndexOf(text);
        this.keep(field, { seen: at < 0 ? [text] : writing.seen.slice(at), text: writing.text });
      }
    }
  }

  private keep(field: string, writing: Writing): void {
    this.newest.set(field, writing);
    this.typed.put(this.plan, field, { seen: writing.seen, text: writing.text });
  }

  /** Brings in what pages that are gone left; the rest of the plan's fields are left where they are. */
  async bringIn(left: ReadonlyMap<string, Json>, door: NotesDoor): Promise<void> {
    for (const [field, value] of left) {
      const [note, key] = partsOf(field) ?? [];
      const writing = writingOf(value);
      if (note === undefined || key === undefined || !writing) continue;
      const theirs = door.text(note, key);
      const { text } = rebase(beganFrom(writing, theirs ?? ""), theirs ?? "", writing.text);
      this.newest.set(field, { seen: [theirs ?? ""], text });
      if (theirs === undefined) {
        // The page was gone before the note itself was durable.
        if (text.trim() !== "") await door.add(key, text);
      } else if (text !== theirs) await door.write(note, key, text, theirs);
      this.written.set(field, text);
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
  const { seen, text } = value;
  if (!Array.isArray(seen) || typeof text !== "string") return null;
  return { seen: seen.filter((one) => typeof one === "string"), text };
}

function withNext(seen: string[], sent: string): string[] {
  if (seen.at(-1) === sent) return seen;
  const all = [...seen, sent];
  return all.length > SEEN_MAX ? [...all.slice(0, 1), ...all.slice(2)] : all;
}

/** The one of them that the plan has; where others have written too, the durable one: that is no newer than theirs. */
function beganFrom({ seen }: Writing, theirs: string): string {
  return seen.includes(theirs) ? theirs : (seen[0] ?? "");
}
