import { CircleAlert, CircleCheck, CircleX, Clock } from "lucide-react";
import type { ReactNode } from "react";

import type { Member, RelayStatus, Status, StorageInfo, VerifyReport } from "../../core/api";
import { type Speech, useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Callout } from "../../parts/Callout";
import { Page, Panel } from "../../parts/Page";
import { type FieldCheck, fieldChecks, inUnits, type MemberFacts, memberFacts } from "../../state/status/facts";
import { hostOf } from "../start/CreatePlan";
import style from "./StatusScreen.module.css";

export interface StatusScreenProps {
  status: Status;
  members: readonly Member[];
  storage: StorageInfo | null;
  /** Whether the whole plan is on this device. */
  whole: boolean;
  /** The app starts without a connection too. */
  appKept: boolean | null;
  onKeep: () => void;
  /** The browser was asked and said no. */
  keepRefused: boolean;
  onRetry: () => void;
  onVerify: () => void;
  verifying: boolean;
  report: VerifyReport | null;
}

/** What is where: every line a fact, a durable write, an acknowledgement or a member's own word. */
export function StatusScreen(props: StatusScreenProps) {
  const { status, members } = props;
  const speech = useSpeech();
  const { t } = speech;
  const others = memberFacts(status, members);
  return (
    <Page title={t("nav.status")}>
      <Panel title={t("statuspage.here")}>
        <ul className={style.rows}>
          <Here status={status} onRetry={props.onRetry} />
          <Held status={status} />
        </ul>
      </Panel>
      <Field {...props} />
      <Panel title={t("statuspage.relays")}>
        {status.relays.length === 0 && <p>{t("statuspage.no_relay")}</p>}
        <ul className={style.rows} hidden={status.relays.length === 0}>
          {status.relays.map((relay) => (
            <Row key={relay.url} tone={relay.known && relay.lacking === 0 ? "good" : "waits"}>
              <strong>{hostOf(relay.url)}</strong>
              <span>{relayWords(relay, t)}</span>
              <span className={style.soft}>{contactWords(relay, speech)}</span>
            </Row>
          ))}
        </ul>
      </Panel>
      <Panel title={t("statuspage.members")}>
        {others.length === 0 && <p>{t("statuspage.members_none")}</p>}
        <ul className={style.rows} hidden={others.length === 0}>
          {others.map((facts) => (
            <MemberRow key={facts.member.id} facts={facts} />
          ))}
        </ul>
        {others.length > 0 && <p className={style.soft}>{t("statuspage.as_of")}</p>}
      </Panel>
      <Storage {...props} />
    </Page>
  );
}

/** Whether what was written here is saved, and whether it is anywhere else. */
function Here({ status, onRetry }: { status: Status; onRetry: () => void }) {
  const { t } = useSpeech();
  const failed = status.store_failure !== null;
  const words = failed
    ? t("statuspage.here_failed", { reason: status.store_failure ?? "" })
    : status.unsaved > 0
      ? t("statuspage.here_unsaved", { count: status.unsaved })
      : t("statuspage.here_saved", { count: status.entries_here });
  return (
    <>
      <Row tone={failed ? "bad" : status.unsaved > 0 ? "waits" : "good"}>
        <span>{words}</span>
        {failed && (
          <Button size="small" onPress={onRetry}>
            {t("common.retry")}
          </Button>
        )}
      </Row>
      {status.relays.length > 0 && (
        <Row tone={status.only_here > 0 ? "waits" : "good"}>
          <span>
            {status.only_here > 0
              ? t("statuspage.only_here", { count: status.only_here })
              : t("statuspage.only_here_none")}
          </span>
        </Row>
      )}
    </>
  );
}

/** What came and does not count yet. */
function Held({ status }: { status: Status }) {
  const { t } = useSpeech();
  const held = [
    { count: status.unreadable, words: t("statuspage.unreadable", { count: status.unreadable }) },
    { count: status.waiting, words: t("statuspage.waiting", { count: status.waiting }) },
    { count: status.quarantined, words: t("statuspage.quarantined", { count: status.quarantined }) },
  ].filter(({ count }) => count > 0);
  if (held.length === 0) {
    return (
      <Row tone="good">
        <span>{t("statuspage.nothing_held")}</span>
      </Row>
    );
  }
  return held.map(({ words }) => (
    <Row key={words} tone="waits">
      <span>{words}</span>
    </Row>
  ));
}

function MemberRow({ facts }: { facts: MemberFacts }) {
  const { t, moment } = useSpeech();
  const { member, devices, complete, lackingOwn, lacking, said_ms } = facts;
  const words =
    lackingOwn === null
      ? t("statuspage.member_unknown")
      : lackingOwn === 0
        ? t("statuspage.member_all")
        : t("statuspage.member_lacks", { count: lackingOwn });
  const behind = lackingOwn === 0 && lacking !== null && lacking > 0;
  return (
    <Row tone={lackingOwn === 0 ? "good" : "waits"}>
      <strong>{member.name}</strong>
      <span>{words}</span>
      {behind && <span>{t("statuspage.member_behind", { count: lacking })}</span>}
      <span className={style.soft}>
        {[
          devices > 1 ? t("statuspage.device_count", { there: complete, all: devices }) : "",
          said_ms === null ? "" : t("statuspage.member_said", { when: moment(said_ms) }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </Row>
  );
}

/** What is said of each check where it holds, and where it does not. */
const CHECKS = {
  app: ["statuspage.check_app", "statuspage.lacks_app"],
  here: ["statuspage.check_here", "statuspage.lacks_here"],
  saved: ["statuspage.check_saved", "statuspage.lacks_saved"],
  kept: ["statuspage.check_kept", "statuspage.lacks_kept"],
  sent: ["statuspage.check_sent", "statuspage.lacks_sent"],
} as const satisfies Record<FieldCheck, readonly [string, string]>;

/** Whether one can leave for where there is no connection. */
function Field({ status, storage, whole, appKept, onKeep, keepRefused }: StatusScreenProps) {
  const { t } = useSpeech();
  const checks = fieldChecks(status, storage, whole, appKept);
  const ready = checks.every(({ good }) => good);
  return (
    <section className={style.field} data-ready={ready} aria-label={t("statuspage.field")}>
      <header>
        <h2 className={style.fieldTitle}>{t("statuspage.field")}</h2>
        <p role="status">{t(ready ? "statuspage.field_yes" : "statuspage.field_no")}</p>
      </header>
      <ul className={style.checks}>
        {checks.map(({ check, good }) => (
          <Row key={check} tone={good ? "good" : "bad"}>
            <span>{t(CHECKS[check][good ? 0 : 1])}</span>
          </Row>
        ))}
      </ul>
      {storage && !storage.persisted && (
        <div>
          <Button onPress={onKeep}>{t("statuspage.keep")}</Button>
        </div>
      )}
      {keepRefused && (
        <p className={style.answer} role="status">
          {t("statuspage.keep_no")}
        </p>
      )}
    </section>
  );
}

function Storage({ storage, onVerify, verifying, report }: StatusScreenProps) {
  const speech = useSpeech();
  const { t } = speech;
  const used = storage?.usage_bytes ?? null;
  const quota = storage?.quota_bytes ?? null;
  return (
    <Panel title={t("statuspage.storage")}>
      {storage && (
        <>
          <p className="tabular">
            {used === null || quota === null
              ? t("statuspage.storage_unknown")
              : t("statuspage.storage_used", { used: bytes(used, speech), quota: bytes(quota, speech) })}
          </p>
          {used !== null && quota !== null && quota > 0 && (
            <meter className={style.meter} min={0} max={quota} value={used} aria-label={t("statuspage.storage")} />
          )}
          <p>{t(storage.persisted ? "statuspage.evict_no" : "statuspage.evict_yes")}</p>
        </>
      )}
      <p className={style.soft}>{t("statuspage.verify_hint")}</p>
      <div>
        <Button onPress={onVerify} isPending={verifying}>
          {t("statuspage.verify")}
        </Button>
      </div>
      <div role="status">{report && <Report report={report} />}</div>
    </Panel>
  );
}

function Report({ report }: { report: VerifyReport }) {
  const { t } = useSpeech();
  return report.sound ? (
    <Callout tone="lichen" icon={CircleCheck}>
      <p>{t("statuspage.verify_sound", { count: report.entries })}</p>
    </Callout>
  ) : (
    <Callout tone="lingon" icon={CircleX}>
      <p>{t("statuspage.verify_faults", { count: report.faults.length })}</p>
      <ul>
        {report.faults.map((fault) => (
          <li key={fault.entry}>{fault.reason}</li>
        ))}
      </ul>
    </Callout>
  );
}

const SIGNS = { good: CircleCheck, waits: Clock, bad: CircleAlert };

function Row({ tone, children }: { tone: keyof typeof SIGNS; children: ReactNode }) {
  const Sign = SIGNS[tone];
  return (
    <li className={style.row}>
      <Sign aria-hidden className={style[tone]} />
      <div className={style.words}>{children}</div>
    </li>
  );
}

function relayWords(relay: RelayStatus, t: Speech["t"]): string {
  if (!relay.known) return t("statuspage.relay_unknown");
  if (relay.lacking === 0) return t("statuspage.relay_all");
  return t("statuspage.relay_lacks", { count: relay.lacking, own: relay.lacking_own });
}

function contactWords(relay: RelayStatus, { t, moment }: Speech): string {
  const words = [t(`connection.${relay.connection}`)];
  if (!relay.connected && relay.last_contact_ms !== null) {
    words.push(t("statuspage.last_contact", { when: moment(relay.last_contact_ms) }));
  }
  if (!relay.connected && relay.trouble !== null) {
    words.push(t("statuspage.trouble", { reason: relay.trouble }));
  }
  return words.join(" · ");
}

function bytes(count: number, { number }: Speech): string {
  const { value, unit } = inUnits(count);
  return `${number(value)} ${unit}`;
}
