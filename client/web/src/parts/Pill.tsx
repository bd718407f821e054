import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import style from "./Pill.module.css";
import { classes } from "./classes";

/** What a colour means here: nothing, to do, needs you, waits, done, information. */
export type Tone = "plain" | "spruce" | "lingon" | "amber" | "lichen" | "fjord";

interface PillProps {
  tone?: Tone;
  /** The second sign: no tone stands alone. */
  icon?: LucideIcon;
  children: ReactNode;
}

/** A word about how something stands. */
export function Pill({ tone = "plain", icon: Icon, children }: PillProps) {
  return (
    <span className={classes(style.pill, style[tone])}>
      {Icon && <Icon aria-hidden className={style.icon} />}
      <span>{children}</span>
    </span>
  );
}
