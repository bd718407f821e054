import { lazy, Suspense, useCallback, useMemo, useState } from "react";

import { useSpeech } from "../i18n/intl";
import { Empty } from "../parts/Empty";
import { NameDialog } from "../screens/wall/NameDialog";
import { SelectionBar } from "../screens/wall/SelectionBar";
import { WallBar, type WallMode } from "../screens/wall/WallBar";
import { WallList } from "../screens/wall/WallList";
import { textIn } from "../state/people";
import { wallView } from "../state/wall/sections";
import style from "./WallPage.module.css";
import type { PlanRoute } from "./PlanPage";
import { usePlan } from "./context";
import { navigate, withQuery } from "./navigation";
import { useMayEdit, usePeople } from "./usePeople";
import { usePresence } from "./usePresence";
import { useStableList } from "./useStableList";
import { useWall } from "./useWall";

const Canvas = lazy(() => import("../screens/wall/canvas/Canvas"));

/** Phones begin with the list; the address remembers the choice. */
const LIST_WIDTH = "(max-width: 639px)";

export default function WallPage({ route }: { route: PlanRoute }) {
  const { t, compare, textKey } = useSpeech();
  const loaded = usePlan((state) => state.loaded);
  const opened = usePlan((state) => state.opened);
  const notes = usePlan((state) => state.tables.notes);
  const clusters = usePlan((state) => state.tables.clusters);
  const titles = usePlan((state) => state.tables.things.board);
  const glowing = usePlan((state) => state.glowing);
  const people = usePeople();
  const mayEdit = useMayEdit();
  const [narrow] = useState(() => window.matchMedia(LIST_WIDTH).matches);
  const mode: WallMode =
    route.query["as"] === "list" || (narrow && route.query["as"] !== "wall") ? "list" : "wall";
  const board = opened.boards.find((one) => one === route.query["board"]) ?? opened.boards[0] ?? "";
  const view = useMemo(
    () => wallView({ notes, clusters }, board === "" ? null : board, compare),
    [notes, clusters, board, compare],
  );
  const shown = useStableList(view.clusters);
  const actions = useWall(board, route);
  const [writing, setWriting] = useState<string | null>(null);
  const [selection, setSelection] = useState<ReadonlySet<string> | null>(null);
  const [grouping, setGrouping] = useState<readonly string[] | null>(null);
  const { here, writers, cursors, showCursor } = usePresence(board, writing, people);

  const select = useCallback((id: string, on: boolean) => {
    setSelection((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);

  const chosen = useMemo(
    () => [...(selection ?? [])].flatMap((id) => notes.get(id) ?? []),
    [selection, notes],
  );
  if (!loaded) return null;
  const boards = opened.boards.map((id) => ({
    id,
    title: textIn(titles.get(id)?.fields["title"], textKey) || t("wall.title"),
  }));
  const empty = view.sections.length === 0 && view.parked.length === 0 && view.tray.length === 0;
  const shared = {
    board,
    view,
    clusters: shown,
    people,
    actions,
    mayEdit,
    writers,
    glowing,
    writing,
    onWriting: setWriting,
  };
  return (
    <div className={style.page}>
      <WallBar
        mode={mode}
        onMode={(as) => {
          setSelection(null);
          navigate(withQuery(route, { as }), "replace");
        }}
        boards={boards}
        board={board}
        onBoard={(id) => {
          setSelection(null);
          navigate(withQuery(route, { board: id }));
        }}
        people={people}
        mayEdit={mayEdit}
        selecting={selection !== null}
        onSelecting={(on) => setSelection(on ? new Set() : null)}
        onUndo={actions.undo}
        here={here}
      />
      {mode === "list" ? (
        <div className={style.scroll}>
          {empty && <Hint />}
          <WallList {...shared} selection={selection} onSelect={select} onNewCluster={setGrouping} />
        </div>
      ) : (
        <Suspense fallback={<div className={style.scroll} />}>
          <Canvas
            key={board}
            {...shared}
            selection={selection}
            onSelection={setSelection}
            onNewCluster={setGrouping}
            cursors={cursors}
            onCursor={showCursor}
            hint={empty ? <Hint /> : null}
          />
        </Suspense>
      )}
      <SelectionBar
        notes={chosen}
        clusters={shown}
        actions={actions}
        overTools={mode === "wall"}
        onNewCluster={setGrouping}
        onClear={() => setSelection(mode === "list" ? new Set() : null)}
      />
      {grouping !== null && (
        <NameDialog
          title={t("cluster.new_title")}
          label={t("cluster.name")}
          action={t("cluster.create")}
          onClose={() => setGrouping(null)}
          onName={(title) => actions.group(title, grouping)}
        />
      )}
    </div>
  );
}

function Hint() {
  const { t } = useSpeech();
  return <Empty title={t("wall.empty_title")}>{t("wall.empty_body")}</Empty>;
}
