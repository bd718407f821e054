import { CircleAlert, Smartphone, Trash2, UserCog } from "lucide-react";
import { useState } from "react";

import type { Member, Role } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Dialog } from "../../parts/Dialog";
import { Choice } from "../../parts/Field";
import { PERSON_ROLES } from "../../state/people/membership";
import { type PeopleActions, run } from "./actions";
import style from "./People.module.css";

interface PersonDialogProps {
  member: Member;
  /** By whom they were let in; `null` for whoever began the plan. */
  admittedBy: Member | null;
  mayManage: boolean;
  /** Nobody else could let anybody in. */
  onlyAdmin: boolean;
  /** Titles of their commitments that are still open. */
  promised: readonly string[];
  actions: PeopleActions;
  onClose: () => void;
}

type Asking = { what: "role" } | { what: "remove" } | { what: "device"; id: string } | null;

/** Who somebody is in the plan, and what may be done about it. */
export function PersonDialog(props: PersonDialogProps) {
  const { member, admittedBy, mayManage, onlyAdmin, actions, onClose } = props;
  const { t, moment } = useSpeech();
  const [asking, setAsking] = useState<Asking>(null);
  const [busy, setBusy] = useState(false);
  const back = () => setAsking(null);

  function act(doing: Promise<void>, then: () => void) {
    setBusy(true);
    run(doing.then(then).finally(() => setBusy(false)));
  }

  if (asking?.what === "role") {
    return (
      <RoleQuestion
        member={member}
        busy={busy}
        onBack={back}
        onRole={(role) => act(actions.changeRole(member.id, role), back)}
      />
    );
  }
  if (asking?.what === "remove") {
    return (
      <RemoveQuestion
        member={member}
        promised={props.promised}
        busy={busy}
        onBack={back}
        onRemove={() => act(actions.removeMember(member.id), onClose)}
      />
    );
  }
  if (asking?.what === "device") {
    const { id } = asking;
    return (
      <Dialog
        title={t("people.device_remove_title", { id: short(id) })}
        open
        alert
        onClose={back}
        actions={
          <>
            <Button onPress={back}>{t("common.cancel")}</Button>
            <Button
              look="attention"
              isPending={busy}
              onPress={() => act(actions.removeDevice(id), back)}
            >
              {t("common.remove")}
            </Button>
          </>
        }
      >
        <p>{t("people.device_remove_body")}</p>
      </Dialog>
    );
  }

  const devicesIn = member.devices.filter((device) => device.is_in);
  return (
    <Dialog title={member.name} open onClose={onClose}>
      <div>
        <p>{[member.role_title, member.organisation].filter(Boolean).join(", ")}</p>
        <p className={style.soft}>
          {admittedBy === null
            ? t("people.founder")
            : t("people.admitted_by", { name: admittedBy.name })}
        </p>
      </div>
      <div>
        <p className={style.strong}>{t(`people.role.${member.role}`)}</p>
        {member.role !== "relay" && <p className={style.soft}>{t(`people.role_hint.${member.role}`)}</p>}
      </div>
      <div>
        <p className={style.strong}>{t("people.devices", { count: devicesIn.length })}</p>
        {!member.me && (
          <p className={style.soft}>
            {member.last_seen_ms === null
              ? t("people.seen_never")
              : t("people.seen", { when: moment(member.last_seen_ms) })}
            . {t("people.seen_hint")}
          </p>
        )}
        <ul className={style.rows}>
          {member.devices.map((device) => (
            <li key={device.id} className={style.device}>
              <Smartphone aria-hidden />
              <span className={style.deviceName}>
                {t("people.device", { id: short(device.id) })}
                {device.this_device && <span className={style.soft}> · {t("people.this_device")}</span>}
                {!device.is_in && <span className={style.soft}> · {t("people.device_out")}</span>}
              </span>
              {device.is_in && !device.this_device && (mayManage || member.me) && (
                <Button
                  size="small"
                  look="quiet"
                  onPress={() => setAsking({ what: "device", id: device.id })}
                >
                  {t("people.device_remove")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
      {mayManage && member.is_in && onlyAdmin && (
        <Callout tone="fjord" icon={CircleAlert}>
          <p>{t("people.only_admin")}</p>
        </Callout>
      )}
      {mayManage && member.is_in && !onlyAdmin && (
        <div className={style.buttons}>
          <Button icon={UserCog} onPress={() => setAsking({ what: "role" })}>
            {t("people.change_role", { name: member.name })}
          </Button>
          {!member.me && (
            <Button look="quiet" icon={Trash2} onPress={() => setAsking({ what: "remove" })}>
              {t("people.remove")}
            </Button>
          )}
        </div>
      )}
    </Dialog>
  );
}

function RoleQuestion(props: {
  member: Member;
  busy: boolean;
  onBack: () => void;
  onRole: (role: Role) => void;
}) {
  const { t } = useSpeech();
  const [role, setRole] = useState<Role>(props.member.role);
  return (
    <Dialog
      title={t("people.role_title", { name: props.member.name })}
      open
      onClose={props.onBack}
      actions={
        <>
          <Button onPress={props.onBack}>{t("common.cancel")}</Button>
          <Button
            look="primary"
            isPending={props.busy}
            isDisabled={role === props.member.role}
            onPress={() => props.onRole(role)}
          >
            {t("common.save")}
          </Button>
        </>
      }
    >
      <Choice<Role>
        label={t("people.invite_role")}
        labelHidden
        value={role}
        onChange={setRole}
        options={PERSON_ROLES.map((one) => ({
          value: one,
          label: t(`people.role.${one}`),
          hint: t(`people.role_hint.${one}`),
        }))}
      />
    </Dialog>
  );
}

function RemoveQuestion(props: {
  member: Member;
  promised: readonly string[];
  busy: boolean;
  onBack: () => void;
  onRemove: () => void;
}) {
  const { t } = useSpeech();
  const { name } = props.member;
  return (
    <Dialog
      title={t("people.remove_title", { name })}
      open
      alert
      onClose={props.onBack}
      actions={
        <>
          <Button onPress={props.onBack}>{t("common.cancel")}</Button>
          <Button look="attention" isPending={props.busy} onPress={props.onRemove}>
            {t("people.remove_do", { name })}
          </Button>
        </>
      }
    >
      <p>{t("people.remove_what")}</p>
      <ul className={style.meaning}>
        <li>{t("people.remove_1", { name })}</li>
        <li>{t("people.remove_2")}</li>
        <li>{t("people.remove_3")}</li>
        <li>{t("people.remove_4")}</li>
      </ul>
      {props.promised.length > 0 && (
        <div className={style.promised}>
          <p className={style.strong}>{t("people.remove_open", { count: props.promised.length, name })}</p>
          <ul className={style.meaning}>
            {props.promised.map((title) => (
              <li key={title}>{title}</li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

const SHORT = 8;

/** As much of a device's id as tells it from a person's others. */
function short(id: string): string {
  return id.slice(0, SHORT);
}
