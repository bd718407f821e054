import { Printer } from "lucide-react";
import type { ReactNode } from "react";
import { createPortal } from "react-dom";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { classes } from "../../parts/classes";
import { Choice } from "../../parts/Field";
import { Page } from "../../parts/Page";
import { type Option, Select } from "../../parts/Select";
import type { Memo } from "../../state/files/memo";
import { ListSheet } from "./ListSheet";
import { MemoSheet } from "./MemoSheet";
import style from "./Print.module.css";
import { type PrintedWall, WallSheet } from "./WallSheet";

export const PAPERS = ["memo", "list", "wall"] as const;

/** What may be printed: a memo or a list to tick off, on A4; the wall, on A3. */
export type Paper = (typeof PAPERS)[number];

interface PrintScreenProps {
  paper: Paper;
  onPaper: (paper: Paper) => void;
  memo: Memo;
  wall: PrintedWall;
  boards: readonly Option[];
  board: string;
  onBoard: (board: string) => void;
  names: boolean;
  onNames: (names: boolean) => void;
  backHref: string;
}

/** What comes on paper: seen here, and all that is printed. */
export function PrintScreen(props: PrintScreenProps) {
  const { paper, onPaper, memo, wall, boards, board, onBoard, names, onNames, backHref } = props;
  const { t } = useSpeech();
  const sheet = sheetOf(paper, memo, wall);
  return (
    <Page
      title={t("files.print")}
      width="wide"
      actions={
        <Button look="primary" icon={Printer} onPress={() => window.print()}>
          {t("files.print_do")}
        </Button>
      }
    >
      <div className={style.choices}>
        <Choice
          label={t("print.what")}
          labelHidden
          look="bar"
          value={paper}
          onChange={onPaper}
          options={PAPERS.map((one) => ({ value: one, label: t(`print.what.${one}`) }))}
        />
        <Choice
          label={t("files.print_who")}
          labelHidden
          look="bar"
          value={names ? "names" : "roles"}
          onChange={(value) => onNames(value === "names")}
          options={[
            { value: "roles", label: t("files.print_roles") },
            { value: "names", label: t("files.print_names") },
          ]}
        />
        {paper === "wall" && boards.length > 1 && (
          <Select compact label={t("wall.board")} value={board} onChange={onBoard} options={boards} />
        )}
        <a className={style.back} href={backHref}>
          {t("print.back")}
        </a>
      </div>
      <div className={classes(style.desk, paper === "wall" && style.broad)}>
        <div className={style.lying}>{sheet}</div>
      </div>
      {createPortal(<div className={classes(style.paper, paper === "wall" && style.a3)}>{sheet}</div>, document.body)}
    </Page>
  );
}

function sheetOf(paper: Paper, memo: Memo, wall: PrintedWall): ReactNode {
  switch (paper) {
    case "memo":
      return <MemoSheet memo={memo} />;
    case "list":
      return <ListSheet memo={memo} />;
    case "wall":
      return <WallSheet {...wall} />;
  }
}
