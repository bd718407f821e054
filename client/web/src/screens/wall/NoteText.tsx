import { useEffect, useRef, useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Draft, type Safe } from "../../state/draft";
import style from "./NoteText.module.css";

interface NoteTextProps {
  /** As the plan has it now; what others write meanwhile comes in around one's own words. */
  text: string;
  /** The same, at this very moment. */
  read: () => string;
  lang: string | undefined;
  /** Called while one types, as soon as the last call is done. */
  onWrite: (text: string, seen: string) => Promise<unknown>;
  /** Where each key goes before it is in the plan. */
  safe: Safe;
  onDone: (how: "enter" | "tab" | "away" | "escape") => void;
}

/** A note's text while it is being written. */
export function NoteText({ text, read, lang, onWrite, safe, onDone }: NoteTextProps) {
  const { t } = useSpeech();
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = useRef<Draft>(null);
  const [first] = useState(text);
  const door = useRef({ read, onWrite, safe });
  useEffect(() => {
    door.current = { read, onWrite, safe };
  }, [read, onWrite, safe]);

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
      (next, seen) => door.current.onWrite(next, seen),
      {
        put: (writing) => door.current.safe.put(writing),
        wrote: (written) => door.current.safe.wrote(written),
      },
    );
    draft.current = own;
    return () => own.flush();
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
      onChange={() => draft.current?.typed()}
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
