import { createContext, use, useState } from "react";

import type { Json } from "../core/api";

/** Where forms that are being filled in are kept. */
export interface Keeper {
  get(name: string): Json;
  set(name: string, draft: Json): void;
}

/** Forgets with the page: for pages without a plan. */
const nowhere: Keeper = { get: () => null, set: () => undefined };

export const KeeperContext = createContext<Keeper>(nowhere);

/**
 * State that outlives the page: what is filled in is kept on this device at every change, and there again when the form
 * is opened anew. The third call forgets it: the form was handed over, or thrown away. The last value tells whether
 * something was left from before.
 */
export function useKept<Value extends Json>(
  name: string,
  initial: Value,
): [value: Value, set: (value: Value) => void, forget: () => void, left: boolean] {
  const keeper = use(KeeperContext);
  const [left] = useState(() => keeper.get(name));
  const [value, setValue] = useState<Value>(() => (left === null ? initial : (left as Value)));
  const set = (next: Value) => {
    setValue(next);
    keeper.set(name, next);
  };
  const forget = () => keeper.set(name, null);
  return [value, set, forget, left !== null];
}
