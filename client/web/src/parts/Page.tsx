import type { ReactNode } from "react";

import style from "./Page.module.css";
import { classes } from "./classes";

interface PageProps {
  title: string;
  /** What one does here, beside the title. */
  actions?: ReactNode;
  width?: "text" | "wide" | "full";
  children: ReactNode;
}

/** A screen with its heading. */
export function Page({ title, actions, width = "text", children }: PageProps) {
  return (
    <div className={classes(style.page, style[width])}>
      <header className={style.head}>
        <h1 className={style.title}>{title}</h1>
        {actions !== undefined && <div className={style.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a screen on a panel of its own. */
export function Panel({
  title,
  children,
  aside,
}: {
  title?: string;
  children: ReactNode;
  aside?: ReactNode;
}) {
  return (
    <section className={style.panel} aria-label={title}>
      {title !== undefined && (
        <header className={style.panelHead}>
          <h2 className={style.panelTitle}>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}
