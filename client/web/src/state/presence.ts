/** What people who are here tell each other of the moment: never stored, and read with care since others wrote it. */
import type { Json } from "../core/api";

export interface Moment {
  board: string;
  /** The note that is being written. */
  writing: string | null;
  cursor: { x: number; y: number } | null;
}

/** What somebody's device said, or `null` where it says nothing that this version knows. */
export function momentOf(content: Json): Moment | null {
  if (content === null || typeof content !== "object" || Array.isArray(content)) return null;
  const { board, writing, cursor } = content;
  if (typeof board !== "string") return null;
  return { board, writing: typeof writing === "string" ? writing : null, cursor: pointOf(cursor) };
}

function pointOf(value: Json | undefined): { x: number; y: number } | null {
  if (value === null || value === undefined || typeof value !== "object" || Array.isArray(value)) return null;
  const { x, y } = value;
  return typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y)
    ? { x, y }
    : null;
}
