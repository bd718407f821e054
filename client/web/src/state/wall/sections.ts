/** A board as a list: frame > cluster > note. */
import type { ClusterCard, NoteCard } from "../../core/api";
import type { Tables } from "../tables";

export interface Section {
  /** `null` for notes in no cluster. */
  cluster: ClusterCard | null;
  notes: NoteCard[];
}

export interface WallView {
  sections: Section[];
  parked: NoteCard[];
  /** Deleted, and to be had back. */
  tray: NoteCard[];
  /** Clusters that show: not merged into others, and not put away while empty. */
  clusters: ClusterCard[];
  /** Which place of the wall each cluster has where nobody gave it one; it keeps it whatever becomes of the others. */
  slots: ReadonlyMap<string, number>;
}

/** What a board shows, cluster by cluster in the order of the language; notes in no cluster first. */
export function wallView(
  { notes, clusters }: Pick<Tables, "notes" | "clusters">,
  board: string | null,
  compare: (left: string, right: string) => number,
): WallView {
  const onBoard = [...notes.values()].filter((note) => board === null || note.board === board).sort(byPlace);
  const parked = onBoard.filter((note) => note.state === "parked");
  const tray = onBoard.filter((note) => note.state === "archived");
  const open = onBoard.filter((note) => note.state !== "parked" && note.state !== "archived");

  const byCluster = new Map<string | null, NoteCard[]>();
  for (const note of open) {
    const known = note.cluster !== null && clusters.has(note.cluster) ? note.cluster : null;
    const others = byCluster.get(known);
    if (others) others.push(note);
    else byCluster.set(known, [note]);
  }
  const all = [...clusters.values()].filter((cluster) => board === null || cluster.board === board);
  const slots = new Map([...all.map(({ id }) => id)].sort().map((id, index) => [id, index]));
  const shown = all
    .filter((cluster) => cluster.target === cluster.id)
    .filter((cluster) => cluster.fields["state"] !== "archived" || byCluster.has(cluster.id))
    .sort((left, right) => compare(left.title, right.title) || (left.id < right.id ? -1 : 1));
  const loose = byCluster.get(null) ?? [];
  const sections: Section[] = [
    ...(loose.length > 0 ? [{ cluster: null, notes: loose }] : []),
    ...shown.map((cluster) => ({ cluster, notes: byCluster.get(cluster.id) ?? [] })),
  ];
  return { sections, parked, tray, clusters: shown, slots };
}

/** As on the wall, row by row; notes without a place come last, oldest first. */
function byPlace(left: NoteCard, right: NoteCard): number {
  const ROW = 120;
  const row = (note: NoteCard) => (note.y === null ? Infinity : Math.round(note.y / ROW));
  const [above, below] = [row(left), row(right)];
  if (above !== below) return above - below;
  return (left.x ?? 0) - (right.x ?? 0) || (left.id < right.id ? -1 : 1);
}
