import type { ReactNode } from "react";

import style from "./Empty.module.css";

interface EmptyProps {
  title: string;
  /** One sentence that teaches what belongs here. */
  children: ReactNode;
  /** One thing to do. */
  action?: ReactNode;
  /** A small drawing; says nothing that the words do not. */
  drawing?: ReactNode;
}

/** A place where nothing is yet. */
export function Empty({ title, children, action, drawing }: EmptyProps) {
  return (
    <div className={style.empty}>
      {drawing !== undefined && (
        <div className={style.drawing} aria-hidden>
          {drawing}
        </div>
      )}
      <h2 className={style.title}>{title}</h2>
      <p className={style.text}>{children}</p>
      {action}
    </div>
  );
}
