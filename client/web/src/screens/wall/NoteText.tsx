import { useEffect, useRef, useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Draft } from "../../state/draft";
import style from "./NoteText.module.css";

interface NoteTextProps {
  /** As the plan has it now; what others write meanwhile comes in around one's own words. */
  text: string;
  /** The same, at this very moment. */
  read: () => string;
  lang: string | undefined;
  /** Called on every pause in typing too: nothing typed is lost should the page be. */
  onWrite: (text: string) => Promise<unknown>;
  onDone: (how: "enter" | "tab" | "away" | "escape") => void;
}

const PAUSE_MS = 250;

/** A note's text while it is being written. */
export function NoteText({ text, read, lang, onWrite, onDone }: NoteTextProps) {
  const { t } = useSpeech();
  const area = useRef<HTMLTextAreaElement>(null);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  const draft = useRef<Draft>(null);
  const [first] = useState(text);
  const door = useRef({ read, onWrite });
  useEffect(() => {
    door.current = { read, onWrite };
  }, [read, onWrite]);

  useEffect(() => {
    const input = area.current;
    if (!input) return undefined;
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
    const own = new Draft(
      () => door.current.read(),
      {
        read: () => ({ text: input.value, cursor: input.selectionEnd }),
        show: (next, cursor) => {
          input.value = next;
          input.setSelectionRange(cursor, cursor);
        },
      },
      (next) => door.current.onWrite(next),
    );
    draft.current = own;
    // A tab that is closed or turned away in mid-word gives no other sign.
    const flush = () => {
      clearTimeout(pause.current);
      own.flush();
    };
    document.addEventListener("visibilitychange", flush);
    window.addEventListener("pagehide", flush);
    return () => {
      document.removeEventListener("visibilitychange", flush);
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, []);

  useEffect(() => draft.current?.heard(), [text]);

  return (
    <textarea
      ref={area}
      className={`${style.area} nodrag nowheel nopan`}
      defaultValue={first}
      lang={lang}
      aria-label={t("note.text")}
      rows={2}
      onChange={() => {
        clearTimeout(pause.current);
        pause.current = setTimeout(() => draft.current?.flush(), PAUSE_MS);
      }}
      onBlur={() => onDone("away")}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        const how = doneBy(event.key, event.shiftKey);
        if (how === null) return;
        event.preventDefault();
        onDone(how);
      }}
    />
  );
}

function doneBy(key: string, shift: boolean): "enter" | "tab" | "escape" | null {
  if (key === "Escape") return "escape";
  if (key === "Enter" && !shift) return "enter";
  if (key === "Tab" && !shift) return "tab";
  return null;
}
