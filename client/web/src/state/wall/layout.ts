/**
 * Where notes hang on the wall. Notes that nobody placed get a place of their own, the same on every screen, and keep
 * it while others are moved: nothing on a wall jumps because of somebody else's hand.
 */
import type { ClusterCard, NoteCard } from "../../core/api";
import type { WallView } from "./sections";

export const NOTE_SIZE = 176;
export const NOTE_GAP = 20;
export const SHEET_PADDING = 28;
export const SHEET_HEAD = 68;

const STEP = NOTE_SIZE + NOTE_GAP;
const COLUMNS = 3;
const ROWS_LEAST = 2;
const SLOTS_IN_A_ROW = 3;
const SLOT_GAP = 64;
const SLOT_WIDTH = COLUMNS * STEP - NOTE_GAP + 2 * SHEET_PADDING + SLOT_GAP;

export interface Point {
  x: number;
  y: number;
}

export interface Rect extends Point {
  width: number;
  height: number;
}

export interface Layout {
  notes: ReadonlyMap<string, Point>;
  /** The sheet of tracing paper under each cluster. */
  sheets: ReadonlyMap<string, Rect>;
}

/** How high a note is, which its text decides. */
export type HeightOf = (note: NoteCard) => number;

export function layoutOf(view: WallView, heightOf: HeightOf): Layout {
  const notes = new Map<string, Point>();
  const sheets = new Map<string, Rect>();
  const tops = rowTops(view);
  for (const { cluster, notes: hung } of view.sections) {
    const origin = originOf(cluster, view, tops);
    const inOrder = [...hung].sort((left, right) => (left.id < right.id ? -1 : 1));
    inOrder.forEach((note, index) => notes.set(note.id, placeOf(note) ?? gridPoint(origin, index)));
    if (cluster) sheets.set(cluster.id, sheetOf(hung, notes, origin, heightOf));
  }
  return { notes, sheets };
}

/** The rectangle around notes, with room for a heading; around one place where there are none. */
export function sheetOf(
  hung: readonly NoteCard[],
  places: ReadonlyMap<string, Point>,
  origin: Point,
  heightOf: HeightOf,
): Rect {
  const rects = hung.flatMap((note) => {
    const at = places.get(note.id);
    return at ? [{ ...at, width: NOTE_SIZE, height: heightOf(note) }] : [];
  });
  const inner = rects.length > 0 ? boundsOf(rects) : { ...origin, width: 0, height: NOTE_SIZE };
  // Wide enough for a heading.
  inner.width = Math.max(inner.width, STEP + NOTE_SIZE);
  return {
    x: inner.x - SHEET_PADDING,
    y: inner.y - SHEET_HEAD,
    width: inner.width + 2 * SHEET_PADDING,
    height: inner.height + SHEET_HEAD + SHEET_PADDING,
  };
}

/** Where notes begin in a sheet. */
export function originIn(sheet: Rect): Point {
  return { x: sheet.x + SHEET_PADDING, y: sheet.y + SHEET_HEAD };
}

export function boundsOf(rects: readonly Rect[]): Rect {
  const left = Math.min(...rects.map((rect) => rect.x));
  const top = Math.min(...rects.map((rect) => rect.y));
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The smallest of the sheets that a point is on. */
export function sheetAt(sheets: ReadonlyMap<string, Rect>, { x, y }: Point): string | null {
  const hit = [...sheets].filter(
    ([, rect]) => x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height,
  );
  hit.sort(([, left], [, right]) => left.width * left.height - right.width * right.height);
  return hit[0]?.[0] ?? null;
}

/** The nearest free place for a note beside another: to the right, else below. */
export function freeBeside(from: Point, taken: readonly Rect[]): Point {
  return firstFree(from, [...taken, { ...from, width: NOTE_SIZE, height: NOTE_SIZE }]);
}

/** Free places for some notes, row by row from a point on. */
export function freePlaces(origin: Point, count: number, taken: readonly Rect[]): Point[] {
  const filled = [...taken];
  return Array.from({ length: count }, () => {
    const at = firstFree(origin, filled);
    filled.push({ ...at, width: NOTE_SIZE, height: NOTE_SIZE });
    return at;
  });
}

function firstFree(origin: Point, taken: readonly Rect[]): Point {
  for (let index = 0; ; index += 1) {
    const at = gridPoint(origin, index);
    if (!taken.some((rect) => overlaps(rect, { ...at, width: NOTE_SIZE, height: NOTE_SIZE }))) return at;
  }
}

function overlaps(left: Rect, right: Rect): boolean {
  return (
    left.x < right.x + right.width &&
    right.x < left.x + left.width &&
    left.y < right.y + right.height &&
    right.y < left.y + left.height
  );
}

function placeOf(card: { x: number | null; y: number | null }): Point | null {
  return card.x !== null && card.y !== null ? { x: card.x, y: card.y } : null;
}

function gridPoint(origin: Point, index: number): Point {
  return { x: origin.x + (index % COLUMNS) * STEP, y: origin.y + Math.floor(index / COLUMNS) * STEP };
}

/** Loose notes hang to the left of everything; clusters side by side, some to a row. */
function originOf(cluster: ClusterCard | null, { slots }: WallView, tops: readonly number[]): Point {
  if (cluster === null) return { x: -SLOT_WIDTH, y: 0 };
  const slot = slots.get(cluster.id) ?? 0;
  const row = Math.floor(slot / SLOTS_IN_A_ROW);
  return placeOf(cluster) ?? { x: (slot % SLOTS_IN_A_ROW) * SLOT_WIDTH, y: tops[row] ?? 0 };
}

/** Where each row of clusters begins: a row is as high as its fullest cluster needs, and no lower than most do. */
function rowTops({ sections, slots }: WallView): number[] {
  const rows: number[] = [];
  for (const { cluster, notes } of sections) {
    if (cluster === null) continue;
    const row = Math.floor((slots.get(cluster.id) ?? 0) / SLOTS_IN_A_ROW);
    rows[row] = Math.max(rows[row] ?? ROWS_LEAST, Math.ceil(notes.length / COLUMNS));
  }
  const tops = [0];
  for (let row = 0; row < rows.length; row += 1) {
    const height = (rows[row] ?? ROWS_LEAST) * STEP + SHEET_HEAD + SHEET_PADDING + SLOT_GAP - NOTE_GAP;
    tops.push((tops[row] ?? 0) + height);
  }
  return tops;
}
