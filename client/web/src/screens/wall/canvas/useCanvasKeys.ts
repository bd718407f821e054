import { useReactFlow } from "@xyflow/react";
import { type RefObject, useEffect, useRef } from "react";

import type { NoteCard } from "../../../core/api";
import type { Layout } from "../../../state/wall/layout";
import type { WallActions } from "../actions";

interface CanvasKeys {
  notes: readonly NoteCard[];
  layout: Layout;
  selected: ReadonlySet<string>;
  mayEdit: boolean;
  actions: WallActions;
  onSelection: (ids: ReadonlySet<string> | null) => void;
  onWriting: (id: string) => void;
  onAdd: () => void;
  onGroup: () => void;
  onPaste: (text: string) => void;
  onShowAll: () => void;
}

const STEP = 10;
const LONG_STEP = 100;
const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Hands on the keyboard: everything that a mouse does on the wall. */
export function useCanvasKeys(frame: RefObject<HTMLElement | null>, keys: CanvasKeys): void {
  const flow = useReactFlow();
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  }, [keys]);

  useEffect(() => {
    const isOurs = (target: EventTarget | null) =>
      target instanceof Element &&
      !target.closest("input, textarea, [role='dialog'], [role='menu'], [role='listbox']") &&
      (target === document.body || target.id === "main" || frame.current?.contains(target) === true);

    const onKey = (event: KeyboardEvent) => {
      if (!isOurs(event.target) || event.altKey || event.defaultPrevented) return;
      const focused = event.target instanceof Element ? noteIdOf(event.target) : null;
      if (press(event, focused, latest.current, flow)) event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!isOurs(event.target) || !latest.current.mayEdit || text.trim() === "") return;
      event.preventDefault();
      latest.current.onPaste(text);
    };
    const onCopy = (event: ClipboardEvent) => {
      const { notes, selected } = latest.current;
      if (!isOurs(event.target) || selected.size === 0) return;
      const texts = notes.filter((note) => selected.has(note.id)).map((note) => note.text);
      event.clipboardData?.setData("text/plain", texts.join("\n"));
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("paste", onPaste);
    document.addEventListener("copy", onCopy);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("paste", onPaste);
      document.removeEventListener("copy", onCopy);
    };
  }, [frame, flow]);
}

/** Does what a key says; answers whether it said anything. */
function press(
  event: KeyboardEvent,
  focused: string | null,
  keys: CanvasKeys,
  flow: ReturnType<typeof useReactFlow>,
): boolean {
  const { selected, mayEdit, actions } = keys;
  const ids = selected.size > 0 ? [...selected] : focused === null ? [] : [focused];
  const arrow = ARROWS[event.key];
  if (event.ctrlKey || event.metaKey) {
    if (event.key !== "a") return false;
    keys.onSelection(new Set(keys.notes.map((note) => note.id)));
    return true;
  }
  if (arrow && ids.length > 0 && mayEdit) {
    const far = event.shiftKey ? LONG_STEP : STEP;
    actions.move(ids.flatMap((id) => moveOf(id, keys.layout, arrow[0] * far, arrow[1] * far)));
    return true;
  }
  switch (event.key) {
    case "n":
    case "N":
      if (mayEdit) keys.onAdd();
      return mayEdit;
    case "g":
    case "G":
      if (mayEdit) keys.onGroup();
      return mayEdit && selected.size > 0;
    case "Enter":
    case "F2":
      if (mayEdit && focused !== null) keys.onWriting(focused);
      return focused !== null;
    case " ":
      if (focused === null) return false;
      keys.onSelection(toggled(selected, focused));
      return true;
    case "Delete":
    case "Backspace":
      if (mayEdit && ids.length > 0) actions.archive(ids);
      keys.onSelection(null);
      return ids.length > 0;
    case "Escape":
      keys.onSelection(null);
      return selected.size > 0;
    case "+":
      void flow.zoomIn();
      return true;
    case "-":
      void flow.zoomOut();
      return true;
    case "0":
      keys.onShowAll();
      return true;
    default:
      return false;
  }
}

function noteIdOf(target: Element): string | null {
  return target.closest(".react-flow__node-note")?.getAttribute("data-id") ?? null;
}

function moveOf(id: string, layout: Layout, x: number, y: number) {
  const at = layout.notes.get(id);
  return at ? [{ id, x: at.x + x, y: at.y + y }] : [];
}

function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}
