import { createContext, use, useRef, useState } from "react";

import type { Json } from "../core/api";

/** Where what is being filled in is kept. */
export interface Keeper {
  get(name: string): Json;
  set(name: string, draft: Json): void;
}

/** Forgets with the page: for pages without a plan. */
const nowhere: Keeper = { get: () => null, set: () => undefined };

export const KeeperContext = createContext<Keeper>(nowhere);

export interface Kept<Value> {
  value: Value;
  set: (value: Value) => void;
  /** It was handed over, or thrown away. */
  forget: () => void;
  /** Forgets it and begins anew. */
  afresh: () => void;
  /** Something was left from before, and is in the value. */
  left: boolean;
}

export interface KeptText extends Kept<string> {
  /** Empties the field at once; what was in it is kept until this is done, unless something new is written. */
  handOver: (work: Promise<unknown>) => void;
}

/** A text that is being written: kept on this device at every key, and there again when its field is opened anew. */
export function useKeptText(name: string): KeptText {
  const kept = useKept(name, "", (left) => (typeof left === "string" ? left : ""));
  const written = useRef(0);
  return {
    ...kept,
    set: (text) => {
      written.current += 1;
      kept.set(text);
    },
    handOver: (work) => {
      written.current += 1;
      const at = written.current;
      kept.show("");
      work.then(
        () => {
          if (written.current === at) kept.forget();
        },
        // It is on the screen why not; the text is there again with the next start.
        () => undefined,
      );
    },
  };
}

/**
 * A form that is being filled in, as JSON can hold it. Of one that is opened anew only the fields that were changed here
 * are taken from what was left: others may have changed the rest since.
 */
export function useKeptForm<Form extends object>(name: string, initial: Form): Kept<Form> {
  const kept = useKept<Form>(name, initial, (left) => {
    const { base, form } = left as { base: Partial<Form>; form: Partial<Form> };
    const changed = Object.entries(form).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(base[field as keyof Form]),
    );
    return { ...initial, ...(Object.fromEntries(changed) as Partial<Form>) };
  });
  const [base] = useState(initial);
  const keep = useKeeping(name);
  return {
    ...kept,
    set: (form) => {
      kept.show(form);
      keep({ base, form } as unknown as Json);
    },
  };
}

function useKept<Value>(name: string, initial: Value, read: (left: Json) => Value) {
  const keeper = use(KeeperContext);
  const keep = useKeeping(name);
  const [before] = useState(() => keeper.get(name));
  const [left, setLeft] = useState(before !== null);
  const [value, show] = useState(() => (before === null ? initial : read(before)));
  const forget = () => keep(null);
  const afresh = () => {
    forget();
    setLeft(false);
    show(initial);
  };
  const set = (next: Value) => {
    show(next);
    keep(next as Json);
  };
  return { value, set, show, forget, afresh, left };
}

function useKeeping(name: string): (draft: Json) => void {
  const keeper = use(KeeperContext);
  return (draft) => keeper.set(name, draft);
}
