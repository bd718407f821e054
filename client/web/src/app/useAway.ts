import { useEffect, useMemo, useState } from "react";

import type { HistoryItem } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { readSeen, seenOf, whileAway } from "../state/away";
import { type HistoryDay, historyDays } from "../state/history";
import { usePlan, useSession } from "./context";
import { usePeople } from "./usePeople";

/** Entries that arrive this long after the plan was opened are news, not what one missed. */
const ARRIVING_MS = 20_000;
const KEEP_EVERY_MS = 15_000;

/** What changed since this plan was last open on this device; and remembers how far one has seen. */
export function useAway(): { days: HistoryDay[]; close: () => void } {
  const session = useSession();
  const speech = useSpeech();
  const people = usePeople();
  const tables = usePlan((state) => state.tables);
  const me = usePlan((state) => state.opened.member);
  const key = `samverka.seen.${session.id.slice(0, 16)}`;
  const [seen] = useState(() => readSeen(window.localStorage.getItem(key)));
  const [missed, setMissed] = useState<HistoryItem[]>([]);
  const [closed, setClosed] = useState(false);

  useEffect(() => {
    let here = true;
    let dirty = true;
    const opened = Date.now();
    const read = () => session.core.history(session.id);
    const run = (work: Promise<void>) => void session.attempt(() => work).catch(() => undefined);

    async function look() {
      dirty = true;
      if (Date.now() - opened > ARRIVING_MS) return;
      const items = await read();
      if (here) setMissed(whileAway(items, seen, me, opened));
    }
    async function keep() {
      if (!dirty) return;
      dirty = false;
      const items = await read();
      window.localStorage.setItem(key, JSON.stringify(seenOf(items, Date.now())));
    }

    run(look());
    const stop = session.onRemote(() => run(look()));
    const onTime = () => run(keep());
    const timer = setInterval(onTime, KEEP_EVERY_MS);
    document.addEventListener("visibilitychange", onTime);
    return () => {
      here = false;
      stop();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onTime);
    };
  }, [session, key, seen, me]);

  const days = useMemo(
    () => (closed ? [] : historyDays(missed, tables, people, speech)),
    [closed, missed, tables, people, speech],
  );
  return { days, close: () => setClosed(true) };
}
