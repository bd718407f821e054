import { X } from "lucide-react";
import { useMemo } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { useSpeech } from "../../i18n/intl";
import { IconButton } from "../../parts/Button";
import { qrCode } from "../../state/people/qr";
import style from "./Qr.module.css";

/** A link for cameras. Always dark on white: readers want it so, whatever the light of the screen. */
export function Qr({ link, plan }: { link: string; plan: string }) {
  const { t } = useSpeech();
  const { size, path } = useMemo(() => qrCode(link), [link]);
  return (
    <svg
      className={style.qr}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={t("people.qr_alt", { plan })}
    >
      <rect width={size} height={size} className={style.paper} />
      <path d={path} className={style.fields} />
    </svg>
  );
}

/** As large as the screen gives: read from the back row. */
export function QrScreen(props: {
  link: string;
  plan: string;
  /** How many came in by this link, and how many wait at the door. */
  used: number;
  waiting: number;
  onClose: () => void;
}) {
  const { t } = useSpeech();
  return (
    <ModalOverlay className={style.overlay} isOpen onOpenChange={(stays) => stays || props.onClose()}>
      <Modal className={style.modal}>
        <Dialog className={style.screen}>
          <header className={style.head}>
            <Heading slot="title" level={2} className={style.title}>
              {props.plan}
            </Heading>
            <IconButton icon={X} label={t("common.close")} onPress={props.onClose} />
          </header>
          <div className={style.middle}>
            <Qr link={props.link} plan={props.plan} />
          </div>
          <footer className={style.foot}>
            <p className={style.how}>{t("people.qr_how")}</p>
            <p role="status">
              {t("people.qr_in", { count: props.used })}
              {props.waiting > 0 && ` · ${t("people.qr_waiting", { count: props.waiting })}`}
            </p>
          </footer>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
