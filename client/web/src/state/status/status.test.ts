import { expect, it } from "vitest";

import type { DeviceStatus, Member, Status } from "../../core/api";
import { fieldChecks, inUnits, memberFacts } from "./facts";
import { blankStatus } from "../../core/testing/blank";

const status: Status = {
  ...blankStatus,
  entries_here: 10,
};

function member(id: string, more: Partial<Member> = {}): Member {
  return {
    id,
    name: id,
    organisation: "",
    role_title: "",
    participant: null,
    role: "editor",
    is_in: true,
    me: false,
    admitted_by: null,
    devices: [],
    last_seen_ms: null,
    ...more,
  };
}

const device = (id: string, of: string, lacking_own: number, said_ms: number | null): DeviceStatus => ({
  device: id,
  member: of,
  lacking_own,
  lacking: lacking_own + 1,
  said_ms,
});

it("goes by the device of each member that has most, and by no device that never spoke", () => {
  const devices = [device("a1", "a", 3, 5), device("a2", "a", 0, 4), device("b1", "b", 0, null)];
  const members = [member("a"), member("b"), member("me", { me: true }), member("out", { is_in: false })];
  expect(memberFacts({ ...status, devices }, members)).toMatchObject([
    { member: { id: "a" }, devices: 2, complete: 1, lackingOwn: 0, lacking: 1, said_ms: 4 },
    { member: { id: "b" }, devices: 1, complete: 0, lackingOwn: null, lacking: null, said_ms: null },
  ]);
});

it("is ready for the field only when all is here, saved, kept and sent, and the app starts", () => {
  const kept = { persisted: true, usage_bytes: 1, quota_bytes: 2 };
  const bad = (of: Partial<Status>, storage = kept, whole = true, app: boolean | null = true) =>
    fieldChecks({ ...status, ...of }, storage, whole, app)
      .filter(({ good }) => !good)
      .map(({ check }) => check);
  const relay = {
    url: "wss://a",
    connected: true,
    connection: "connected" as const,
    lacking: 0,
    lacking_own: 0,
    last_contact_ms: null,
    known: true,
    trouble: null,
  };
  expect(bad({})).toEqual([]);
  expect(bad({ unreadable: 1 })).toEqual(["here"]);
  expect(bad({}, kept, false)).toEqual(["here"]);
  expect(bad({}, kept, true, false)).toEqual(["app"]);
  expect(bad({}, kept, true, null)).toEqual(["app"]);
  expect(bad({ store_failure: "full" })).toEqual(["saved"]);
  expect(bad({}, { ...kept, persisted: false })).toEqual(["kept"]);
  expect(bad({ only_here: 1 })).toEqual([]);
  expect(bad({ only_here: 1, relays: [relay] })).toEqual(["sent"]);
});

it("says bytes in the unit that people read", () => {
  expect([0, 999, 41_240, 1_500_000].map(inUnits)).toEqual([
    { value: 0, unit: "B" },
    { value: 999, unit: "B" },
    { value: 41.2, unit: "kB" },
    { value: 1.5, unit: "MB" },
  ]);
});
