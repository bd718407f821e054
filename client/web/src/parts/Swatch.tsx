import { useSpeech } from "../i18n/intl";
import { type NoteColour, SIGN_OF } from "../state/wall/colours";
import { NoteSign } from "./NoteSign";
import note from "./colours.module.css";
import style from "./Swatch.module.css";
import { classes } from "./classes";

/** A note's colour with its sign, as a small note. */
export function Swatch({ colour }: { colour: NoteColour }) {
  return (
    <span className={classes(style.swatch, note[colour])}>
      <NoteSign sign={SIGN_OF[colour]} />
    </span>
  );
}

/** A colour with its sign and both their names. */
export function NamedSwatch({ colour }: { colour: NoteColour }) {
  const { t } = useSpeech();
  return (
    <span className={style.named}>
      <Swatch colour={colour} />
      {t(`colour.${colour}`)}
      <span className={style.sign}>{t(`sign.${SIGN_OF[colour]}`)}</span>
    </span>
  );
}

/** An organisation's colour, always beside its name; on a note it is as dark as the note's edge. */
export function OrgDot({ colour, onNote }: { colour: number; onNote?: boolean }) {
  return <span className={classes(style.org, onNote && style.onNote, note[`org${colour}`])} aria-hidden />;
}
