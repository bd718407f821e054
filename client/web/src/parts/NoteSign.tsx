import type { NoteSign as Sign } from "../state/wall/colours";
import style from "./NoteSign.module.css";

const SHAPES: Record<Exclude<Sign, "none">, string> = {
  dot: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
  triangle: "M8 2.5L14 13H2z",
  square: "M3 3h10v10H3z",
  diamond: "M8 1.5L14.5 8 8 14.5 1.5 8z",
  star: "M8 1.5l2 4.4 4.8.5-3.6 3.2 1 4.7L8 11.9l-4.2 2.4 1-4.7L1.2 6.4 6 5.9z",
  cross: "M4.2 2.5L8 6.3l3.8-3.8 1.7 1.7L9.7 8l3.8 3.8-1.7 1.7L8 9.7l-3.8 3.8-1.7-1.7L6.3 8 2.5 4.2z",
};

/** The second sign of a note's colour. */
export function NoteSign({ sign }: { sign: Sign }) {
  if (sign === "none") return null;
  return (
    <svg viewBox="0 0 16 16" className={style.sign} aria-hidden>
      <path d={SHAPES[sign]} />
    </svg>
  );
}
