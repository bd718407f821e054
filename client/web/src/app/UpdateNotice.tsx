import { Sparkles } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";

import { useSpeech } from "../i18n/intl";
import { Button } from "../parts/Button";
import type { Updates } from "../state/updates";
import style from "./UpdateNotice.module.css";

/** That a newer app is here, in words and a button; the page is never pulled away from under somebody who writes. */
export function UpdateNotice({ updates }: { updates: Updates }) {
  const { t } = useSpeech();
  const newer = useStore(updates.store, (state) => state.newer);
  const leaving = useStore(updates.store, (state) => state.leaving);
  const [later, setLater] = useState(false);
  const [failed, setFailed] = useState(false);
  if (newer === null || later) return null;
  const take = () => {
    setFailed(false);
    updates.take().catch(() => setFailed(true));
  };
  return (
    <aside className={style.notice} aria-label={t("update.title")}>
      <Sparkles aria-hidden className={style.sign} />
      <p role="status">
        {failed ? t("update.failed") : t(newer === "waiting" ? "update.waiting" : "update.taken")}
      </p>
      <Button size="small" look="primary" isDisabled={leaving} onPress={take}>
        {t(leaving ? "update.leaving" : "update.take")}
      </Button>
      <Button size="small" look="quiet" onPress={() => setLater(true)}>
        {t("update.later")}
      </Button>
    </aside>
  );
}
