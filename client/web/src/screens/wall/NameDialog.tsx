import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { TextField } from "../../parts/Field";

interface NameDialogProps {
  title: string;
  label: string;
  /** What the button says. */
  action: string;
  initial?: string;
  onClose: () => void;
  onName: (name: string) => void;
}

/** Asks for a name. */
export function NameDialog({ title, label, action, initial = "", onClose, onName }: NameDialogProps) {
  const { t } = useSpeech();
  const [name, setName] = useState(initial);
  const done = () => {
    if (name.trim() === "") return;
    onName(name.trim());
    onClose();
  };
  return (
    <Dialog
      title={title}
      open
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" onPress={done} isDisabled={name.trim() === ""}>
            {action}
          </Button>
        </>
      }
    >
      <TextField label={label} value={name} onChange={setName} onSubmit={done} autoFocus />
    </Dialog>
  );
}
