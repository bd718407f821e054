import { CircleX, Clock, DoorOpen } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { Invitation, JoinState } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Dialog } from "../../parts/Dialog";
import { TextField } from "../../parts/Field";
import { Mark } from "../shell/Shell";
import { hostOf } from "./CreatePlan";
import style from "./Join.module.css";
import { isComplete, type You, YouFields } from "./YouFields";

interface PasteLinkProps {
  open: boolean;
  onClose: () => void;
  /** What stands after `#/join/`. */
  onLink: (link: string) => void;
}

export function PasteLink({ open, onClose, onLink }: PasteLinkProps) {
  const { t } = useSpeech();
  const [text, setText] = useState("");
  const go = () => {
    if (text.trim() !== "") onLink(secretOf(text));
  };
  return (
    <Dialog
      title={t("start.join")}
      open={open}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" onPress={go} isDisabled={text.trim() === ""}>
            {t("join.paste_do")}
          </Button>
        </>
      }
    >
      <TextField
        label={t("join.paste")}
        hint={t("start.join_hint")}
        value={text}
        onChange={setText}
        onSubmit={go}
        autoFocus
      />
    </Dialog>
  );
}

/** What stands after `#/join/` in a whole link, or the text as it is. */
export function secretOf(text: string): string {
  return text.trim().replace(/^.*#\/join\//, "");
}

export interface JoinProps {
  invitation: Invitation | null;
  you: You;
  /** How coming in stands, once knocked. */
  join: JoinState | null;
  busy: boolean;
  notices?: ReactNode;
  onKnock: (you: You) => void;
  onOpen: () => void;
  corner: ReactNode;
  startHref: string;
}

/** From a link to inside: who one is, then waiting at the door. */
export function Join(props: JoinProps) {
  const { t } = useSpeech();
  return (
    <div className={style.page}>
      <header className={style.bar}>
        <a href={props.startHref} className={style.brand}>
          <Mark /> {t("app.name")}
        </a>
        {props.corner}
      </header>
      <main className={style.card}>
        {props.notices}
        {props.join ? <AtTheDoor {...props} join={props.join} /> : <Introduce {...props} />}
      </main>
    </div>
  );
}

function Introduce({ invitation, you: known, busy, onKnock, onOpen }: JoinProps) {
  const { t, list } = useSpeech();
  const [you, setYou] = useState(known);
  const [checked, setChecked] = useState(false);
  if (invitation?.known === "ready") {
    return (
      <>
        <h1>{t("join.title")}</h1>
        <p>{t("join.known")}</p>
        <Button look="primary" onPress={onOpen}>
          {t("join.open")}
        </Button>
      </>
    );
  }
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (isComplete(you)) onKnock(you);
      }}
    >
      <div>
        <h1>{t("join.title")}</h1>
        <p className={style.lead}>{t("join.lead")}</p>
      </div>
      <YouFields you={you} onChange={setYou} checked={checked} autoFocus />
      <p className={style.why}>{t("you.why")}</p>
      <Button look="primary" type="submit" isPending={busy} isDisabled={invitation === null} icon={DoorOpen} wide>
        {t("join.do")}
      </Button>
      {invitation !== null && invitation.relays.length > 0 && (
        <p className={style.via}>{t("join.via", { hosts: list(invitation.relays.map(hostOf)) })}</p>
      )}
    </form>
  );
}

function AtTheDoor({ join, onKnock, onOpen, you }: JoinProps & { join: JoinState }) {
  const { t } = useSpeech();
  switch (join.state) {
    case "not_sent":
    case "waiting":
      return (
        <div className={style.door} role="status">
          <DoorOpen aria-hidden className={style.sign} />
          <h1>{t(join.state === "waiting" ? "join.waiting" : "join.not_sent")}</h1>
          {join.state === "not_sent" && <p>{t("join.not_sent_body")}</p>}
          {join.check_code !== null && (
            <>
              <p className={style.codeLabel}>{t("join.check_code")}</p>
              <p className={style.code}>{join.check_code}</p>
              <p className={style.lead}>{t("join.check_hint")}</p>
            </>
          )}
        </div>
      );
    case "admitted":
      return (
        <div className={style.door} role="status">
          <DoorOpen aria-hidden className={style.sign} />
          <h1>{t("join.admitted")}</h1>
          <Button look="primary" onPress={onOpen}>
            {t("join.open")}
          </Button>
        </div>
      );
    case "refused":
      return (
        <Callout tone="lingon" icon={CircleX} title={t("join.refused")}>
          <p>{t("join.refused_body")}</p>
        </Callout>
      );
    case "expired":
      return (
        <Callout
          tone="amber"
          icon={Clock}
          title={t("join.expired")}
          actions={<Button onPress={() => onKnock(you)}>{t("join.again")}</Button>}
        >
          <p>{t("join.refused_body")}</p>
        </Callout>
      );
  }
}
