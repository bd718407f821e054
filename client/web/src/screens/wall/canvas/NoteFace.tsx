import { Handshake } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";

import type { NoteCard } from "../../../core/api";
import { useSpeech } from "../../../i18n/intl";
import { NoteSign } from "../../../parts/NoteSign";
import { classes } from "../../../parts/classes";
import colours from "../../../parts/colours.module.css";
import type { Person } from "../../../state/people";
import { colourOf, SIGN_OF } from "../../../state/wall/colours";
import type { Fit } from "../../../state/wall/fit";
import style from "./PaperNote.module.css";

interface NoteFaceProps {
  note: NoteCard;
  fit: Fit;
  author: Person;
  lang: string;
  /** What stands in the line at its foot. */
  by: string;
  /** Its text, or the field that it is written in. */
  children: ReactNode;
  className?: string;
}

/** How a note looks, on the wall and on paper: in its colour with its sign, its author's organisation as an edge. */
export function NoteFace({ note, fit, author, lang, by, children, className }: NoteFaceProps) {
  const { t } = useSpeech();
  const colour = colourOf(note.colour);
  return (
    <div
      className={classes(
        style.note,
        colours[colour],
        author.organisation && colours[`org${author.organisation.colour}`],
        className,
      )}
      style={{ "--tilt": `${tiltOf(note.id)}deg`, "--size": `${fit.size}px` } as CSSProperties}
    >
      <span className={style.sign}>
        <NoteSign sign={SIGN_OF[colour]} />
      </span>
      <div className={style.text} lang={lang}>
        {children}
      </div>
      <p className={style.by}>
        <span className={style.words}>{by}</span>
        {note.promoted_to.length > 0 && <Handshake aria-label={t("note.promoted")} className={style.promoted} />}
      </p>
    </div>
  );
}

const TILT_MOST = 0.6;

/** A note's own tilt, the same on every screen. */
function tiltOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) | 0;
  return ((Math.abs(hash) % 1000) / 500 - 1) * TILT_MOST;
}
