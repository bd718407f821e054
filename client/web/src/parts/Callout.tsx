import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import style from "./Callout.module.css";
import type { Tone } from "./Pill";
import { classes } from "./classes";

interface CalloutProps {
  tone: Tone;
  icon: LucideIcon;
  title?: string;
  children?: ReactNode;
  /** What may be answered. */
  actions?: ReactNode;
}

/** Something to know or to answer, with its buttons beside it. */
export function Callout({ tone, icon: Icon, title, children, actions }: CalloutProps) {
  return (
    <div className={classes(style.callout, style[tone])} role="group" aria-label={title}>
      <Icon aria-hidden className={style.icon} />
      <div className={style.body}>
        {title !== undefined && <p className={style.title}>{title}</p>}
        {children}
        {actions !== undefined && <div className={style.actions}>{actions}</div>}
      </div>
    </div>
  );
}
