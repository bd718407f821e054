import { X } from "lucide-react";
import { type ReactNode, use } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { useSpeech } from "../i18n/intl";
import { IconButton } from "./Button";
import style from "./Dialog.module.css";
import { classes } from "./classes";
import { FailureContext } from "./failure";

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the end, the main one last. */
  actions?: ReactNode;
  /** `full` takes the screen: to be seen from the back row. */
  size?: "normal" | "wide" | "full";
  /** For questions whose answer matters: a press outside does not close it. */
  alert?: boolean;
}

/** A panel over the rest: from below on phones, in the middle elsewhere. What goes wrong is said above its buttons. */
export function Dialog({ title, open, onClose, children, actions, size = "normal", alert }: DialogProps) {
  const { t } = useSpeech();
  const failure = use(FailureContext);
  return (
    <ModalOverlay
      className={style.scrim}
      isOpen={open}
      onOpenChange={(stays) => {
        if (!stays) onClose();
      }}
      isDismissable={!alert}
    >
      <Modal className={classes(style.modal, style[size])}>
        <AriaDialog className={style.dialog} role={alert ? "alertdialog" : "dialog"}>
          <header className={style.head}>
            <Heading slot="title" level={2} className={style.title}>
              {title}
            </Heading>
            <IconButton icon={X} label={t("common.close")} onPress={onClose} />
          </header>
          <div className={style.body}>{children}</div>
          {failure !== null && <div className={style.failure}>{failure}</div>}
          {actions !== undefined && <footer className={style.foot}>{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
