import { use, useEffect, useMemo, useState } from "react";

import type { EntityRef, HistoryItem, Kind } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { HistoryScreen } from "../screens/history/HistoryScreen";
import { historyDays, readEntity } from "../state/history/history";
import { titleOf } from "../state/history/titles";
import type { PlanRoute } from "./PlanPage";
import { AbsenceContext, usePlan, useSession } from "./context";
import { navigate, withQuery } from "./navigation";
import { type Screen, writeRoute } from "./route";

const KINDS: readonly Kind[] = [
  "meta",
  "organisation",
  "participant",
  "goal",
  "indicator",
  "commitment",
  "decision",
  "board",
  "note",
  "cluster",
];

/** On which screen a thing is shown. */
const SHOWN_ON: Partial<Record<Kind, Screen>> = {
  commitment: "commitments",
  goal: "goals",
  indicator: "goals",
  participant: "people",
  note: "wall",
  cluster: "wall",
};

export default function HistoryPage({ route }: { route: PlanRoute }) {
  const { textKey, compare, t } = useSpeech();
  const tables = usePlan((state) => state.tables);
  const thing = useMemo(() => readEntity(route.id, KINDS), [route.id]);
  const items = useHistory(thing);
  const { away, mark } = use(AbsenceContext);
  const who = route.query["who"] ?? "";
  const names = useMemo(
    () => [...new Set((items ?? []).map((item) => item.name))].sort(compare),
    [items, compare],
  );
  const days = useMemo(() => {
    const all = items ?? [];
    // What is new is told by its place among all entries; one thing's are only some of them.
    const known = thing === null && away !== null ? (mark?.entries ?? null) : null;
    const days = historyDays(all, known);
    if (who === "") return days;
    return days
      .map((day) => ({ ...day, lines: day.lines.filter((line) => line.name === who) }))
      .filter((day) => day.lines.length > 0);
  }, [items, thing, who, away, mark]);

  if (items === null) return null;
  const named = (entity: EntityRef) => titleOf(entity, tables, textKey);
  const to = (screen: Screen, id: string | null) => writeRoute({ ...route, screen, id, query: {} });
  return (
    <HistoryScreen
      days={days}
      thing={
        thing && {
          title: named(thing) || t(`history.kind.${thing.kind}`),
          wholeHref: to("history", null),
        }
      }
      who={who}
      onWho={(name) => navigate(withQuery(route, { who: name }), "replace")}
      names={names}
      titleOf={named}
      hrefOf={({ kind, id }) => {
        const screen = SHOWN_ON[kind];
        if (screen === undefined) return null;
        return to(screen, kind === "commitment" || kind === "note" ? id : null);
      }}
    />
  );
}

/** Read anew whenever entries come. */
function useHistory(thing: EntityRef | null): HistoryItem[] | null {
  const session = useSession();
  const entries = usePlan((state) => state.status?.entries_here ?? 0);
  const [items, setItems] = useState<HistoryItem[] | null>(null);
  useEffect(() => {
    let here = true;
    session
      .attempt(() => session.core.history(session.id, thing ?? undefined))
      .then((read) => {
        if (here) setItems(read);
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [session, thing, entries]);
  return items;
}
