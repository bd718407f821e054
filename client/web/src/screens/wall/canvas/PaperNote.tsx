import type { NodeProps } from "@xyflow/react";
import { Handshake } from "lucide-react";
import { type CSSProperties, memo } from "react";

import { useSpeech } from "../../../i18n/intl";
import { NoteSign } from "../../../parts/NoteSign";
import colours from "../../../parts/colours.module.css";
import { classes } from "../../../parts/classes";
import { keyIn, stringOf, textIn } from "../../../state/people";
import { colourOf, SIGN_OF } from "../../../state/wall/colours";
import { NoteText } from "../NoteText";
import style from "./PaperNote.module.css";
import { useCanvas } from "./context";
import type { NoteNode } from "./nodes";

/** A note on the wall: paper, a little askew, with its author's organisation as an edge. */
export const PaperNote = memo(function PaperNote({ data, selected, dragging }: NodeProps<NoteNode>) {
  const { note, fit, writing, writers, glows } = data;
  const { t, textKey, list } = useSpeech();
  const { people, actions, onWriting, onNext } = useCanvas();
  const key = keyIn(note.texts, textKey);
  const text = textIn(note.texts, textKey) || note.text;
  const colour = colourOf(note.colour);
  const author = people.person(note.author);
  const lang = stringOf(note.fields["lang"]) ?? key;
  return (
    <div
      className={classes(
        style.note,
        colours[colour],
        author.organisation && colours[`org${author.organisation.colour}`],
        selected && style.selected,
        dragging && style.held,
        glows && style.glows,
      )}
      style={{ "--tilt": `${tiltOf(note.id)}deg`, "--size": `${fit.size}px` } as CSSProperties}
    >
      <span className={style.sign}>
        <NoteSign sign={SIGN_OF[colour]} />
      </span>
      <div className={style.text} lang={lang}>
        {writing ? (
          <NoteText
            text={note.texts[key] ?? ""}
            read={() => actions.read(note.id, key)}
            lang={lang}
            onWrite={(next, seen) => actions.write(note.id, key, next, seen)}
            safe={actions.safe(note.id, key)}
            onDone={(how) => {
              onWriting(null);
              if (how === "tab") onNext(note.id);
            }}
          />
        ) : (
          text
        )}
      </div>
      <p className={style.by}>
        {writers.length > 0 ? t("note.writing", { who: list(writers) }) : author.id === "" ? "" : author.called}
        {note.promoted_to.length > 0 && <Handshake aria-label={t("note.promoted")} className={style.promoted} />}
      </p>
    </div>
  );
});

const TILT_MOST = 0.6;

/** A note's own tilt, the same on every screen. */
function tiltOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) | 0;
  return ((Math.abs(hash) % 1000) / 500 - 1) * TILT_MOST;
}
