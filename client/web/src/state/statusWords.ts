/** The status pill: what the core's figures say, in the fewest words that are true. */
import type { Member, Status } from "../core/api";
import type { Speech } from "../i18n/intl";

export interface StatusWords {
  tone: "lichen" | "amber" | "lingon" | "plain";
  /** Each a fact, the nearest first. */
  parts: string[];
  /** What is said where there is room for little. */
  short: string;
}

export function statusWords(status: Status | null, members: readonly Member[], { t }: Speech): StatusWords {
  if (!status) return { tone: "plain", parts: [t("common.loading")], short: t("common.loading") };
  if (status.store_failure !== null) {
    return { tone: "lingon", parts: [t("status.not_saved")], short: t("status.not_saved") };
  }
  if (status.unsaved > 0) return { tone: "plain", parts: [t("status.saving")], short: t("status.saving") };

  const saved = t("status.saved_here");
  if (status.relays.length === 0) {
    return { tone: "plain", parts: [saved, t("status.local_only")], short: saved };
  }
  const connected = status.relays.some((relay) => relay.connected);
  const parts = [saved];
  if (status.only_here > 0) parts.push(t("status.not_sent", { count: status.only_here }));
  else parts.push(t("status.at_relay"));
  if (!connected) parts.push(t("status.offline"));
  const others = withOthers(status, members);
  if (others.all > 0 && status.only_here === 0) parts.push(t("status.with_others", others));
  const short = status.only_here > 0 || !connected ? (parts[1] ?? saved) : (parts.at(-1) ?? saved);
  return { tone: status.only_here > 0 ? "amber" : connected ? "lichen" : "plain", parts, short };
}

/** How many of the other members have, on some device, everything that was written here. */
export function withOthers(status: Status, members: readonly Member[]): { there: number; all: number } {
  const others = members.filter((member) => member.is_in && !member.me);
  const has = (id: string) =>
    status.devices.some(
      (device) => device.member === id && device.said_ms !== null && device.lacking_own === 0,
    );
  return { there: others.filter((member) => has(member.id)).length, all: others.length };
}
