import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Checkbox } from "../../parts/Field";
import style from "./Settings.module.css";

interface LeaveDialogProps {
  plan: string;
  promised: readonly string[];
  onLeave: () => Promise<void>;
  onClose: () => void;
}

export function LeaveDialog({ plan, promised, onLeave, onClose }: LeaveDialogProps) {
  const { t } = useSpeech();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      title={t("settings.leave_title", { plan })}
      open
      alert
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button
            look="attention"
            isPending={busy}
            onPress={() => {
              setBusy(true);
              void onLeave()
                .then(onClose)
                .catch(() => undefined)
                .finally(() => setBusy(false));
            }}
          >
            {t("settings.leave")}
          </Button>
        </>
      }
    >
      <ul className={style.meaning}>
        <li>{t("settings.leave_1")}</li>
        <li>{t("settings.leave_2")}</li>
        <li>{t("settings.leave_3")}</li>
        <li>{t("settings.leave_4")}</li>
      </ul>
      {promised.length > 0 && (
        <div className={style.promised}>
          <p>
            <strong>{t("settings.leave_open", { count: promised.length })}</strong>
          </p>
          <ul className={style.meaning}>
            {promised.map((title, at) => (
              <li key={at}>{title}</li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

interface WipeDialogProps {
  plans: number;
  unsent: number;
  onWipe: () => Promise<void>;
  onClose: () => void;
}

export function WipeDialog({ plans, unsent, onWipe, onClose }: WipeDialogProps) {
  const { t } = useSpeech();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      title={t("settings.wipe_title")}
      open
      alert
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button
            look="attention"
            isDisabled={!sure}
            isPending={busy}
            onPress={() => {
              setBusy(true);
              void onWipe()
                .catch(() => undefined)
                .finally(() => setBusy(false));
            }}
          >
            {t("settings.wipe")}
          </Button>
        </>
      }
    >
      <ul className={style.meaning}>
        <li>{t("settings.wipe_1", { count: plans })}</li>
        <li>
          {t("settings.wipe_2")}
          {unsent > 0 && <strong> {t("settings.wipe_unsent", { count: unsent })}</strong>}
        </li>
        <li>{t("settings.wipe_3")}</li>
      </ul>
      <Checkbox isSelected={sure} onChange={setSure}>
        {t("settings.wipe_sure")}
      </Checkbox>
    </Dialog>
  );
}
