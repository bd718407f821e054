import "@xyflow/react/dist/base.css";

import {
  MiniMap,
  type NodeChange,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Cursor } from "../../../app/usePresence";
import { useSpeech } from "../../../i18n/intl";
import colours from "../../../parts/colours.module.css";
import { colourOf } from "../../../state/wall/colours";
import { linesOf } from "../../../state/wall/commands";
import {
  freeBeside,
  freePlaces,
  layoutOf,
  NOTE_SIZE,
  originIn,
  type Point,
  type Rect,
  sheetAt,
} from "../../../state/wall/layout";
import { textIn } from "../../../state/people";
import type { WallListProps } from "../WallList";
import { CanvasTools } from "./CanvasTools";
import style from "./Canvas.module.css";
import { Cursors } from "./Cursors";
import { PaperNote } from "./PaperNote";
import { TracingSheet } from "./TracingSheet";
import { CanvasContext } from "./context";
import { NodeMaker, SHEET, showingAll, type WallNode } from "./nodes";
import { useCanvasKeys } from "./useCanvasKeys";
import { useFit } from "./useFit";

interface CanvasProps extends Omit<WallListProps, "selection" | "onSelect"> {
  selection: ReadonlySet<string> | null;
  onSelection: (ids: ReadonlySet<string> | null) => void;
  cursors: readonly Cursor[];
  onCursor: (point: Point | null) => void;
  /** What stands on an empty wall. */
  hint: ReactNode;
}

const NODE_TYPES = { note: PaperNote, sheet: TracingSheet };
const NOTHING: ReadonlySet<string> = new Set();
const NOT_HELD: ReadonlyMap<string, Point> = new Map();

export default function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Wall {...props} />
    </ReactFlowProvider>
  );
}

/** The endless wall: notes under one's hands. */
function Wall(props: CanvasProps) {
  const { view, clusters, people, actions, mayEdit, writers, glowing, writing, onWriting } = props;
  const { onSelection, onNewCluster, cursors, onCursor, hint } = props;
  const selected = props.selection ?? NOTHING;
  const { t, textKey } = useSpeech();
  const fit = useFit();
  const flow = useReactFlow<WallNode>();
  const frame = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState(NOT_HELD);
  const [over, setOver] = useState<string | null>(null);
  const [maker] = useState(() => new NodeMaker());
  const [touch] = useState(() => window.matchMedia("(pointer: coarse)").matches);
  const [map, setMap] = useState(!touch);

  const heightOf = useCallback(
    (note: { texts: Record<string, string>; text: string }) => fit(textIn(note.texts, textKey) || note.text).height,
    [fit, textKey],
  );
  const layout = useMemo(() => layoutOf(view, heightOf), [view, heightOf]);
  const notes = useMemo(() => view.sections.flatMap((section) => section.notes), [view]);
  const nodes = useMemo(
    () =>
      maker.make({ view, clusters, layout, fit, textKey, selected, held, over, mayEdit, writing, writers, glowing }),
    [maker, view, clusters, layout, fit, textKey, selected, held, over, mayEdit, writing, writers, glowing],
  );
  const taken = useMemo(
    (): Rect[] =>
      notes.flatMap((note) => {
        const at = layout.notes.get(note.id);
        return at ? [{ ...at, width: NOTE_SIZE, height: heightOf(note) }] : [];
      }),
    [notes, layout, heightOf],
  );

  const addAt = useCallback(
    async (at: Point) => {
      const cluster = sheetAt(layout.sheets, { x: at.x + NOTE_SIZE / 2, y: at.y + NOTE_SIZE / 2 });
      const [id] = await actions.add([{ text: "", at, cluster }]);
      if (id === undefined) return;
      onSelection(new Set([id]));
      onWriting(id);
    },
    [actions, layout, onSelection, onWriting],
  );
  const middle = useCallback((): Point => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    const at = flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    return { x: at.x - NOTE_SIZE / 2, y: at.y - NOTE_SIZE / 2 };
  }, [flow]);
  const addBeside = useCallback(
    (note: string | null) => {
      const from = note === null ? undefined : layout.notes.get(note);
      if (from) return addAt(freeBeside(from, taken));
      const [free] = freePlaces(middle(), 1, taken);
      return addAt(free ?? middle());
    },
    [layout, taken, addAt, middle],
  );
  const paste = useCallback(
    (text: string) => {
      const lines = linesOf(text);
      const places = freePlaces(middle(), lines.length, taken);
      const fresh = lines.map((line, index) => ({ text: line, at: places[index] ?? middle() }));
      void actions.add(fresh).then((ids) => onSelection(new Set(ids)));
    },
    [actions, middle, taken, onSelection],
  );

  useInSight(flow, frame, writing === null ? undefined : layout.notes.get(writing));
  useCanvasKeys(frame, {
    notes,
    layout,
    selected,
    mayEdit,
    actions,
    onSelection,
    onWriting,
    onAdd: () => void addBeside([...selected].at(-1) ?? null),
    onGroup: () => {
      if (selected.size > 0) onNewCluster([...selected]);
    },
    onPaste: paste,
    onShowAll: () => void flow.fitView(showingAll(map)),
  });

  const onChanges = useCallback(
    (changes: NodeChange<WallNode>[]) => {
      const moved = new Map<string, Point>();
      let chosen: Set<string> | null = null;
      for (const change of changes) {
        if (change.type === "position" && change.position && change.dragging) moved.set(change.id, change.position);
        if (change.type === "select" && !change.id.startsWith(SHEET)) {
          chosen ??= new Set(selected);
          if (change.selected) chosen.add(change.id);
          else chosen.delete(change.id);
        }
      }
      if (moved.size > 0) setHeld((before) => new Map([...before, ...withContents(moved, view, layout)]));
      if (chosen) onSelection(chosen.size > 0 ? chosen : null);
    },
    [selected, onSelection, view, layout],
  );

  const onDrag = useCallback(
    (_: unknown, node: WallNode) => {
      if (node.type === "note") setOver(sheetAt(restOf(layout.sheets, view, held), centreOf(node)));
    },
    [layout, view, held],
  );

  const onDrop = useCallback(
    (_: unknown, node: WallNode, all: WallNode[]) => {
      const places = new Map(held);
      for (const one of all) places.set(one.id, one.position);
      const moves = [...places].filter(([id]) => !id.startsWith(SHEET)).map(([id, at]) => ({ id, ...at }));
      if (node.type === "sheet" && node.data.count === 0) {
        actions.placeCluster(node.data.cluster.id, originIn({ ...node.position, width: 0, height: 0 }));
      }
      if (moves.length > 0) actions.move(moves);
      if (node.type === "note") dropOn(moves.map(({ id }) => id));
      setHeld(NOT_HELD);
      setOver(null);

      function dropOn(ids: readonly string[]) {
        const sheets = restOf(layout.sheets, view, places);
        const target = node.type === "note" ? sheetAt(sheets, centreOf(node)) : null;
        const homes = new Map(notes.map((note) => [note.id, note.cluster]));
        const leaving = ids.filter((id) => (homes.get(id) ?? null) !== target);
        if (leaving.length > 0) actions.cluster(leaving, target);
      }
    },
    [held, actions, layout, view, notes],
  );

  useFirstView(flow, notes.length > 0, map);

  const context = useMemo(
    () => ({ people, actions, mayEdit, onWriting, onNext: (note: string) => void addBeside(note) }),
    [people, actions, mayEdit, onWriting, addBeside],
  );
  return (
    <CanvasContext value={context}>
      <div
        ref={frame}
        className={style.frame}
        role="application"
        aria-label={t("canvas.label")}
        onDoubleClick={(event) => {
          const onPane = event.target instanceof Element && event.target.classList.contains("react-flow__pane");
          if (!mayEdit || !onPane) return;
          const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
          void addAt({ x: at.x - NOTE_SIZE / 2, y: at.y - NOTE_SIZE / 2 });
        }}
        onPointerMove={(event) => onCursor(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }))}
        onPointerLeave={() => onCursor(null)}
      >
        <ReactFlow<WallNode>
          nodes={nodes}
          nodeTypes={NODE_TYPES}
          onNodesChange={onChanges}
          onNodeDrag={onDrag}
          onNodeDragStop={onDrop}
          onNodeDoubleClick={(_, node) => {
            if (mayEdit && node.type === "note") onWriting(node.id);
          }}
          minZoom={0.08}
          maxZoom={2}
          panOnScroll
          panOnDrag={touch ? true : [1, 2]}
          selectionOnDrag={!touch}
          selectionMode={SelectionMode.Partial}
          panActivationKeyCode="Space"
          zoomActivationKeyCode={["Control", "Meta"]}
          multiSelectionKeyCode="Shift"
          selectionKeyCode={null}
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          elevateNodesOnSelect={false}
          nodesConnectable={false}
          nodeDragThreshold={4}
          disableKeyboardA11y
          onlyRenderVisibleElements
          proOptions={{ hideAttribution: true }}
          className={style.flow}
        >
          {map && (
            <MiniMap<WallNode>
              className={style.map}
              nodeClassName={(node) =>
                (node.type === "note" ? colours[colourOf(node.data.note.colour)] : style.mapSheet) ?? ""
              }
              ariaLabel={t("canvas.map")}
              pannable
              zoomable
            />
          )}
          <Cursors cursors={cursors} />
          <Panel position="bottom-left">
            <CanvasTools mayEdit={mayEdit} map={map} onMap={setMap} onAdd={() => void addBeside(null)} />
          </Panel>
        </ReactFlow>
        {hint !== null && <div className={style.hint}>{hint}</div>}
      </div>
    </CanvasContext>
  );
}

/** Shows all of the wall when it is first seen with something on it. */
/** Moves the wall where the note that one writes in is not wholly on it: out of sight, it would not be there at all. */
function useInSight(
  flow: ReturnType<typeof useReactFlow<WallNode>>,
  frame: RefObject<HTMLDivElement | null>,
  at: Point | undefined,
) {
  const [x, y] = [at?.x, at?.y];
  useEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (x === undefined || y === undefined || !box) return;
    const from = flow.flowToScreenPosition({ x, y });
    const to = flow.flowToScreenPosition({ x: x + NOTE_SIZE, y: y + NOTE_SIZE });
    if (from.x >= box.left && from.y >= box.top && to.x <= box.right && to.y <= box.bottom) return;
    void flow.setCenter(x + NOTE_SIZE / 2, y + NOTE_SIZE / 2, { zoom: flow.getZoom() });
  }, [flow, frame, x, y]);
}

function useFirstView(flow: ReturnType<typeof useReactFlow<WallNode>>, something: boolean, map: boolean) {
  const done = useRef(false);
  useEffect(() => {
    if (done.current || !something) return;
    done.current = true;
    requestAnimationFrame(() => void flow.fitView(showingAll(map)));
  }, [flow, something, map]);
}

function centreOf(node: WallNode): Point {
  return { x: node.position.x + NOTE_SIZE / 2, y: node.position.y + (node.height ?? NOTE_SIZE) / 2 };
}

/** A sheet takes its notes with it. */
function withContents(
  moved: ReadonlyMap<string, Point>,
  view: CanvasProps["view"],
  layout: ReturnType<typeof layoutOf>,
): Map<string, Point> {
  const all = new Map(moved);
  for (const { cluster, notes } of view.sections) {
    const to = cluster && moved.get(`${SHEET}${cluster.id}`);
    const from = cluster && layout.sheets.get(cluster.id);
    if (!to || !from) continue;
    for (const note of notes) {
      const at = layout.notes.get(note.id);
      if (at) all.set(note.id, { x: at.x + to.x - from.x, y: at.y + to.y - from.y });
    }
  }
  return all;
}

/** The sheets without those whose every note is in the hand: they go where the hand goes. */
function restOf(
  sheets: ReadonlyMap<string, Rect>,
  view: CanvasProps["view"],
  held: ReadonlyMap<string, Point>,
): ReadonlyMap<string, Rect> {
  const rest = new Map(sheets);
  for (const { cluster, notes } of view.sections) {
    const isHeld = notes.length > 1 && notes.every((note) => held.has(note.id));
    if (cluster && isHeld) rest.delete(cluster.id);
  }
  return rest;
}
