import { useSyncExternalStore } from "react";

import type { Announcer } from "../state/announcer";
import style from "./LiveRegion.module.css";

/** Where what happens is said aloud, politely, to those who listen. */
export function LiveRegion({ announcer }: { announcer: Announcer }) {
  const text = useSyncExternalStore(announcer.subscribe, announcer.current);
  return (
    <div className={style.region} aria-live="polite">
      {text}
    </div>
  );
}
