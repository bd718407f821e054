import { useEffect, useMemo, useState } from "react";

import type { EntityRef, HistoryItem } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { HistoryScreen } from "../screens/history/HistoryScreen";
import { type HistoryDay, historyDays } from "../state/history";
import { usePlan, useSession } from "./context";
import { usePeople } from "./usePeople";

export default function HistoryPage() {
  return <HistoryScreen days={useHistory()} />;
}

/** The history of the plan or of one thing, read anew whenever the plan changes. */
export function useHistory(kind?: EntityRef["kind"], id?: string): HistoryDay[] | null {
  const session = useSession();
  const speech = useSpeech();
  const people = usePeople();
  const tables = usePlan((state) => state.tables);
  const [items, setItems] = useState<HistoryItem[] | null>(null);
  useEffect(() => {
    let here = true;
    const entity = kind !== undefined && id !== undefined ? { kind, id } : undefined;
    session
      .attempt(() => session.core.history(session.id, entity))
      .then((read) => {
        if (here) setItems(read);
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [session, kind, id, tables]);
  return useMemo(() => items && historyDays(items, tables, people, speech), [items, tables, people, speech]);
}
