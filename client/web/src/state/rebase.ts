/**
 * Text that one is still writing, while others write in the same. The core merges what it is told by character; for
 * that it has to be told only what this person changed, and not that what they have not seen yet is gone.
 */

/** One piece of a text put in the place of another. */
interface Splice {
  at: number;
  removed: number;
  put: string;
}

export interface Rebased {
  text: string;
  /** Where the cursor is now. */
  cursor: number;
}

/** `mine` with the change in it that others made to `base`; both stay where both wrote at one place. */
export function rebase(base: string, theirs: string, mine: string, cursor = mine.length): Rebased {
  if (theirs === base || theirs === mine) return { text: mine, cursor };
  if (mine === base) return { text: theirs, cursor: shifted(cursor, spliceOf(base, theirs)) };
  const other = spliceOf(base, theirs);
  const own = spliceOf(base, mine);
  const grown = own.put.length - own.removed;
  let moved: Splice;
  if (other.at + other.removed <= own.at) moved = other;
  else if (other.at >= own.at + own.removed) moved = { ...other, at: other.at + grown };
  else moved = { at: own.at + own.put.length, removed: 0, put: other.put };
  const text = mine.slice(0, moved.at) + moved.put + mine.slice(moved.at + moved.removed);
  return { text, cursor: shifted(cursor, moved) };
}

/** The smallest single splice between two texts; never through the middle of a character. */
export function spliceOf(from: string, to: string): Splice {
  const most = Math.min(from.length, to.length);
  let start = 0;
  while (start < most && from[start] === to[start]) start += 1;
  if (start > 0 && isHighSurrogate(from, start - 1)) start -= 1;
  let end = 0;
  while (end < most - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end += 1;
  if (end > 0 && isLowSurrogate(from, from.length - end)) end -= 1;
  return { at: start, removed: from.length - start - end, put: to.slice(start, to.length - end) };
}

function shifted(cursor: number, splice: Splice): number {
  if (cursor <= splice.at) return cursor;
  return Math.max(splice.at, cursor + splice.put.length - splice.removed);
}

function isHighSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff;
}
