import { useEffect, useState } from "react";

import type { Invitation, JoinState } from "../core/api";
import { Join } from "../screens/start/Join";
import type { You } from "../screens/start/YouFields";
import { LanguageMenu } from "./Corner";
import { Failure } from "./Failure";
import { routeOf, useYou } from "./StartPage";
import { useApp } from "./context";
import { navigate } from "./navigation";
import { writeRoute } from "./route";

/** `token` is what stands after `#/join/`. */
export function JoinPage({ token }: { token: string }) {
  // The core reads whole links, as people paste them.
  const link = writeRoute({ at: "join", link: token });
  const { core, device } = useApp();
  const you = useYou();
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [join, setJoin] = useState<JoinState | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const plan = invitation?.plan;

  useEffect(() => {
    let here = true;
    async function read() {
      const read = await core.readInvitation(link);
      const known = read.known === "joining" ? await core.joinState(read.plan) : null;
      if (!here) return;
      setInvitation(read);
      setJoin(known);
      if (known) await core.openPlan(read.plan);
    }
    read().catch((reason: unknown) => {
      if (here) setFailure(reason);
    });
    return () => {
      here = false;
    };
  }, [core, link]);

  useEffect(
    () =>
      core.subscribe((event) => {
        if (event.type === "join" && event.plan === plan) setJoin(event.join);
        // Inside, with everything here: nobody has to press anything.
        if (event.type === "ready" && event.plan === plan) navigate(routeOf(event.plan), "replace");
      }),
    [core, plan],
  );

  async function knock(said: You) {
    setBusy(true);
    setFailure(null);
    try {
      await device.introduce(said);
      setJoin(await core.join(link));
      await device.refreshPlans();
      await core.persistStorage();
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Join
      invitation={invitation}
      you={you}
      join={join}
      busy={busy}
      onKnock={(said) => void knock(said)}
      onOpen={() => {
        if (plan !== undefined) navigate(routeOf(plan), "replace");
      }}
      corner={<LanguageMenu />}
      startHref="#/"
      notices={failure === null ? undefined : <Failure failure={failure} onClose={() => setFailure(null)} />}
    />
  );
}
