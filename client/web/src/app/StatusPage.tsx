import { useEffect, useState } from "react";
import { useStore } from "zustand";

import type { StorageInfo, VerifyReport } from "../core/api";
import { StatusScreen } from "../screens/status/StatusScreen";
import { useApp, usePlan, useSession } from "./context";

export default function StatusPage() {
  const { core, updates } = useApp();
  const session = useSession();
  const status = usePlan((state) => state.status);
  const members = usePlan((state) => state.members);
  const whole = usePlan((state) => state.opened.ready);
  const appKept = useStore(updates.store, (state) => state.kept);
  const [storage, setStorage] = useState<StorageInfo | null>(null);
  const [keepRefused, setKeepRefused] = useState(false);
  const [verifying, setVerifying] = useState(false);
  const [report, setReport] = useState<VerifyReport | null>(null);

  useEffect(() => {
    let here = true;
    void session
      .attempt(() => core.storage())
      .then((info) => {
        if (here) setStorage(info);
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [core, session, status]);

  async function keep() {
    const kept = await session.attempt(() => core.persistStorage());
    setKeepRefused(!kept);
    setStorage(await session.attempt(() => core.storage()));
  }

  async function verify() {
    setVerifying(true);
    try {
      setReport(await session.attempt(() => core.verify(session.id)));
    } finally {
      setVerifying(false);
    }
  }

  if (!status) return null;
  return (
    <StatusScreen
      status={status}
      members={members}
      storage={storage}
      whole={whole}
      appKept={appKept}
      onKeep={() => void keep().catch(() => undefined)}
      keepRefused={keepRefused}
      onRetry={() => void session.attempt(() => core.retry(session.id)).catch(() => undefined)}
      onVerify={() => void verify().catch(() => undefined)}
      verifying={verifying}
      report={report}
    />
  );
}
