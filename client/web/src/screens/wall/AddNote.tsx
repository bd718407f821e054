import { Plus } from "lucide-react";
import { useId, useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { useKeptText } from "../../parts/kept";
import { linesOf } from "../../state/wall/commands";
import style from "./AddNote.module.css";

interface AddNoteProps {
  /** What it says before anybody writes: where the note will be. */
  label: string;
  /** Under which name a line is kept that is not handed over yet. */
  name: string;
  /** Resolves when the notes are in the plan. */
  onAdd: (texts: string[]) => Promise<unknown>;
}

/** A line to write notes by: Enter adds one, several lines add several. */
export function AddNote({ label, name, onAdd }: AddNoteProps) {
  const { t } = useSpeech();
  const hint = useId();
  const { value: text, set: setText, handOver } = useKeptText(`note/${name}`);
  const [focused, setFocused] = useState(false);
  const add = () => {
    const lines = linesOf(text);
    handOver(lines.length > 0 ? onAdd(lines) : Promise.resolve());
  };
  return (
    <div className={style.add}>
      <Plus aria-hidden className={style.sign} />
      <textarea
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
