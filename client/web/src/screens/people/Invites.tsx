import { QrCode, Undo2 } from "lucide-react";
import { useState } from "react";

import type { Invite, Milliseconds } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Panel } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { inviteState, sortInvites } from "../../state/people/membership";
import { type PeopleActions, run } from "./actions";
import { LinkButtons } from "./InviteDialog";
import style from "./People.module.css";

interface InvitesProps {
  invites: readonly Invite[];
  now: Milliseconds;
  plan: string;
  actions: PeopleActions;
  onBig: (invite: Invite) => void;
}

/** Links that are about. */
export function Invites({ invites, now, plan, actions, onBig }: InvitesProps) {
  const { t } = useSpeech();
  const [revoking, setRevoking] = useState<Invite | null>(null);
  const { open, over } = sortInvites(invites, now);
  if (invites.length === 0) return null;
  return (
    <Panel title={t("people.invites")}>
      {open.length === 0 && <p className={style.soft}>{t("people.invites_none")}</p>}
      <ul className={style.rows}>
        {open.map((invite) => (
          <li key={invite.id} className={style.inviteRow}>
            <InviteWords invite={invite} now={now} />
            <div className={style.buttons}>
              {invite.link === null ? (
                <p className={style.soft}>{t("people.invite_elsewhere")}</p>
              ) : (
                <>
                  <Button size="small" icon={QrCode} onPress={() => onBig(invite)}>
                    {t("people.invite_show")}
                  </Button>
                  <LinkButtons link={invite.link} plan={plan} />
                </>
              )}
              <Button size="small" look="quiet" icon={Undo2} onPress={() => setRevoking(invite)}>
                {t("people.invite_revoke")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {over.length > 0 && (
        <details className={style.details}>
          <summary>{t("people.invites_over", { count: over.length })}</summary>
          <ul className={style.rows}>
            {over.map((invite) => (
              <li key={invite.id} className={style.inviteRow}>
                <InviteWords invite={invite} now={now} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <Dialog
        title={t("people.invite_revoke_title")}
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        alert
        actions={
          <>
            <Button onPress={() => setRevoking(null)}>{t("common.cancel")}</Button>
            <Button
              look="attention"
              onPress={() => {
                if (revoking) run(actions.revoke(revoking.id));
                setRevoking(null);
              }}
            >
              {t("people.invite_revoke")}
            </Button>
          </>
        }
      >
        <p>{t("people.invite_revoke_body")}</p>
      </Dialog>
    </Panel>
  );
}

function InviteWords({ invite, now }: { invite: Invite; now: Milliseconds }) {
  const { t, moment } = useSpeech();
  const state = inviteState(invite, now);
  const end = {
    open: () => t("people.invite_until", { when: moment(invite.expires_at_ms) }),
    expired: () => t("people.invite_expired", { when: moment(invite.expires_at_ms) }),
    used_up: () => t("people.invite_used_up"),
    closed: () => t("people.invite_closed"),
  }[state];
  return (
    <p className={style.inviteWords}>
      <Pill tone={state === "open" ? "spruce" : "plain"}>{t(`people.role.${invite.role}`)}</Pill>
      <span>{t("people.invite_used", { used: invite.used, uses: invite.uses })}</span>
      <span className={style.soft}>{end()}</span>
    </p>
  );
}
