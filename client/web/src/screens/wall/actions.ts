import type { Safe } from "../../state/draft";
import type { NoteColour } from "../../state/wall/colours";
import type { NewNote } from "../../state/wall/commands";
import type { Point } from "../../state/wall/layout";

/** What may be done on the wall, by whichever view of it. */
export interface WallActions {
  add: (notes: NewNote[]) => Promise<string[]>;
  /** A note's text at this very moment. */
  read: (id: string, key: string) => string;
  /** `seen`: what the text began from. */
  write: (id: string, key: string, text: string, seen: string) => Promise<unknown>;
  /** Where what is typed in a note lies until the plan has it. */
  safe: (id: string, key: string) => Safe;
  colour: (ids: readonly string[], colour: NoteColour) => void;
  cluster: (ids: readonly string[], cluster: string | null) => void;
  /** A new cluster around these, named at once. */
  group: (title: string, ids: readonly string[], at?: Point) => void;
  park: (ids: readonly string[]) => void;
  archive: (ids: readonly string[]) => void;
  restore: (ids: readonly string[]) => void;
  move: (moves: readonly (Point & { id: string })[]) => void;
  renameCluster: (cluster: string, title: string) => void;
  joinClusters: (from: string, into: string) => void;
  /** Where an empty cluster hangs. */
  placeCluster: (cluster: string, at: Point) => void;
  putAway: (cluster: string) => void;
  promote: (note: string) => void;
  undo: () => void;
}
