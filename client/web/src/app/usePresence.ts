import { useCallback, useEffect, useMemo, useRef } from "react";

import type { People, Person } from "../state/people";
import { momentOf } from "../state/presence";
import { usePlan, useSession } from "./context";

export interface Here {
  /** The device. */
  id: string;
  called: string;
  colour: number;
}

export interface Cursor extends Here {
  x: number;
  y: number;
}

const CURSOR_MS = 80;
const AGAIN_MS = 5_000;

/** Who is here on a board and what they are at; and tells the others the same of this screen. */
export function usePresence(board: string, writing: string | null, people: People) {
  const session = useSession();
  const present = usePlan((state) => state.present);
  const members = usePlan((state) => state.members);
  const own = useRef<{ x: number; y: number } | null>(null);
  const sent = useRef(0);

  const tell = useCallback(() => {
    sent.current = Date.now();
    // Nobody misses a moment that did not arrive: the next one follows.
    session.core.present(session.id, { board, writing, cursor: own.current }).catch(() => undefined);
  }, [session, board, writing]);

  useEffect(() => {
    tell();
    const timer = setInterval(tell, AGAIN_MS);
    return () => clearInterval(timer);
  }, [tell]);

  const showCursor = useCallback(
    (point: { x: number; y: number } | null) => {
      own.current = point && { x: Math.round(point.x), y: Math.round(point.y) };
      if (Date.now() - sent.current >= CURSOR_MS) tell();
    },
    [tell],
  );

  return useMemo(() => {
    const here: Here[] = [];
    const cursors: Cursor[] = [];
    const writers = new Map<string, string[]>();
    for (const { device, member, content } of present.values()) {
      const moment = momentOf(content);
      const known = members.find((one) => one.id === member);
      if (moment?.board !== board || !known) continue;
      const person: Person = people.person(known.participant);
      const one = { id: device, called: known.name, colour: person.organisation?.colour ?? 0 };
      here.push(one);
      if (moment.cursor) cursors.push({ ...one, ...moment.cursor });
      if (moment.writing !== null) {
        writers.set(moment.writing, [...(writers.get(moment.writing) ?? []), known.name]);
      }
    }
    return { here, cursors, writers, showCursor };
  }, [present, members, people, board, showCursor]);
}
