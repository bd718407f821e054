import { type CSSProperties, useMemo } from "react";

import { useSpeech } from "../../i18n/intl";
import { NamedSwatch, OrgDot } from "../../parts/Swatch";
import { classes } from "../../parts/classes";
import { keyIn, type People, stringOf, textIn } from "../../state/people";
import { colourOf, NOTE_COLOURS } from "../../state/wall/colours";
import { boundsOf, layoutOf, NOTE_SIZE, type Rect } from "../../state/wall/layout";
import type { WallView } from "../../state/wall/sections";
import sheets from "../wall/canvas/TracingSheet.module.css";
import { NoteFace } from "../wall/canvas/NoteFace";
import { useFit } from "../wall/canvas/useFit";
import style from "./WallSheet.module.css";

export interface PrintedWall {
  /** Of the plan. */
  title: string;
  /** Of the wall, where there are several. */
  board: string;
  view: WallView;
  people: People;
  /** Whether people are called by name rather than by what they do. */
  names: boolean;
}

/** The room that a wall has on an A3 sheet, beside its margins, heading and legend; in CSS pixels. */
const MM = 96 / 25.4;
const ROOM = { width: 396 * MM, height: 240 * MM };

/** The wall as it hangs, on one A3 sheet. */
export function WallSheet({ title, board, view, people, names }: PrintedWall) {
  const { t, textKey, today, dateLong } = useSpeech();
  const fit = useFit();
  const { layout, notes, bounds } = useMemo(() => {
    const heightOf = (note: { texts: Record<string, string>; text: string }) =>
      fit(textIn(note.texts, textKey) || note.text).height;
    const layout = layoutOf(view, heightOf);
    const notes = view.sections.flatMap((section) =>
      section.notes.flatMap((note) => {
        const at = layout.notes.get(note.id);
        return at ? [{ note, rect: { ...at, width: NOTE_SIZE, height: heightOf(note) } }] : [];
      }),
    );
    const all = [...notes.map(({ rect }) => rect), ...layout.sheets.values()];
    return { layout, notes, bounds: all.length > 0 ? boundsOf(all) : null };
  }, [view, fit, textKey]);
  const authors = new Set(notes.map(({ note }) => people.person(note.author).organisation?.id));
  const colours = new Set(notes.map(({ note }) => colourOf(note.colour)));
  return (
    <article className={style.sheet}>
      <header className={style.head}>
        <h2 className={style.title}>{title}</h2>
        <p>
          {board !== "" && `${board} · `}
          {t("print.printed", { date: dateLong(today) })} · {t("print.rule")}
        </p>
      </header>
      {bounds === null ? (
        <p>{t("wall.empty_title")}</p>
      ) : (
        <div className={style.frame} style={scaled(bounds)}>
          <div className={style.wall}>
            {view.sections.map(({ cluster, notes: hung }) => {
              const rect = cluster && layout.sheets.get(cluster.id);
              if (!rect) return null;
              return (
                <section key={cluster.id} className={style.at} style={placed(rect, bounds)}>
                  <div className={sheets.sheet}>
                    <div className={sheets.head}>
                      <h3 className={sheets.title}>{cluster.title || t("common.untitled")}</h3>
                      <span className={classes(sheets.count, style.count)}>{hung.length}</span>
                    </div>
                  </div>
                </section>
              );
            })}
            {notes.map(({ note, rect }) => {
              const author = people.person(note.author);
              const text = textIn(note.texts, textKey) || note.text;
              return (
                <div key={note.id} className={style.at} style={placed(rect, bounds)}>
                  <NoteFace
                    note={note}
                    fit={fit(text)}
                    author={author}
                    lang={stringOf(note.fields["lang"]) ?? keyIn(note.texts, textKey)}
                    by={author.id === "" ? "" : names ? author.called : author.role || author.called}
                    className={style.note}
                  >
                    {text}
                  </NoteFace>
                </div>
              );
            })}
          </div>
        </div>
      )}
      <footer className={style.legend}>
        {NOTE_COLOURS.filter((colour) => colours.has(colour)).map((colour) => (
          <NamedSwatch key={colour} colour={colour} />
        ))}
        {people.organisations
          .filter(({ id }) => authors.has(id))
          .map((organisation) => (
            <span key={organisation.id} className={style.organisation}>
              <OrgDot colour={organisation.colour} /> {organisation.name}
            </span>
          ))}
      </footer>
    </article>
  );
}

/** As large as the sheet has room for, and never larger than notes of paper are. */
function scaled({ width, height }: Rect): CSSProperties {
  const scale = Math.min(ROOM.width / width, ROOM.height / height, (76 * MM) / NOTE_SIZE);
  return {
    "--scale": scale,
    width: `${width * scale}px`,
    height: `${height * scale}px`,
    "--width": `${width}px`,
    "--height": `${height}px`,
  } as CSSProperties;
}

function placed(rect: Rect, origin: Rect): CSSProperties {
  const { width, height } = rect;
  return { left: rect.x - origin.x, top: rect.y - origin.y, width, height };
}
