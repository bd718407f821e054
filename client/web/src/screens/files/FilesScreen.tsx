import { Braces, CalendarDays, CircleAlert, CircleCheck, Download, FileText, GitBranch, Printer, Sheet } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useState } from "react";
import { FileTrigger } from "react-aria-components";

import type { ExportRequest, Outcome } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Checkbox, TextField } from "../../parts/Field";
import { Page, Panel } from "../../parts/Page";
import { type Option, Select } from "../../parts/Select";
import { countLines } from "../../state/files/files";
import style from "./Files.module.css";

export interface FilesScreenProps {
  participants: readonly Option[];
  /** Walls, where there are several or one. */
  boards: readonly Option[];
  mayEdit: boolean;
  printHref: string;
  onExport: (request: ExportRequest) => Promise<void>;
  onFile: (file: File, board: string | null) => Promise<Outcome>;
  onLines: (text: string, board: string | null) => Promise<Outcome>;
}

const TABLES = ["commitments", "notes", "ties", "indicators"] as const;
type Table = (typeof TABLES)[number];

export function FilesScreen(props: FilesScreenProps) {
  const { participants, boards, printHref, onExport } = props;
  const { t } = useSpeech();
  const [table, setTable] = useState<Table>("commitments");
  const [whose, setWhose] = useState("");
  const [neutral, setNeutral] = useState(false);
  const [document, setDocument] = useState("");
  return (
    <Page title={t("nav.files")}>
      <Panel title={t("files.out")}>
        <p className={style.soft}>{t("files.out_hint")}</p>
        <ul className={style.rows}>
          <Row icon={Printer} title={t("files.print")} hint={t("files.print_hint")}>
            <a className={style.link} href={printHref}>
              {t("files.print_open")}
            </a>
          </Row>
          <Row
            icon={FileText}
            title={t("files.markdown")}
            hint={t("files.markdown_hint")}
            onTake={() => onExport({ format: "markdown" })}
          />
          <Row
            icon={Sheet}
            title={t("files.csv")}
            hint={t("files.csv_hint")}
            onTake={() => onExport({ format: "csv", table })}
          >
            <Select
              label={t("files.csv_what")}
              value={table}
              onChange={(value) => setTable(TABLES.find((one) => one === value) ?? "commitments")}
              options={TABLES.map((one) => ({ value: one, label: t(`files.table.${one}`) }))}
            />
          </Row>
          <Row
            icon={CalendarDays}
            title={t("files.ics")}
            hint={t("files.ics_hint")}
            onTake={() =>
              onExport({ format: "ics", neutral, ...(whose === "" ? {} : { participant: whose }) })
            }
          >
            <Select
              label={t("files.ics_who")}
              value={whose}
              onChange={setWhose}
              options={[{ value: "", label: t("files.ics_all") }, ...participants]}
            />
            <Checkbox isSelected={neutral} onChange={setNeutral}>
              {t("files.ics_neutral")}
            </Checkbox>
          </Row>
          <Row
            icon={Braces}
            title={t("files.json")}
            hint={t("files.json_hint")}
            onTake={() => onExport({ format: "json" })}
          />
          <Row
            icon={GitBranch}
            title={t("files.automerge")}
            hint={t("files.automerge_hint")}
            onTake={() =>
              onExport({ format: "automerge", ...(document === "" ? {} : { board: document }) })
            }
          >
            <Select
              label={t("files.document")}
              value={document}
              onChange={setDocument}
              options={[{ value: "", label: t("files.document_plan") }, ...boards]}
            />
          </Row>
        </ul>
      </Panel>
      <TakeIn {...props} />
    </Page>
  );
}

interface RowProps {
  icon: LucideIcon;
  title: string;
  hint: string;
  onTake?: () => Promise<void>;
  children?: ReactNode;
}

function Row({ icon: Icon, title, hint, onTake, children }: RowProps) {
  const { t } = useSpeech();
  const [busy, setBusy] = useState(false);
  return (
    <li className={style.row}>
      <Icon aria-hidden className={style.sign} />
      <div className={style.words}>
        <h3 className={style.name}>{title}</h3>
        <p className={style.soft}>{hint}</p>
        {children !== undefined && <div className={style.choices}>{children}</div>}
      </div>
      {onTake && (
        <Button
          icon={Download}
          isPending={busy}
          aria-label={t("files.take_what", { what: title })}
          onPress={() => {
            setBusy(true);
            // What goes wrong is said by the screen's frame.
            void onTake()
              .catch(() => undefined)
              .finally(() => setBusy(false));
          }}
        >
          {t("files.take")}
        </Button>
      )}
    </li>
  );
}

/** What comes in is added as things of this plan. */
function TakeIn({ boards, mayEdit, onFile, onLines }: FilesScreenProps) {
  const { t } = useSpeech();
  const [board, setBoard] = useState(boards[0]?.value ?? "");
  const [lines, setLines] = useState("");
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const on = board === "" ? null : board;
  const count = countLines(lines);

  async function take(doing: Promise<Outcome>, then?: () => void) {
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome(await doing);
      then?.();
    } finally {
      setBusy(false);
    }
  }

  if (!mayEdit) {
    return (
      <Panel title={t("files.in")}>
        <p className={style.soft}>{t("files.reader")}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t("files.in")}>
      <p className={style.soft}>{t("files.in_hint")}</p>
      {boards.length > 1 && (
        <Select label={t("files.in_board")} value={board} onChange={setBoard} options={boards} />
      )}
      <div className={style.words}>
        <h3 className={style.name}>{t("files.in_file")}</h3>
        <p className={style.soft}>{t("files.in_file_hint")}</p>
        <FileTrigger
          acceptedFileTypes={[".csv", ".json", "text/csv", "application/json"]}
          onSelect={(files) => {
            const file = files?.[0];
            if (file) void take(onFile(file, on)).catch(() => undefined);
          }}
        >
          <Button isPending={busy}>{t("files.in_pick")}</Button>
        </FileTrigger>
      </div>
      <TextField
        label={t("files.in_lines")}
        hint={t("files.in_lines_hint")}
        value={lines}
        onChange={setLines}
        long
        rows={4}
      />
      <div>
        <Button
          isDisabled={count === 0}
          isPending={busy}
          onPress={() => void take(onLines(lines, on), () => setLines("")).catch(() => undefined)}
        >
          {t("files.in_lines_do", { count })}
        </Button>
      </div>
      <div role="status" className={style.outcome}>
        {outcome && (
          <Callout tone="lichen" icon={CircleCheck}>
            <p>{t("files.taken_in", { count: outcome.entities.length })}</p>
          </Callout>
        )}
        {outcome && outcome.remarks.length > 0 && (
          <Callout tone="amber" icon={CircleAlert} title={t("files.remarks")}>
            <ul>
              {outcome.remarks.map((remark) => (
                <li key={remark}>{remark}</li>
              ))}
            </ul>
          </Callout>
        )}
      </div>
    </Panel>
  );
}
