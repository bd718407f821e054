import { EllipsisVertical, Handshake } from "lucide-react";
import { memo } from "react";

import type { ClusterCard, NoteCard } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { IconButton } from "../../parts/Button";
import { Checkbox } from "../../parts/Field";
import { Menu } from "../../parts/Menu";
import { NoteSign } from "../../parts/NoteSign";
import { OrgDot } from "../../parts/Swatch";
import { keyIn, type Person, stringOf, textIn } from "../../state/people";
import { colourOf, SIGN_OF } from "../../state/wall/colours";
import colours from "../../parts/colours.module.css";
import { classes } from "../../parts/classes";
import { NoteText } from "./NoteText";
import style from "./NoteRow.module.css";
import type { WallActions } from "./actions";
import { noteMenu } from "./noteMenu";

export interface NoteRowProps {
  note: NoteCard;
  author: Person;
  /** Who is at it just now. */
  writers: readonly string[];
  clusters: readonly ClusterCard[];
  actions: WallActions;
  mayEdit: boolean;
  writing: boolean;
  onWriting: (id: string | null) => void;
  onNewCluster: (ids: readonly string[]) => void;
  /** `null` while nothing is being selected. */
  selected: boolean | null;
  onSelect: (id: string, selected: boolean) => void;
  glows: boolean;
}

/** A note in the list, with everything that it can do on the wall. */
export const NoteRow = memo(function NoteRow(props: NoteRowProps) {
  const { note, author, writers, actions, mayEdit, writing, onWriting, selected, glows } = props;
  const speech = useSpeech();
  const { t, textKey } = speech;
  const key = keyIn(note.texts, textKey);
  const text = textIn(note.texts, textKey) || note.text;
  const colour = colourOf(note.colour);
  const lang = stringOf(note.fields["lang"]) ?? key;
  const short = text.slice(0, 60);
  return (
    <li className={classes(style.row, colours[colour], glows && style.glows)}>
      {selected !== null && (
        <Checkbox
          aria-label={t("note.select", { text: short })}
          isSelected={selected}
          onChange={(on) => props.onSelect(note.id, on)}
        >
          <span />
        </Checkbox>
      )}
      <div className={style.note}>
        <span className={style.sign}>
          <NoteSign sign={SIGN_OF[colour]} />
        </span>
        {writing ? (
          <div className={style.text}>
            <NoteText
              text={note.texts[key] ?? ""}
              read={() => actions.read(note.id, key)}
              lang={lang}
              onWrite={(next, seen) => actions.write(note.id, key, next, seen)}
              safe={actions.safe(note.id, key)}
              onDone={() => onWriting(null)}
            />
          </div>
        ) : (
          <p className={style.text} lang={lang}>
            {mayEdit ? (
              <button type="button" className={style.open} onClick={() => onWriting(note.id)}>
                {text || t("common.untitled")}
              </button>
            ) : (
              text
            )}
          </p>
        )}
        <p className={style.by}>
          {author.organisation && <OrgDot onNote colour={author.organisation.colour} />}
          <span>{author.id === "" ? "" : author.called}</span>
          {note.promoted_to.length > 0 && (
            <span className={style.promoted}>
              <Handshake aria-hidden /> {t("note.promoted")}
            </span>
          )}
          {writers.length > 0 && <span>{t("note.writing", { who: speech.list(writers) })}</span>}
        </p>
        {note.archived_and_edited && <p className={style.by}>{t("note.archived_and_edited")}</p>}
        {mayEdit && (
          <div className={style.menu}>
        <Menu
          label={t("note.actions", { text: short })}
          placement="bottom end"
          groups={noteMenu(
            [note],
            {
              actions,
              clusters: props.clusters,
              onWrite: () => onWriting(note.id),
              onNewCluster: props.onNewCluster,
            },
            speech,
          )}
        >
          <IconButton icon={EllipsisVertical} label={t("note.actions", { text: short })} />
        </Menu>
          </div>
        )}
      </div>
    </li>
  );
});
