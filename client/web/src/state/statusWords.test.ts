import { describe, expect, it } from "vitest";

import type { DeviceStatus, Member, RelayStatus, Status } from "../core/api";
import { speechOf } from "../i18n/intl";
import { statusWords } from "./statusWords";
import { blankStatus } from "../core/testing/blank";

const speech = speechOf("sv-FI", "2027-02-10");
const say = (status: Partial<Status>, members: Member[] = []) =>
  statusWords({ ...calm, ...status }, members, speech);

describe("the status pill", () => {
  it("says that an edit is being saved before it says that it is saved", () => {
    expect(say({ unsaved: 1 }).parts).toEqual(["Sparar …"]);
    expect(say({}).parts).toEqual(["Sparat här", "Bara på den här enheten"]);
  });

  it("says who has what was written here", () => {
    const members = [member("a", true), member("b", false), member("c", false)];
    const said = say({ relays: [relay(true)], devices: [device("b", 0), device("c", 2)] }, members);
    expect(said.parts).toEqual(["Sparat här", "hos relät", "hos 1 av 2"]);
    expect(said.short).toBe("hos 1 av 2");
    expect(said.tone).toBe("lichen");
  });

  it("goes back when a relay turns out to lack something", () => {
    const said = say({ relays: [relay(false)], only_here: 3 });
    expect(said.parts).toEqual(["Sparat här", "3 ändringar inte skickade", "utan kontakt"]);
    expect(said.tone).toBe("amber");
  });

  it("says first of all that the disk refused", () => {
    expect(say({ store_failure: "quota", unsaved: 4 }).parts).toEqual(["Inte sparat"]);
  });
});

const calm: Status = {
  ...blankStatus,
  entries_here: 4,
};

function relay(connected: boolean): RelayStatus {
  return {
    url: "wss://rela.example",
    connected,
    connection: connected ? "connected" : "waiting",
    lacking: 0,
    lacking_own: 0,
    last_contact_ms: null,
    known: true,
    trouble: null,
  };
}

function device(of: string, lacking: number): DeviceStatus {
  return { device: `${of}1`, member: of, lacking_own: lacking, lacking, said_ms: 1 };
}

function member(id: string, me: boolean): Member {
  return {
    id,
    name: id,
    organisation: "",
    role_title: "",
    participant: null,
    role: "editor",
    is_in: true,
    me,
    admitted_by: null,
    devices: [],
    last_seen_ms: null,
  };
}
