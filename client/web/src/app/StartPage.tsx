import { useState } from "react";

import type { PlanInfo, PlanOpened } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { FailureContext } from "../parts/failure";
import { CreatePlan, type NewPlan } from "../screens/start/CreatePlan";
import { PasteLink } from "../screens/start/Join";
import { Start } from "../screens/start/Start";
import type { You } from "../screens/start/YouFields";
import { LanguageMenu } from "./Corner";
import { Failure } from "./Failure";
import { useApp, useDevice } from "./context";
import { navigate } from "./navigation";
import { writeRoute } from "./route";
import { homeRelay } from "./homeRelay";

export function StartPage() {
  const { core, device } = useApp();
  const speech = useSpeech();
  const plans = useDevice((state) => state.plans);
  const you = useYou();
  const [open, setOpen] = useState<"join" | "new" | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  async function begin(make: () => Promise<PlanOpened>) {
    setBusy(true);
    setFailure(null);
    try {
      const opened = await make();
      await device.refreshPlans();
      await core.persistStorage();
      navigate(routeOf(opened.id));
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  }

  const create = ({ title, relays, token, you: said }: NewPlan) =>
    begin(async () => {
      await device.introduce(said);
      return core.createPlan({ title, relays, ...(token === undefined ? {} : { token }) });
    });

  const sample = () =>
    begin(async () => {
      await device.introduceGuest(speech.t("you.guest"));
      return core.importSample();
    });

  const remove = (plan: PlanInfo) => {
    core
      .removePlan(plan.id)
      .then(() => device.refreshPlans())
      .catch(setFailure);
  };

  const close = () => {
    setOpen(null);
    setFailure(null);
  };
  const said = failure === null ? null : <Failure failure={failure} onClose={() => setFailure(null)} />;

  return (
    <FailureContext value={said}>
      <Start
        plans={plans}
        hrefOf={(plan) => writeRoute(routeOf(plan.id))}
        onJoin={() => setOpen("join")}
        onNew={() => setOpen("new")}
        onSample={() => void sample()}
        onRemove={remove}
        busy={busy}
        corner={<LanguageMenu />}
        notices={said}
      />
      <PasteLink open={open === "join"} onClose={close} onLink={(link) => navigate({ at: "join", link })} />
      {open === "new" && (
        <CreatePlan
          open
          you={you}
          home={homeRelay()}
          busy={busy}
          onClose={close}
          onCreate={(plan) => void create(plan)}
        />
      )}
    </FailureContext>
  );
}

export function routeOf(plan: string) {
  return { at: "plan" as const, plan, screen: "wall" as const, id: null, query: {} };
}

const NOBODY: You = { name: "", organisation: "", role_title: "" };

/** Who this device's person said they are; empty before that. */
export function useYou(): You {
  const identity = useDevice((state) => state.identity);
  const guest = useDevice((state) => state.guest);
  return identity && !guest ? identity : NOBODY;
}
