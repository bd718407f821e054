import type { Invite, Milliseconds, Role } from "../../core/api";

export interface InviteRequest {
  role: Role;
  expires_at_ms: Milliseconds;
  uses: number;
  participant?: string;
}

/** What can be done about people; each rejects where the core refuses, which the screen's frame says. */
export interface PeopleActions {
  admit: (device: string, participant: string | null) => Promise<void>;
  refuse: (device: string) => Promise<void>;
  openDoor: (minutes: number) => Promise<void>;
  closeDoor: () => Promise<void>;
  invite: (request: InviteRequest) => Promise<Invite>;
  revoke: (invite: string) => Promise<void>;
  changeRole: (member: string, role: Role) => Promise<void>;
  removeMember: (member: string) => Promise<void>;
  removeDevice: (device: string) => Promise<void>;
  acceptLate: (member: string) => Promise<void>;
}

/** Runs an act whose failure is said elsewhere already. */
export function run(act: Promise<unknown>): void {
  act.catch(() => undefined);
}
