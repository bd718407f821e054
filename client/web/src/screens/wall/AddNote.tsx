import { Plus } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { useKeptText } from "../../parts/kept";
import { linesOf } from "../../state/wall/commands";
import style from "./AddNote.module.css";

interface AddNoteProps {
  /** What it says before anybody writes: where the note will be. */
  label: string;
  /** It takes over from another line of the same meaning, with the keyboard on it. */
  takesOver?: boolean;
  /** Under which name a line is kept that is not handed over yet. */
  name: string;
  onAdd: (texts: string[]) => void;
}

/** A line to write notes by: Enter adds one, several lines add several. */
export function AddNote({ label, takesOver = false, name, onAdd }: AddNoteProps) {
  const { t } = useSpeech();
  const hint = useId();
  const { value: text, set: setText, forget } = useKeptText(`note/${name}`);
  const [focused, setFocused] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (takesOver) area.current?.focus();
  }, [takesOver]);
  const add = () => {
    const lines = linesOf(text);
    if (lines.length > 0) onAdd(lines);
    setText("");
    forget();
  };
  return (
    <div className={style.add}>
      <Plus aria-hidden className={style.sign} />
      <textarea
        ref={area}
        className={style.area}
        aria-label={label}
        aria-describedby={hint}
        placeholder={label}
        rows={1}
        value={text}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          add();
        }}
      />
      {text.trim() !== "" && (
        <button type="button" className={style.button} onClick={add}>
          {t("common.add")}
        </button>
      )}
      <p id={hint} className={focused ? style.hint : style.heard}>
        {t("wall.add_hint")}
      </p>
    </div>
  );
}
