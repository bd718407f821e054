import { ChevronRight, Crown, Eye, QrCode, TabletSmartphone, UserPlus } from "lucide-react";
import { useState } from "react";

import type { Invite, Knock, LateEntry, Member, Milliseconds, ParticipantView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Empty } from "../../parts/Empty";
import { Page, Panel } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { isOnlyAdmin, sortKnocks } from "../../state/people/membership";
import type { RosterRow, RosterSection } from "../../state/people/roster";
import { type PeopleActions, run } from "./actions";
import { Door, Knocks } from "./Door";
import { type Guest, InviteDialog } from "./InviteDialog";
import { Invites } from "./Invites";
import style from "./People.module.css";
import { PersonDialog } from "./PersonDialog";
import { QrScreen } from "./QrScreen";

export interface PeopleScreenProps {
  plan: string;
  sections: readonly RosterSection[];
  members: readonly Member[];
  outside: readonly Member[];
  knocks: readonly Knock[];
  free: readonly ParticipantView[];
  invites: readonly Invite[];
  door: Milliseconds | null;
  late: readonly LateEntry[];
  now: Milliseconds;
  /** Whether this device lets people in. */
  mayManage: boolean;
  /** Whether there is a relay to come in by. */
  reachable: boolean;
  /** Titles of open commitments, by participant. */
  promised: ReadonlyMap<string, readonly string[]>;
  actions: PeopleActions;
}

export function PeopleScreen(props: PeopleScreenProps) {
  const { plan, sections, members, outside, knocks, invites, now, mayManage, reachable, actions } = props;
  const { t } = useSpeech();
  const [shown, setShown] = useState<string | null>(null);
  const [inviting, setInviting] = useState<Guest | "anybody" | null>(null);
  const [big, setBig] = useState<Invite | null>(null);
  const person = members.find((member) => member.id === shown);
  const mayInvite = mayManage && reachable;
  const alone = members.filter((member) => member.is_in && member.role !== "relay").length <= 1;
  const open = knocks.filter((knock) => knock.closed === null);

  return (
    <Page
      title={t("nav.people")}
      width="wide"
      actions={
        mayInvite && (
          <Button look="primary" icon={UserPlus} onPress={() => setInviting("anybody")}>
            {t("people.invite")}
          </Button>
        )
      }
    >
      {mayManage && <Knocks knocks={sortKnocks(knocks)} free={props.free} actions={actions} />}
      {mayManage && props.late.length > 0 && <Late {...props} />}
      {mayInvite && alone && open.length === 0 && invites.length === 0 && (
        <Empty
          title={t("people.alone_title")}
          drawing={<QrCode size={56} strokeWidth={1.25} />}
        >
          {t("people.alone_body")}
        </Empty>
      )}
      {mayManage && !reachable && (
        <Callout tone="fjord" icon={TabletSmartphone}>
          <p>{t("people.no_relay")}</p>
        </Callout>
      )}
      {mayInvite && (invites.length > 0 || props.door !== null) && (
        <Door door={props.door} now={now} actions={actions} />
      )}
      <div className={style.sections}>
        {sections.map((section) => (
          <Section
            key={section.organisation?.id ?? section.name}
            section={section}
            now={now}
            onOpen={setShown}
            onInvite={mayInvite ? setInviting : null}
          />
        ))}
      </div>
      {mayInvite && sections.some(({ rows }) => rows.some((row) => row.member === null)) && (
        <p className={style.soft}>{t("people.no_device_hint")}</p>
      )}
      {mayManage && (
        <Invites invites={invites} now={now} plan={plan} actions={actions} onBig={setBig} />
      )}
      {outside.length > 0 && (
        <details className={style.details}>
          <summary>{t("people.outside")}</summary>
          <ul className={style.rows}>
            {outside.map((member) => (
              <li key={member.id}>
                {member.name}
                <span className={style.soft}>
                  {" "}
                  {[member.role_title, member.organisation].filter(Boolean).join(", ")}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}

      {person && (
        <PersonDialog
          key={person.id}
          member={person}
          admittedBy={members.find((member) => member.id === person.admitted_by) ?? null}
          mayManage={mayManage}
          onlyAdmin={isOnlyAdmin(person, members)}
          promised={person.participant === null ? [] : (props.promised.get(person.participant) ?? [])}
          actions={actions}
          onClose={() => setShown(null)}
        />
      )}
      {inviting !== null && big === null && (
        <InviteDialog
          plan={plan}
          guest={inviting === "anybody" ? null : inviting}
          actions={actions}
          onBig={setBig}
          onClose={() => setInviting(null)}
        />
      )}
      {big?.link != null && (
        <QrScreen
          link={big.link}
          plan={plan}
          used={invites.find((invite) => invite.id === big.id)?.used ?? big.used}
          waiting={open.length}
          onClose={() => {
            setBig(null);
            setInviting(null);
          }}
        />
      )}
    </Page>
  );
}

interface SectionProps {
  section: RosterSection;
  now: Milliseconds;
  onOpen: (member: string) => void;
  onInvite: ((guest: Guest) => void) | null;
}

function Section({ section, now, onOpen, onInvite }: SectionProps) {
  const { t } = useSpeech();
  const name = section.name || t("people.no_organisation");
  const colour = section.organisation?.colour ?? 0;
  return (
    <section className={style.section} data-org={colour} aria-label={name}>
      <header className={style.sectionHead}>
        <h2 className={style.sectionName}>{name}</h2>
        <span className={style.soft}>{t("people.count", { count: section.rows.length })}</span>
      </header>
      <ul>
        {section.rows.map((row) => (
          <li key={row.id} className={style.person}>
            {row.member === null ? (
              <Named row={row} onInvite={onInvite} />
            ) : (
              <MemberRow row={row} member={row.member} now={now} onOpen={onOpen} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function MemberRow(props: {
  row: RosterRow;
  member: Member;
  now: Milliseconds;
  onOpen: (member: string) => void;
}) {
  const { row, member, onOpen } = props;
  const { t, moment } = useSpeech();
  const seen =
    member.last_seen_ms === null ? t("people.seen_never") : t("people.seen", { when: moment(member.last_seen_ms) });
  return (
    <button type="button" className={style.open} onClick={() => onOpen(member.id)}>
      <span className={style.words}>
        <span className={style.name}>
          {row.name}
          {row.me && <span className={style.you}> {t("people.you")}</span>}
        </span>
        <span className={style.soft}>
          {[row.role_title === row.name ? "" : row.role_title, row.me ? "" : seen]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      {member.role === "admin" && <Pill icon={Crown}>{t("people.role.admin")}</Pill>}
      {member.role === "reader" && <Pill icon={Eye}>{t("people.role.reader")}</Pill>}
      <ChevronRight aria-hidden className={style.chevron} />
    </button>
  );
}

/** Somebody whom the plan names, and as whom nobody came in. */
function Named({ row, onInvite }: { row: RosterRow; onInvite: ((guest: Guest) => void) | null }) {
  const { t } = useSpeech();
  const { participant } = row;
  return (
    <div className={style.named}>
      <span className={style.words}>
        <span className={style.nameOnly}>{row.name}</span>
        <span className={style.soft}>{[row.role_title, t("people.no_device")].filter(Boolean).join(" · ")}</span>
      </span>
      {onInvite && participant !== null && (
        <Button
          size="small"
          look="quiet"
          icon={UserPlus}
          aria-label={t("people.invite_one", { name: row.name })}
          onPress={() => onInvite({ participant, name: row.name })}
        >
          {t("people.invite")}
        </Button>
      )}
    </div>
  );
}

/** Edits whose authors had not heard that they were removed. */
function Late({ late, members, actions }: PeopleScreenProps) {
  const { t } = useSpeech();
  const byMember = new Map<string, number>();
  for (const { member } of late) {
    if (member !== null) byMember.set(member, (byMember.get(member) ?? 0) + 1);
  }
  return (
    <Panel title={t("people.late")}>
      {[...byMember].map(([id, count]) => {
        const name = members.find((member) => member.id === id)?.name ?? t("common.unknown_person");
        return (
          <div key={id} className={style.inviteRow}>
            <div>
              <p className={style.strong}>{t("people.late_count", { count })}</p>
              <p className={style.soft}>{t("people.late_hint", { name })}</p>
            </div>
            <div>
              <Button onPress={() => run(actions.acceptLate(id))}>{t("people.late_accept")}</Button>
            </div>
          </div>
        );
      })}
    </Panel>
  );
}
