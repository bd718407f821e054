import { ViewportPortal } from "@xyflow/react";
import type { CSSProperties } from "react";

import type { Cursor } from "../../../app/usePresence";
import colours from "../../../parts/colours.module.css";
import { classes } from "../../../parts/classes";
import style from "./Cursors.module.css";

/** Where others' hands are; seen only, since they move all the time. */
export function Cursors({ cursors }: { cursors: readonly Cursor[] }) {
  return (
    <ViewportPortal>
      {cursors.map((cursor) => (
        <div
          key={cursor.id}
          aria-hidden
          className={classes(style.cursor, colours[`org${cursor.colour}`])}
          style={{ "--x": `${cursor.x}px`, "--y": `${cursor.y}px` } as CSSProperties}
        >
          <svg viewBox="0 0 20 20" className={style.arrow}>
            <path d="M3 2l13 7-6 1.6L7 17z" />
          </svg>
          <span className={style.name}>{cursor.called}</span>
        </div>
      ))}
    </ViewportPortal>
  );
}
