import { createContext, use } from "react";

import type { People } from "../../../state/people";
import type { WallActions } from "../actions";

/** What the things on the canvas need to know besides themselves; the same while people write and move. */
export interface CanvasContextValue {
  people: People;
  actions: WallActions;
  mayEdit: boolean;
  onWriting: (id: string | null) => void;
  /** The next note beside this one, once its text is done with Tab. */
  onNext: (note: string) => void;
}

export const CanvasContext = createContext<CanvasContextValue | null>(null);

export function useCanvas(): CanvasContextValue {
  const value = use(CanvasContext);
  if (!value) throw new Error("useCanvas outside of CanvasContext");
  return value;
}
