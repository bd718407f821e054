import { useCallback, useEffect, useState } from "react";

import { type Away, awayOf, type Mark, readMark, wasAway, writeMark } from "../state/history/away";
import type { PlanSession } from "../state/session";
import { type Absence, usePlan, useSession } from "./context";

/** The marks with which plans were opened on this page: one leaves a plan and comes back to it many times. */
const opened = new Map<string, Mark | null>();
const told = new Set<string>();

/** What happened while one was away. The mark moves when the page is left, and when one says that one has seen it. */
export function useAway(): Absence {
  const session = useSession();
  const { id } = session;
  const ready = usePlan((state) => state.loaded && state.status !== null);
  const [away, setAway] = useState<Away | null>(null);
  if (!opened.has(id)) opened.set(id, readMark(window.localStorage, id));
  const mark = opened.get(id) ?? null;

  useEffect(() => {
    // Reading all of the history costs much in a long plan: most who open one were here a moment ago.
    if (!ready || told.has(id) || !wasAway(mark, Date.now())) return;
    let here = true;
    session
      .attempt(() => session.core.history(id))
      .then((items) => {
        const { opened: me, tables } = session.store.getState();
        if (here) setAway(awayOf(mark, Date.now(), items, me, tables.commitments.values()));
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [session, id, ready, mark]);

  useEffect(() => {
    const leave = () => {
      if (document.visibilityState === "hidden") leaveMark(session);
    };
    document.addEventListener("visibilitychange", leave);
    window.addEventListener("pagehide", leave);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      window.removeEventListener("pagehide", leave);
      leaveMark(session);
    };
  }, [session]);

  const seen = useCallback(() => {
    told.add(id);
    setAway(null);
    leaveMark(session);
  }, [session, id]);

  return { away, mark, seen };
}

let keeping = true;

/** For whoever clears the device: leaving the page must not write a mark anew. */
export function stopKeepingMarks(): void {
  keeping = false;
}

function leaveMark(session: PlanSession): void {
  if (!keeping) return;
  const { status } = session.store.getState();
  if (status) writeMark(window.localStorage, session.id, { entries: status.entries_here, at_ms: Date.now() });
}
