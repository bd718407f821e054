import { useState } from "react";

import type { ExportedFile, ExportRequest, ImportRequest } from "../core/api";
import { FilesScreen } from "../screens/files/FilesScreen";
import { usePlan, useSession } from "./context";
import { useMayEdit } from "./usePeople";

export default function FilesPage() {
  const session = useSession();
  const mayEdit = useMayEdit();
  const me = usePlan((state) => state.opened.participant);
  const [brought, setBrought] = useState<number | null>(null);

  async function take(request: ImportRequest) {
    const outcome = await session.attempt(() => session.core.importFile(session.id, request));
    setBrought(outcome.entities.length);
  }

  async function give(request: ExportRequest) {
    download(await session.attempt(() => session.core.exportFile(session.id, request)));
  }

  async function takeFile(file: File) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const format = file.name.toLowerCase().endsWith(".csv") ? "csv" : "json";
    await take({ format, bytes });
  }

  // What fails is told where every failure is (`session.attempt`); there is nothing to add here.
  const told = () => undefined;
  return (
    <FilesScreen
      mayEdit={mayEdit}
      me={me}
      onExport={(request) => void give(request).catch(told)}
      onFile={(file) => void takeFile(file).catch(told)}
      onLines={(text) => take({ format: "lines", text })}
      brought={brought}
    />
  );
}

function download(file: ExportedFile) {
  const address = URL.createObjectURL(new Blob([file.bytes as Uint8Array<ArrayBuffer>], { type: file.type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(address);
}
