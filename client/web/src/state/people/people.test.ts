import { describe, expect, it } from "vitest";

import type { Invite, Knock, Member, ParticipantView } from "../../core/api";
import {
  doorMinutes,
  inviteState,
  isOnlyAdmin,
  sayCode,
  sortInvites,
  sortKnocks,
  sortMembers,
} from "./membership";
import { qrCode } from "./qr";
import { freeParticipants, rosterOf } from "./roster";
import { blankParticipant } from "../../core/testing/blank";

const compare = (a: string, b: string) => a.localeCompare(b, "sv");

function member(name: string, more: Partial<Member> = {}): Member {
  return {
    id: `m-${name}`,
    name,
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

function participant(id: string, more: Partial<ParticipantView> = {}): ParticipantView {
  return {
    ...blankParticipant,
    id,
    role_title: id,
    organisation: null,
    organisation_name: "",
    network_role: null,
    members: [],
    called: id,
    me: false,
    ...more,
  };
}

const people = {
  organisation: (id: string | null) => (id === null ? null : { id, name: id.toUpperCase(), colour: 1 }),
};

describe("members", () => {
  it("shows oneself first, the others by name, and apart those who are out", () => {
    const all = [
      member("Östen"),
      member("Bo", { is_in: false }),
      member("Åke"),
      member("Nils", { me: true }),
    ];
    const { inside, outside } = sortMembers([...all, member("relä", { role: "relay" })], compare);
    expect(inside.map(({ name }) => name)).toEqual(["Nils", "Åke", "Östen"]);
    expect(outside.map(({ name }) => name)).toEqual(["Bo"]);
  });

  it("knows when nobody else lets people in", () => {
    const only = member("a", { role: "admin" });
    const gone = member("b", { role: "admin", is_in: false });
    expect(isOnlyAdmin(only, [only, gone, member("c")])).toBe(true);
    expect(isOnlyAdmin(only, [only, member("d", { role: "admin" })])).toBe(false);
  });
});

describe("the roster", () => {
  it("puts one's own organisation first, devices before names only, and nobody twice", () => {
    const me = member("Nora", { me: true, participant: "p-1" });
    const other = member("Zara", { participant: "p-3" });
    const sections = rosterOf(
      [other, me, member("Utan")],
      [
        participant("p-1", { organisation: "o-b", organisation_name: "B", members: [me.id] }),
        participant("p-2", {
          organisation: "o-a",
          organisation_name: "A",
          called: "Rektor",
          role_title: "Rektor",
        }),
        participant("p-3", { organisation: "o-a", organisation_name: "A", members: [other.id] }),
      ],
      people,
      compare,
    );
    expect(sections.map(({ name, rows }) => [name, rows.map((row) => row.name)])).toEqual([
      ["B", ["Nora"]],
      ["A", ["Zara", "Rektor"]],
      ["", ["Utan"]],
    ]);
    expect(sections[1]?.rows[1]).toMatchObject({ member: null, participant: "p-2", role_title: "" });
  });

  it("names as free whom nobody came in as", () => {
    const views = [participant("p-1", { members: ["m"] }), participant("p-2")];
    expect(freeParticipants(views).map(({ id }) => id)).toEqual(["p-2"]);
  });
});

describe("invitations and the door", () => {
  const invite = (more: Partial<Invite>): Invite => ({
    id: "i",
    role: "editor",
    expires_at_ms: 1_000,
    uses: 2,
    used: 0,
    closed: null,
    link: null,
    ...more,
  });

  it("tells why a link no longer works", () => {
    expect(inviteState(invite({}), 999)).toBe("open");
    expect(inviteState(invite({}), 1_000)).toBe("expired");
    expect(inviteState(invite({ used: 2 }), 0)).toBe("used_up");
    expect(inviteState(invite({ closed: "it was revoked" }), 0)).toBe("closed");
    const { open, over } = sortInvites(
      [invite({ id: "a" }), invite({ id: "b", expires_at_ms: 5_000 })],
      2_000,
    );
    expect([open.map(({ id }) => id), over.map(({ id }) => id)]).toEqual([["b"], ["a"]]);
  });

  it("counts the door's minutes until it is shut", () => {
    expect(doorMinutes(60_001, 0)).toBe(2);
    expect(doorMinutes(60_000, 0)).toBe(1);
    expect(doorMinutes(0, 0)).toBeNull();
    expect(doorMinutes(null, 0)).toBeNull();
  });

  it("lets the longest waiting come first, and those who cannot come in last", () => {
    const knock = (device: string, made_ms: number, closed: string | null = null): Knock => ({
      device,
      name: device,
      organisation: "",
      role_title: "",
      check_code: "123456",
      made_ms,
      role: null,
      closed,
    });
    const sorted = sortKnocks([knock("c", 1, "used up"), knock("b", 3), knock("a", 2)]);
    expect(sorted.map(({ device }) => device)).toEqual(["a", "b", "c"]);
  });

  it("groups a code's digits", () => {
    expect(sayCode("482913")).toBe("482 913");
    expect(sayCode("48291377")).toBe("4829 1377");
    expect(sayCode("4829137")).toBe("482 913 7");
    expect(sayCode("ab-cd")).toBe("ab-cd");
  });
});

describe("the QR code", () => {
  it("has finders in three corners within a quiet margin of four", () => {
    const { size, path } = qrCode("https://relay.example/#/join/abc");
    const rows = path.split("M").slice(1);
    const filled = new Set<string>();
    for (const row of rows) {
      const found = /^(\d+) (\d+)h(\d+)v1h-\3z$/.exec(row);
      expect(found).not.toBeNull();
      const [x = 0, y = 0, width = 0] = (found ?? []).slice(1).map(Number);
      for (let at = x; at < x + width; at += 1) filled.add(`${at},${y}`);
    }
    const finder = (x: number, y: number) =>
      Array.from({ length: 7 }, (_, at) => filled.has(`${x + at},${y}`)).every(Boolean);
    expect((size - 8 - 17) % 4).toBe(0);
    expect(finder(4, 4) && finder(size - 11, 4) && finder(4, size - 11)).toBe(true);
    expect(
      [...filled].every((at) => at.split(",").every((n) => Number(n) >= 4 && Number(n) < size - 4)),
    ).toBe(true);
  });
});
