/** Who is in, who is at the door, and which links are about: sorted and counted for the screen. The core decides. */
import type { Invite, Knock, Member, Milliseconds, Role } from "../../core/api";

/** The roles that a person may have; `relay` is for machines. */
export const PERSON_ROLES = ["editor", "reader", "admin"] as const satisfies Role[];
export type PersonRole = (typeof PERSON_ROLES)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a link may be good for. */
export const LASTING = {
  hours2: 2 * HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
} as const satisfies Record<string, Milliseconds>;
export type Lasting = keyof typeof LASTING;

/** How many may come in by one link. */
export const USES = [1, 5, 15, 40, 100] as const;

/** For how many minutes the door may be opened. */
export const DOOR_MINUTES = [10, 30, 120] as const;

export interface Sorted {
  /** Oneself first, then by name. */
  inside: Member[];
  /** Those who were removed or left. */
  outside: Member[];
}

export function sortMembers(members: readonly Member[], compare: (a: string, b: string) => number): Sorted {
  const people = members
    .filter((member) => member.role !== "relay")
    .sort((a, b) => Number(b.me) - Number(a.me) || compare(a.name, b.name) || compare(a.id, b.id));
  return {
    inside: people.filter((member) => member.is_in),
    outside: people.filter((member) => !member.is_in),
  };
}

/** Whether nobody could let anybody in any more without this member. */
export function isOnlyAdmin(member: Member, members: readonly Member[]): boolean {
  const admins = members.filter((one) => one.is_in && one.role === "admin");
  return admins.length === 1 && admins[0]?.id === member.id;
}

/** The earliest knock first; those who cannot be let in last. */
export function sortKnocks(knocks: readonly Knock[]): Knock[] {
  return [...knocks].sort(
    (a, b) => Number(a.closed !== null) - Number(b.closed !== null) || a.made_ms - b.made_ms,
  );
}

export type InviteState = "open" | "used_up" | "expired" | "closed";

export function inviteState(invite: Invite, now: Milliseconds): InviteState {
  if (invite.expires_at_ms <= now) return "expired";
  if (invite.used >= invite.uses) return "used_up";
  return invite.closed === null ? "open" : "closed";
}

/** Those that still let somebody in, the newest end first, and the others. */
export function sortInvites(
  invites: readonly Invite[],
  now: Milliseconds,
): { open: Invite[]; over: Invite[] } {
  const sorted = [...invites].sort((a, b) => b.expires_at_ms - a.expires_at_ms || (a.id < b.id ? -1 : 1));
  return {
    open: sorted.filter((invite) => inviteState(invite, now) === "open"),
    over: sorted.filter((invite) => inviteState(invite, now) !== "open"),
  };
}

/** Minutes that the door stays open, begun ones counted whole; `null` where it is closed. */
export function doorMinutes(until: Milliseconds | null, now: Milliseconds): number | null {
  return until === null || until <= now ? null : Math.ceil((until - now) / MINUTE_MS);
}

/** A check code in groups, so that it can be read aloud: `482 913`. */
export function sayCode(code: string): string {
  const digits = code.replace(/\s+/g, "");
  if (!/^\d+$/.test(digits)) return code;
  const size = digits.length % 3 === 0 ? 3 : digits.length % 4 === 0 ? 4 : 3;
  return digits.replace(new RegExp(`(\\d{${size}})(?=\\d)`, "g"), "$1 ");
}
