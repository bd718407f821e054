/** What the core's figures mean for one reader: nothing here guesses. */
import type { Member, Milliseconds, Status, StorageInfo } from "../../core/api";

export interface MemberFacts {
  member: Member;
  devices: number;
  /** Devices that have everything that was written here. */
  complete: number;
  /** What the nearest of their devices lacks of what was written here; `null` where none ever said what it has. */
  lackingOwn: number | null;
  /** The same of everything that is here. */
  lacking: number | null;
  /** When that device said so, by its own clock. */
  said_ms: Milliseconds | null;
}

/** The other members, each with what their nearest device last said that it has. */
export function memberFacts(status: Status, members: readonly Member[]): MemberFacts[] {
  return members
    .filter((member) => member.is_in && !member.me && member.role !== "relay")
    .map((member) => {
      const devices = status.devices.filter((device) => device.member === member.id);
      const said = devices.filter((device) => device.said_ms !== null);
      const [nearest] = [...said].sort((a, b) => a.lacking_own - b.lacking_own || a.lacking - b.lacking);
      return {
        member,
        devices: devices.length,
        complete: said.filter((device) => device.lacking_own === 0).length,
        lackingOwn: nearest?.lacking_own ?? null,
        lacking: nearest?.lacking ?? null,
        said_ms: nearest?.said_ms ?? null,
      };
    });
}

export type FieldCheck = "app" | "here" | "saved" | "kept" | "sent";

/** What has to hold before one goes where there is no connection. */
export function fieldChecks(
  status: Status,
  storage: StorageInfo | null,
  whole: boolean,
  /** The app itself is kept on this device; `null` where this browser keeps none. */
  appKept: boolean | null,
): { check: FieldCheck; good: boolean }[] {
  return [
    { check: "app", good: appKept ?? false },
    { check: "here", good: whole && status.unreadable === 0 && status.waiting === 0 },
    { check: "saved", good: status.unsaved === 0 && status.store_failure === null },
    { check: "kept", good: storage?.persisted ?? false },
    { check: "sent", good: status.relays.length === 0 || status.only_here === 0 },
  ];
}

const STEP = 1_000;

/** A number of bytes in the largest unit that leaves it at least one, rounded to a tenth. */
export function inUnits(bytes: number): { value: number; unit: "B" | "kB" | "MB" | "GB" } {
  const units = ["B", "kB", "MB", "GB"] as const;
  let value = bytes;
  let at = 0;
  while (value >= STEP && at < units.length - 1) {
    value /= STEP;
    at += 1;
  }
  return { value: Math.round(value * 10) / 10, unit: units[at] ?? "GB" };
}
