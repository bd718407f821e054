import { Check, DoorClosed, DoorOpen } from "lucide-react";
import { useState } from "react";

import type { Knock, Milliseconds, ParticipantView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Panel } from "../../parts/Page";
import { Select } from "../../parts/Select";
import { DOOR_MINUTES, doorMinutes, sayCode } from "../../state/people/membership";
import { type PeopleActions, run } from "./actions";
import style from "./People.module.css";

/** Whoever knocks, the longest waiting first. */
export function Knocks({
  knocks,
  free,
  actions,
}: {
  knocks: readonly Knock[];
  free: readonly ParticipantView[];
  actions: PeopleActions;
}) {
  const { t } = useSpeech();
  if (knocks.length === 0) return null;
  return (
    <section className={style.knocks} aria-label={t("people.knocking")}>
      <header>
        <h2 className={style.knocksTitle}>{t("people.knocking")}</h2>
        <p className={style.soft}>{t("people.knocking_hint")}</p>
      </header>
      <ul className={style.knockList}>
        {knocks.map((knock) => (
          <KnockRow key={knock.device} knock={knock} free={free} actions={actions} />
        ))}
      </ul>
    </section>
  );
}

function KnockRow({
  knock,
  free,
  actions,
}: {
  knock: Knock;
  free: readonly ParticipantView[];
  actions: PeopleActions;
}) {
  const { t, moment, compare } = useSpeech();
  const [who, setWho] = useState("");
  const [busy, setBusy] = useState(false);
  const options = [
    { value: "", label: t("people.is_new"), hint: [knock.role_title, knock.organisation].filter(Boolean).join(", ") },
    ...free
      .map((view) => ({ value: view.id, label: view.role_title, hint: view.organisation_name }))
      .sort((a, b) => compare(a.label, b.label)),
  ];

  function answer(act: Promise<void>) {
    setBusy(true);
    run(act.finally(() => setBusy(false)));
  }

  return (
    <li className={style.knock}>
      <div className={style.knockWho}>
        <p className={style.knockName}>{knock.name}</p>
        <p>{[knock.role_title, knock.organisation].filter(Boolean).join(", ")}</p>
        <p className={style.soft}>
          {[
            knock.role === null ? "" : t("people.wants", { role: t(`people.role.${knock.role}`) }),
            t("people.knocked", { when: moment(knock.made_ms) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <p className={style.code} aria-label={t("people.check_code", { code: knock.check_code })}>
        {sayCode(knock.check_code)}
      </p>
      {knock.closed === null ? (
        <>
          {options.length > 1 && (
            <div className={style.knockIs}>
              <Select label={t("people.is_who")} value={who} onChange={setWho} options={options} />
            </div>
          )}
          <div className={style.knockActs}>
            <Button isDisabled={busy} onPress={() => answer(actions.refuse(knock.device))}>
              {t("people.refuse")}
            </Button>
            <Button
              look="primary"
              icon={Check}
              isPending={busy}
              onPress={() => answer(actions.admit(knock.device, who === "" ? null : who))}
            >
              {t("people.admit")}
            </Button>
          </div>
        </>
      ) : (
        <p className={style.knockActs}>{knock.closed}</p>
      )}
    </li>
  );
}

/** Whether everybody with a link comes in without asking, and for how long. */
export function Door({
  door,
  now,
  actions,
}: {
  door: Milliseconds | null;
  now: Milliseconds;
  actions: PeopleActions;
}) {
  const { t, moment } = useSpeech();
  const left = doorMinutes(door, now);
  if (left !== null && door !== null) {
    return (
      <section className={style.doorOpen} aria-label={t("people.door")}>
        <DoorOpen aria-hidden className={style.doorSign} />
        <div className={style.doorWords} role="status">
          <h2 className={style.panelTitle}>{t("people.door_open", { until: moment(door) })}</h2>
          <p className={style.doorLeft}>{t("people.door_left", { count: left })}</p>
        </div>
        <Button look="attention" icon={DoorClosed} onPress={() => run(actions.closeDoor())}>
          {t("people.door_close")}
        </Button>
      </section>
    );
  }
  return (
    <Panel title={t("people.door")}>
      <p className={style.soft}>{t("people.door_hint")}</p>
      <div className={style.buttons}>
        {DOOR_MINUTES.map((minutes) => (
          <Button key={minutes} icon={DoorOpen} onPress={() => run(actions.openDoor(minutes))}>
            {t("people.door_for", { count: minutes })}
          </Button>
        ))}
      </div>
    </Panel>
  );
}
