import { CalendarDays, Download, FileText, Table, Upload } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";

import type { ExportRequest } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import type { MessageKey } from "../../i18n/keys";
import { Button } from "../../parts/Button";
import { TextField } from "../../parts/Field";
import { Page, Panel } from "../../parts/Page";
import style from "./FilesScreen.module.css";

interface Offer {
  request: ExportRequest;
  label: MessageKey;
  hint: MessageKey;
  icon: LucideIcon;
}

const OFFERS: Offer[] = [
  { request: { format: "markdown" }, label: "files.markdown", hint: "files.markdown_hint", icon: FileText },
  {
    request: { format: "csv", table: "commitments" },
    label: "files.csv_commitments",
    hint: "files.csv_hint",
    icon: Table,
  },
  { request: { format: "csv", table: "notes" }, label: "files.csv_notes", hint: "files.csv_hint", icon: Table },
  {
    request: { format: "csv", table: "indicators" },
    label: "files.csv_indicators",
    hint: "files.csv_hint",
    icon: Table,
  },
  { request: { format: "ics" }, label: "files.ics", hint: "files.ics_hint", icon: CalendarDays },
  {
    request: { format: "ics", neutral: true },
    label: "files.ics_neutral",
    hint: "files.ics_hint",
    icon: CalendarDays,
  },
  { request: { format: "json" }, label: "files.json", hint: "files.json_hint", icon: Download },
  { request: { format: "automerge" }, label: "files.automerge", hint: "files.automerge_hint", icon: Download },
];

export interface FilesScreenProps {
  mayEdit: boolean;
  /** This person's participant, whose dates go into a calendar. */
  me: string | null;
  onExport: (request: ExportRequest) => void;
  onFile: (file: File) => void;
  onLines: (text: string) => Promise<void>;
  /** How many things the last file brought. */
  brought: number | null;
}

export function FilesScreen({ mayEdit, me, onExport, onFile, onLines, brought }: FilesScreenProps) {
  const { t } = useSpeech();
  const [lines, setLines] = useState("");
  return (
    <Page title={t("nav.files")} width="wide">
      <Panel title={t("files.out")}>
        <ul className={style.offers}>
          {OFFERS.filter(({ request }) => request.format !== "ics" || me !== null).map(
            ({ request, label, hint, icon: Icon }) => (
              <li key={label}>
                <button
                  type="button"
                  className={style.offer}
                  onClick={() =>
                    onExport(request.format === "ics" && me !== null ? { ...request, participant: me } : request)
                  }
                >
                  <Icon aria-hidden />
                  <span>
                    <span className={style.name}>{t(label)}</span>
                    <span className={style.hint}>{t(hint)}</span>
                  </span>
                </button>
              </li>
            ),
          )}
        </ul>
      </Panel>
      {mayEdit && (
        <Panel title={t("files.in")}>
          <p>{t("files.choose_hint")}</p>
          <div>
            <FileTrigger
              acceptedFileTypes={[".json", ".csv", "application/json", "text/csv"]}
              onSelect={(files) => {
                const file = files?.[0];
                if (file) onFile(file);
              }}
            >
              <Button icon={Upload}>{t("files.choose")}</Button>
            </FileTrigger>
          </div>
          <TextField label={t("files.lines")} hint={t("files.lines_hint")} long rows={4} value={lines} onChange={setLines} />
          <div>
            <Button
              isDisabled={lines.trim() === ""}
              onPress={() =>
                void onLines(lines)
                  .then(() => setLines(""))
                  .catch(() => undefined)
              }
            >
              {t("files.lines_do")}
            </Button>
          </div>
          <p role="status">{brought === null ? "" : t("files.done", { count: brought })}</p>
        </Panel>
      )}
    </Page>
  );
}
