import { Copy, Maximize2, Share2 } from "lucide-react";
import { useState } from "react";

import type { Invite } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Choice } from "../../parts/Field";
import { LASTING, type Lasting, PERSON_ROLES, type PersonRole, USES } from "../../state/people/membership";
import { type PeopleActions, run } from "./actions";
import style from "./People.module.css";
import { Qr } from "./QrScreen";

/** For whom a link is: anybody, or one participant of the plan. */
export interface Guest {
  participant: string;
  name: string;
}

interface InviteDialogProps {
  plan: string;
  guest: Guest | null;
  actions: PeopleActions;
  onBig: (invite: Invite) => void;
  onClose: () => void;
}

/** Makes a link, and shows it. */
export function InviteDialog({ plan, guest, actions, onBig, onClose }: InviteDialogProps) {
  const { t } = useSpeech();
  const [role, setRole] = useState<PersonRole>("editor");
  const [lasting, setLasting] = useState<Lasting>("week");
  const [uses, setUses] = useState(String(guest ? 1 : 40));
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Invite | null>(null);

  async function make() {
    setBusy(true);
    try {
      const request = { role, expires_at_ms: Date.now() + LASTING[lasting], uses: Number(uses) };
      setMade(
        await actions.invite(guest === null ? request : { ...request, participant: guest.participant }),
      );
    } finally {
      setBusy(false);
    }
  }

  if (made?.link != null) {
    const link = made.link;
    return (
      <Dialog
        title={t("people.invite_ready")}
        open
        onClose={onClose}
        actions={
          <>
            <LinkButtons link={link} plan={plan} />
            <Button look="primary" icon={Maximize2} onPress={() => onBig(made)}>
              {t("people.qr_big")}
            </Button>
          </>
        }
      >
        <p>
          {guest !== null && `${t("people.invite_for", { name: guest.name })} `}
          {t("people.invite_ready_hint")}
        </p>
        <div className={style.qrSmall}>
          <Qr link={link} plan={plan} />
        </div>
        <Link link={link} />
      </Dialog>
    );
  }

  return (
    <Dialog
      title={t("people.invite_title")}
      open
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" isPending={busy} onPress={() => run(make())}>
            {t("people.invite_make")}
          </Button>
        </>
      }
    >
      {guest !== null && <p>{t("people.invite_for", { name: guest.name })}</p>}
      <Choice
        label={t("people.invite_role")}
        value={role}
        onChange={setRole}
        options={PERSON_ROLES.map((one) => ({
          value: one,
          label: t(`people.role.${one}`),
          hint: t(`people.role_hint.${one}`),
        }))}
      />
      <Choice
        label={t("people.invite_lasts")}
        look="bar"
        value={lasting}
        onChange={setLasting}
        options={(Object.keys(LASTING) as Lasting[]).map((one) => ({
          value: one,
          label: t(`people.lasts.${one}`),
        }))}
      />
      {guest === null && (
        <Choice
          label={t("people.invite_many")}
          look="bar"
          value={uses}
          onChange={setUses}
          options={USES.map((count) => ({ value: String(count), label: String(count) }))}
        />
      )}
    </Dialog>
  );
}

/** The link itself, to be marked by hand where copying is not allowed. */
function Link({ link }: { link: string }) {
  const { t } = useSpeech();
  return (
    <label className={style.link}>
      <span className={style.soft}>{t("people.invite_link")}</span>
      <input
        readOnly
        value={link}
        className={style.linkText}
        spellCheck={false}
        onFocus={(event) => event.currentTarget.select()}
      />
    </label>
  );
}

/** Copies the link, or hands it to the device's own sharing where there is such. */
export function LinkButtons({ link, plan }: { link: string; plan: string }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  const text = { title: plan, text: t("people.invite_text", { plan }), url: link };
  const shares = "share" in navigator && "canShare" in navigator && navigator.canShare(text);
  return (
    <>
      {shares && (
        <Button
          icon={Share2}
          // Whoever changes their mind in the device's own dialog needs no word about it.
          onPress={() => run(navigator.share(text))}
        >
          {t("people.invite_share")}
        </Button>
      )}
      <Button
        icon={Copy}
        onPress={() => run(navigator.clipboard.writeText(link).then(() => setCopied(true)))}
      >
        <span role="status">{t(copied ? "common.copied" : "people.invite_copy")}</span>
      </Button>
    </>
  );
}
