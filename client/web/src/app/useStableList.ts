import { useState } from "react";

/** The same list as before while its items are the same: what is drawn by it is not drawn again. */
export function useStableList<Item>(list: readonly Item[]): readonly Item[] {
  const [kept, setKept] = useState(list);
  const same = kept.length === list.length && kept.every((item, index) => item === list[index]);
  if (same) return kept;
  setKept(list);
  return list;
}
