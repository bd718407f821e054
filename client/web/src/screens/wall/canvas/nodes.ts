import type { FitViewOptions, Node } from "@xyflow/react";

import type { ClusterCard, NoteCard } from "../../../core/api";
import { textIn } from "../../../state/people";
import { keyOf } from "../../../state/remote";
import type { Fit } from "../../../state/wall/fit";
import { type Layout, NOTE_SIZE, type Point } from "../../../state/wall/layout";
import type { WallView } from "../../../state/wall/sections";

interface NoteData extends Record<string, unknown> {
  note: NoteCard;
  fit: Fit;
  /** Whether it is being written here. */
  writing: boolean;
  /** Who else is writing in it. */
  writers: readonly string[];
  glows: boolean;
}

interface SheetData extends Record<string, unknown> {
  cluster: ClusterCard;
  clusters: readonly ClusterCard[];
  count: number;
  /** Whether what is held would land here. */
  target: boolean;
}

export type NoteNode = Node<NoteData, "note">;
export type SheetNode = Node<SheetData, "sheet">;
export type WallNode = NoteNode | SheetNode;

export const SHEET = "sheet:";

/** How the whole wall is shown: clear of the tools below it, and of the small map where that is open. */
export function showingAll(map: boolean): FitViewOptions<never> {
  return { padding: { x: "24px", top: "24px", bottom: map ? "148px" : "84px" }, maxZoom: 1 };
}

interface NodesOf {
  view: WallView;
  layout: Layout;
  fit: (text: string) => Fit;
  textKey: string;
  selected: ReadonlySet<string>;
  /** Where notes are while a hand moves them. */
  held: ReadonlyMap<string, Point>;
  /** The sheet that something is held over. */
  over: string | null;
  /** Whether notes can be moved at all. */
  mayEdit: boolean;
  writing: string | null;
  writers: ReadonlyMap<string, readonly string[]>;
  glowing: ReadonlySet<string>;
  clusters: readonly ClusterCard[];
}

const NOBODY: readonly string[] = [];

/** The wall's things for the canvas; a thing that stayed the same stays the same object, and is not drawn again. */
export class NodeMaker {
  private known = new Map<string, WallNode>();

  make(parts: NodesOf): WallNode[] {
    const next = new Map<string, WallNode>();
    const { view, layout } = parts;
    for (const { cluster, notes } of view.sections) {
      if (cluster) this.keep(next, sheetNode(cluster, notes.length, parts));
      for (const note of notes) {
        const at = parts.held.get(note.id) ?? layout.notes.get(note.id);
        if (at) this.keep(next, noteNode(note, at, parts));
      }
    }
    this.known = next;
    return [...next.values()];
  }

  private keep(next: Map<string, WallNode>, node: WallNode): void {
    const before = this.known.get(node.id);
    next.set(node.id, before && isSame(before, node) ? before : node);
  }
}

function noteNode(note: NoteCard, at: Point, parts: NodesOf): NoteNode {
  const fit = parts.fit(textIn(note.texts, parts.textKey) || note.text);
  const held = parts.held.has(note.id);
  return {
    id: note.id,
    type: "note",
    position: at,
    width: NOTE_SIZE,
    height: fit.height,
    data: {
      note,
      fit,
      writing: parts.writing === note.id,
      writers: parts.writers.get(note.id) ?? NOBODY,
      glows: parts.glowing.has(keyOf({ kind: "note", id: note.id })),
    },
    selected: parts.selected.has(note.id),
    draggable: parts.mayEdit && parts.writing !== note.id,
    zIndex: held || parts.writing === note.id ? 20 : 10,
  };
}

function sheetNode(cluster: ClusterCard, count: number, parts: NodesOf): SheetNode {
  const rect = parts.layout.sheets.get(cluster.id) ?? { x: 0, y: 0, width: 0, height: 0 };
  return {
    id: `${SHEET}${cluster.id}`,
    type: "sheet",
    position: parts.held.get(`${SHEET}${cluster.id}`) ?? { x: rect.x, y: rect.y },
    width: rect.width,
    height: rect.height,
    data: { cluster, clusters: parts.clusters, count, target: parts.over === cluster.id },
    selectable: false,
    focusable: false,
    draggable: parts.mayEdit,
    dragHandle: ".sheet-handle",
    zIndex: 0,
  };
}

function isSame(left: WallNode, right: WallNode): boolean {
  return (
    left.type === right.type &&
    left.position.x === right.position.x &&
    left.position.y === right.position.y &&
    left.width === right.width &&
    left.height === right.height &&
    left.selected === right.selected &&
    left.draggable === right.draggable &&
    left.zIndex === right.zIndex &&
    Object.entries(left.data).every(([key, value]) => value === right.data[key])
  );
}
