import { useMemo } from "react";

import { SettingsScreen } from "../screens/settings/SettingsScreen";
import type { You } from "../screens/start/YouFields";
import { isOnlyAdmin } from "../state/people/membership";
import { promisedBy } from "../state/people/promised";
import { useYou } from "./StartPage";
import { useApp, useDevice, usePlan, useSession } from "./context";
import { useMayEdit } from "./usePeople";
import { wipeDevice } from "./wipe";

export default function SettingsPage() {
  const { core, device } = useApp();
  const session = useSession();
  const you = useYou();
  const mayEdit = useMayEdit();
  const language = useDevice((state) => state.language);
  const theme = useDevice((state) => state.theme);
  const plans = useDevice((state) => state.plans);
  const opened = usePlan((state) => state.opened);
  const members = usePlan((state) => state.members);
  const commitments = usePlan((state) => state.tables.commitments);
  const title = usePlan((state) => state.tables.plan?.title ?? state.opened.title);
  const unsent = usePlan((state) => (state.status?.only_here ?? 0) + (state.status?.unsaved ?? 0));
  const promised = useMemo(
    () => promisedBy(commitments.values()).get(opened.participant ?? "") ?? [],
    [commitments, opened.participant],
  );
  const me = members.find((member) => member.me && member.is_in);
  const others = members.some((member) => member.is_in && !member.me && member.role !== "relay");

  async function introduce({ name, organisation, role_title }: You, here: boolean) {
    await session.attempt(() => device.introduce({ name, organisation, role_title }));
    if (here) await session.execute({ command: "profile", name, organisation, role_title, language });
  }

  return (
    <SettingsScreen
      you={you}
      onYou={introduce}
      mayEdit={mayEdit}
      language={language}
      onLanguage={(next) => void session.attempt(() => device.setLanguage(next)).catch(() => undefined)}
      theme={theme}
      onTheme={(next) => device.setTheme(next)}
      plan={title}
      leave={
        // Whoever is alone in a plan has nobody to leave it to: they remove it from the device.
        me && others && opened.role !== null
          ? {
              onlyAdmin: isOnlyAdmin(me, members),
              promised,
              onLeave: () => session.attempt(() => core.leave(session.id)),
            }
          : null
      }
      plans={plans.length}
      unsent={unsent}
      onWipe={() => session.attempt(() => wipeDevice(core, window.localStorage))}
    />
  );
}
