/** How large a note's text is, and how high the note: the text shrinks to a floor, then the note grows. */
import { NOTE_SIZE } from "./layout";

/** Width in pixels of a text at a size. */
export type Measure = (text: string, size: number) => number;

export interface Fit {
  size: number;
  height: number;
}

const SIZES = [28, 26, 24, 22, 20, 18, 17, 16];
const LINE = 1.22;
const SIDE = 15;
/** Above for the sign, below for the author's line. */
const TOP = 16;
const BOTTOM = 30;

export function fitText(text: string, measure: Measure): Fit {
  const width = NOTE_SIZE - 2 * SIDE;
  const room = NOTE_SIZE - TOP - BOTTOM;
  let needed = 0;
  for (const size of SIZES) {
    const { lines, cut } = wrap(text, width, (part) => measure(part, size));
    needed = lines * size * LINE;
    const isLast = size === SIZES[SIZES.length - 1];
    if (needed <= room && (!cut || isLast)) return { size, height: NOTE_SIZE };
  }
  return { size: SIZES[SIZES.length - 1] ?? 16, height: Math.ceil(needed + TOP + BOTTOM) };
}

/** How many lines a text takes, and whether a word had to be cut. */
function wrap(text: string, width: number, measure: (part: string) => number) {
  let lines = 0;
  let cut = false;
  const space = measure(" ");
  for (const paragraph of text.split("\n")) {
    let used = 0;
    lines += 1;
    for (const word of paragraph.split(/\s+/)) {
      if (word === "") continue;
      const wide = measure(word);
      if (wide > width) {
        cut = true;
        lines += Math.ceil(wide / width) - (used === 0 ? 1 : 0);
        used = wide % width;
        continue;
      }
      const next = used === 0 ? wide : used + space + wide;
      if (next > width) {
        lines += 1;
        used = wide;
      } else used = next;
    }
  }
  return { lines, cut };
}
