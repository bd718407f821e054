/** Everybody of the plan by organisation: those who are in with a device, and those whom it only names. */
import type { Member, ParticipantView } from "../../core/api";
import type { Organisation, People } from "../people";

export interface RosterRow {
  /** For keys: the member's id, or else the participant's. */
  id: string;
  name: string;
  role_title: string;
  /** `null`: nobody came in as this participant. */
  member: Member | null;
  participant: string | null;
  me: boolean;
}

export interface RosterSection {
  /** What people call it; empty where nobody said. */
  name: string;
  organisation: Organisation | null;
  rows: RosterRow[];
}

type Compare = (a: string, b: string) => number;

/** One's own organisation first, then by name, those without one last; within, oneself first, devices first. */
export function rosterOf(
  inside: readonly Member[],
  participants: Iterable<ParticipantView>,
  people: Pick<People, "organisation">,
  compare: Compare,
): RosterSection[] {
  const views = [...participants];
  const byId = new Map(views.map((view) => [view.id, view]));
  const sections = new Map<string, RosterSection>();
  const put = (organisation: string | null, name: string, row: RosterRow) => {
    const key = organisation ?? name;
    const section = sections.get(key) ?? { name, organisation: people.organisation(organisation), rows: [] };
    sections.set(key, section);
    section.rows.push(row);
  };
  for (const member of inside) {
    const view = member.participant === null ? undefined : byId.get(member.participant);
    put(view?.organisation ?? null, view?.organisation_name || member.organisation, {
      id: member.id,
      name: member.name,
      role_title: member.role_title,
      member,
      participant: member.participant,
      me: member.me,
    });
  }
  const covered = new Set(inside.map((member) => member.participant));
  for (const view of views) {
    if (covered.has(view.id)) continue;
    put(view.organisation, view.organisation_name, {
      id: view.id,
      name: view.called || view.role_title,
      role_title: view.called === view.role_title ? "" : view.role_title,
      member: null,
      participant: view.id,
      me: false,
    });
  }
  const mine = (section: RosterSection) => section.rows.some((row) => row.me);
  const all = [...sections.values()];
  for (const { rows } of all) {
    rows.sort(
      (a, b) =>
        Number(b.me) - Number(a.me) ||
        Number(b.member !== null) - Number(a.member !== null) ||
        compare(a.name, b.name),
    );
  }
  return all.sort(
    (a, b) =>
      Number(mine(b)) - Number(mine(a)) ||
      Number(a.name === "") - Number(b.name === "") ||
      compare(a.name, b.name),
  );
}

/** Participants as whom nobody came in: whom somebody at the door may be. */
export function freeParticipants(participants: Iterable<ParticipantView>): ParticipantView[] {
  return [...participants].filter((view) => view.members.length === 0);
}
