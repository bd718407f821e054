import { useEffect, useMemo, useState } from "react";

import type { LateEntry } from "../core/api";
import { useSpeech } from "../i18n/intl";
import type { PeopleActions } from "../screens/people/actions";
import { PeopleScreen } from "../screens/people/PeopleScreen";
import { useNow } from "../screens/people/useNow";
import { sortMembers } from "../state/people/membership";
import { promisedBy } from "../state/people/promised";
import { freeParticipants, rosterOf } from "../state/people/roster";
import type { PlanSession } from "../state/session";
import { useApp, usePlan, useSession } from "./context";
import { useIsAdmin, usePeople } from "./usePeople";

const MINUTE_MS = 60_000;

export default function PeoplePage() {
  const session = useSession();
  const { announcer } = useApp();
  const { compare, t } = useSpeech();
  const people = usePeople();
  const members = usePlan((state) => state.members);
  const knocks = usePlan((state) => state.knocks);
  const invites = usePlan((state) => state.invites);
  const door = usePlan((state) => state.door);
  const participants = usePlan((state) => state.tables.participants);
  const commitments = usePlan((state) => state.tables.commitments);
  const title = usePlan((state) => state.tables.plan?.title ?? state.opened.title);
  const reachable = usePlan((state) => (state.status?.relays.length ?? 0) > 0);
  const mayManage = useIsAdmin();
  const now = useNow();
  const late = useLate(session, mayManage);

  const sorted = useMemo(() => sortMembers(members, compare), [members, compare]);
  const sections = useMemo(
    () => rosterOf(sorted.inside, participants.values(), people, compare),
    [sorted, participants, people, compare],
  );
  const free = useMemo(() => freeParticipants(participants.values()), [participants]);
  const promised = useMemo(() => promisedBy(commitments.values()), [commitments]);
  const actions = useMemo((): PeopleActions => {
    const { core, id } = session;
    /** Does something, then reads the people anew: not every act is told of as an event. */
    async function act<Result>(doing: () => Promise<Result>): Promise<Result> {
      const result = await session.attempt(doing);
      await session.refreshPeople();
      return result;
    }
    const nameOf = (device: string) =>
      session.store.getState().knocks.find((knock) => knock.device === device)?.name ??
      t("common.unknown_person");
    return {
      admit: async (device, participant) => {
        const name = nameOf(device);
        await act(() => core.admit(id, device, participant ?? undefined));
        announcer.say(t("people.admitted", { name }));
      },
      refuse: async (device) => {
        const name = nameOf(device);
        await act(() => core.refuseKnock(id, device));
        announcer.say(t("people.refused", { name }));
      },
      openDoor: (minutes) => act(() => core.openDoor(id, Date.now() + minutes * MINUTE_MS)),
      closeDoor: () => act(() => core.closeDoor(id)),
      invite: (request) => act(() => core.invite(id, request)),
      revoke: (invite) => act(() => core.revokeInvite(id, invite)),
      changeRole: (member, role) => act(() => core.changeRole(id, member, role)),
      removeMember: (member) => act(() => core.removeMember(id, member)),
      removeDevice: (device) => act(() => core.removeDevice(id, device)),
      acceptLate: (member) => act(() => core.acceptLate(id, member)),
    };
  }, [session, announcer, t]);

  return (
    <PeopleScreen
      plan={title}
      sections={sections}
      members={members}
      outside={sorted.outside}
      knocks={knocks}
      free={free}
      invites={invites}
      door={door}
      late={late}
      now={now}
      mayManage={mayManage}
      reachable={reachable}
      promised={promised}
      actions={actions}
    />
  );
}

/** What is held back; read anew when the count of it or the members change. */
function useLate(session: PlanSession, mayManage: boolean): LateEntry[] {
  const [late, setLate] = useState<LateEntry[]>([]);
  const held = usePlan((state) => state.status?.quarantined ?? 0);
  const members = usePlan((state) => state.members);
  useEffect(() => {
    if (!mayManage) return;
    let here = true;
    session
      .attempt(() => session.core.lateEntries(session.id))
      .then((entries) => {
        if (here) setLate(entries);
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [session, mayManage, held, members]);
  return late;
}
