import { useMemo, useState } from "react";

import type { ExportRequest, ImportRequest } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { FilesScreen } from "../screens/files/FilesScreen";
import type { Option } from "../parts/Select";
import { PAPERS, PrintScreen } from "../screens/files/PrintScreen";
import { download, importRequest } from "../state/files/files";
import { memoOf } from "../state/files/memo";
import { textIn } from "../state/people";
import { wallView } from "../state/wall/sections";
import type { PlanRoute } from "./PlanPage";
import { useApp, usePlan, useSession } from "./context";
import { navigate, withQuery } from "./navigation";
import { writeRoute } from "./route";
import { useMayEdit, usePeople } from "./usePeople";

const PRINT = "print";

export default function FilesPage({ route }: { route: PlanRoute }) {
  const loaded = usePlan((state) => state.loaded);
  if (!loaded) return null;
  return route.id === PRINT ? <Print route={route} /> : <Files route={route} />;
}

function Files({ route }: { route: PlanRoute }) {
  const session = useSession();
  const { announcer } = useApp();
  const { t } = useSpeech();
  const people = usePeople();
  const mayEdit = useMayEdit();
  const boards = useBoards();
  const participants = useMemo(
    () =>
      people.all.map(({ id, called, organisation }) => ({
        value: id,
        label: called,
        ...(organisation ? { hint: organisation.name } : {}),
      })),
    [people],
  );

  async function take(request: ExportRequest) {
    const file = await session.attempt(() => session.core.exportFile(session.id, request));
    download(file);
    announcer.say(t("files.made", { name: file.name }));
  }

  const put = (request: ImportRequest) => session.attempt(() => session.core.importFile(session.id, request));

  return (
    <FilesScreen
      participants={participants}
      boards={boards}
      mayEdit={mayEdit}
      printHref={writeRoute({ ...route, id: PRINT, query: {} })}
      onExport={take}
      onFile={async (file, board) => put(importRequest(new Uint8Array(await file.arrayBuffer()), board))}
      onLines={(text, board) => put({ format: "lines", text, ...(board === null ? {} : { board }) })}
    />
  );
}

function Print({ route }: { route: PlanRoute }) {
  const { textKey, compare } = useSpeech();
  const people = usePeople();
  const tables = usePlan((state) => state.tables);
  const boards = useBoards();
  const [names, setNames] = useState(false);
  const memo = useMemo(
    () => memoOf(tables, people, textKey, names, compare),
    [tables, people, textKey, names, compare],
  );
  const paper = PAPERS.find((one) => one === route.query["paper"]) ?? "memo";
  const board = boards.find(({ value }) => value === route.query["board"]) ?? boards[0];
  const view = useMemo(
    () => wallView(tables, board?.value ?? null, compare),
    [tables, board?.value, compare],
  );
  return (
    <PrintScreen
      paper={paper}
      onPaper={(next) => navigate(withQuery(route, { paper: next }), "replace")}
      memo={memo}
      wall={{ title: memo.title, board: boards.length > 1 ? (board?.label ?? "") : "", view, people, names }}
      boards={boards}
      board={board?.value ?? ""}
      onBoard={(next) => navigate(withQuery(route, { board: next }), "replace")}
      names={names}
      onNames={setNames}
      backHref={writeRoute({ ...route, id: null, query: {} })}
    />
  );
}

/** The walls, in the order that the plan has them. */
function useBoards(): Option[] {
  const { t, textKey } = useSpeech();
  const things = usePlan((state) => state.tables.things.board);
  const first = usePlan((state) => state.opened.boards);
  return useMemo(() => {
    const named = [...things.values()].map(({ id, fields }) => ({
      value: id,
      label: textIn(fields["title"], textKey) || t("common.untitled"),
    }));
    return named.sort((a, b) => first.indexOf(a.value) - first.indexOf(b.value));
  }, [things, first, textKey, t]);
}
