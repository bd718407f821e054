import { LayoutList, Palette, SquareCheck, StickyNote, Undo2 } from "lucide-react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";

import { useSpeech } from "../../i18n/intl";
import { IconButton } from "../../parts/Button";
import { Choice } from "../../parts/Field";
import { Select } from "../../parts/Select";
import { NamedSwatch, OrgDot } from "../../parts/Swatch";
import type { People } from "../../state/people";
import { NOTE_COLOURS } from "../../state/wall/colours";
import menu from "../../parts/Menu.module.css";
import style from "./WallBar.module.css";

export type WallMode = "wall" | "list";

interface WallBarProps {
  mode: WallMode;
  onMode: (mode: WallMode) => void;
  boards: { id: string; title: string }[];
  board: string;
  onBoard: (board: string) => void;
  people: People;
  mayEdit: boolean;
  selecting: boolean;
  onSelecting: (on: boolean) => void;
  onUndo: () => void;
  here: readonly { id: string; called: string; colour: number }[];
}

/** What stands over the wall. */
export function WallBar(props: WallBarProps) {
  const { mode, onMode, boards, board, onBoard, people, mayEdit, selecting, onSelecting, onUndo, here } = props;
  const { t } = useSpeech();
  return (
    <div className={style.bar}>
      <h1 className={style.title}>{t("wall.title")}</h1>
      {boards.length > 1 && (
        <Select
          compact
          label={t("wall.board")}
          value={board}
          onChange={onBoard}
          options={boards.map(({ id, title }) => ({ value: id, label: title }))}
        />
      )}
      <Choice
        label={t("wall.view")}
        labelHidden
        look="bar"
        value={mode}
        onChange={onMode}
        options={[
          { value: "wall", text: t("wall.as_wall"), label: <ModeLabel icon={StickyNote} words={t("wall.as_wall")} /> },
          { value: "list", text: t("wall.as_list"), label: <ModeLabel icon={LayoutList} words={t("wall.as_list")} /> },
        ]}
      />
      <ul className={style.here}>
        {here.map((one) => (
          <li key={one.id} className={style.person}>
            <OrgDot colour={one.colour} /> {one.called}
          </li>
        ))}
      </ul>
      {mayEdit && <IconButton icon={Undo2} label={t("wall.undo")} shortcut="Ctrl+Z" onPress={onUndo} />}
      {mayEdit && mode === "list" && (
        <IconButton
          icon={SquareCheck}
          label={t(selecting ? "select.done" : "select.start")}
          pressed={selecting}
          onPress={() => onSelecting(!selecting)}
        />
      )}
      <Legend people={people} />
    </div>
  );
}

function ModeLabel({ icon: Icon, words }: { icon: typeof StickyNote; words: string }) {
  return (
    <>
      <Icon aria-hidden className={style.modeIcon} /> <span className={style.modeWords}>{words}</span>
    </>
  );
}

/** What the colours and signs mean. */
function Legend({ people }: { people: People }) {
  const { t } = useSpeech();
  return (
    <DialogTrigger>
      <AriaButton className={style.legend} aria-label={t("legend.title")}>
        <Palette aria-hidden />
      </AriaButton>
      <Popover className={menu.popover} placement="bottom end" offset={4}>
        <Dialog className={style.legendBody} aria-label={t("legend.title")}>
          <h2>{t("legend.colours")}</h2>
          <ul>
            {NOTE_COLOURS.map((colour) => (
              <li key={colour}>
                <NamedSwatch colour={colour} />
              </li>
            ))}
          </ul>
          {people.organisations.length > 0 && (
            <>
              <h2>{t("legend.organisations")}</h2>
              <ul>
                {people.organisations.map((organisation) => (
                  <li key={organisation.id}>
                    <OrgDot colour={organisation.colour} /> {organisation.name}
                  </li>
                ))}
              </ul>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
