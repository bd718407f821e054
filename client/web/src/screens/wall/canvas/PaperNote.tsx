import type { NodeProps } from "@xyflow/react";
import { memo } from "react";

import { useSpeech } from "../../../i18n/intl";
import { classes } from "../../../parts/classes";
import { keyIn, stringOf, textIn } from "../../../state/people";
import { NoteText } from "../NoteText";
import { NoteFace } from "./NoteFace";
import style from "./PaperNote.module.css";
import { useCanvas } from "./context";
import type { NoteNode } from "./nodes";

/** A note on the wall: paper, a little askew, under one's hand. */
export const PaperNote = memo(function PaperNote({ data, selected, dragging }: NodeProps<NoteNode>) {
  const { note, fit, writing, writers, glows } = data;
  const { t, textKey, list } = useSpeech();
  const { people, actions, onWriting, onNext } = useCanvas();
  const key = keyIn(note.texts, textKey);
  const author = people.person(note.author);
  const lang = stringOf(note.fields["lang"]) ?? key;
  return (
    <NoteFace
      note={note}
      fit={fit}
      author={author}
      lang={lang}
      by={writers.length > 0 ? t("note.writing", { who: list(writers) }) : author.id === "" ? "" : author.called}
      className={classes(selected && style.selected, dragging && style.held, glows && style.glows)}
    >
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
        textIn(note.texts, textKey) || note.text
      )}
    </NoteFace>
  );
});
