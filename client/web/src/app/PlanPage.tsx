import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";

import { useSpeech } from "../i18n/intl";
import { Button } from "../parts/Button";
import { Empty } from "../parts/Empty";
import { FailureContext } from "../parts/failure";
import { KeeperContext } from "../parts/kept";
import { Failed } from "../screens/shell/ErrorBoundary";
import { Shell } from "../screens/shell/Shell";
import { StatusPill } from "../screens/shell/StatusPill";
import { Drafts } from "../state/drafts";
import { remoteWords } from "../state/remoteWords";
import { PlanSession } from "../state/session";
import { statusWords } from "../state/statusWords";
import { LanguageMenu } from "./Corner";
import { PlanFailure } from "./Failure";
import { Notices } from "./Notices";
import { PlanSwitcher } from "./PlanSwitcher";
import { AbsenceContext, PlanContext, useApp, useDevice, usePlan, useSession } from "./context";
import { navigate } from "./navigation";
import { type Route, type Screen, writeRoute } from "./route";
import { useAway } from "./useAway";

const pages = {
  wall: lazy(() => import("./WallPage")),
  commitments: lazy(() => import("./CommitmentsPage")),
  goals: lazy(() => import("./GoalsPage")),
  people: lazy(() => import("./PeoplePage")),
  history: lazy(() => import("./HistoryPage")),
  files: lazy(() => import("./FilesPage")),
  status: lazy(() => import("./StatusPage")),
  settings: lazy(() => import("./SettingsPage")),
  more: lazy(() => import("./MorePage")),
};

export type PlanRoute = Extract<Route, { at: "plan" }>;

/** A plan that is on this device, or a word that it is not. */
export function PlanPage({ route }: { route: PlanRoute }) {
  const { t } = useSpeech();
  const id = useDevice((state) => state.plans.find((plan) => plan.id.startsWith(route.plan))?.id);
  if (id === undefined) {
    return (
      <main>
        <Empty
          title={t("plan.missing_title")}
          action={
            <Button look="primary" onPress={() => navigate({ at: "start" })}>
              {t("plan.to_start")}
            </Button>
          }
        >
          {t("plan.missing_body")}
        </Empty>
      </main>
    );
  }
  return <Open plan={id} route={route} />;
}

function Open({ plan, route }: { plan: string; route: PlanRoute }) {
  const { core, drafts, typed } = useApp();
  const { t } = useSpeech();
  const [opened, setOpened] = useState<{ session: PlanSession; kept: Drafts } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  useEffect(() => {
    let here = true;
    let session: PlanSession | null = null;
    let end = () => {};
    const open = async () => {
      const [info, page] = await Promise.all([core.openPlan(plan), typed]);
      const left = await page.takeOver(plan);
      const kept = await Drafts.read(core, page, plan, left, (reason) =>
        session?.store.setState({ failure: reason }),
      );
      return { info, page, left, kept };
    };
    open()
      .then(({ info, page, left, kept }) => {
        if (!here) return;
        const started = new PlanSession(core, info, page, left);
        session = started;
        started.start();
        drafts.add(kept);
        setOpened({ session: started, kept });
        end = () => {
          started.stop();
          // What is on its way goes on; only new forms would not be known here.
          void kept.settled().then(() => drafts.delete(kept));
        };
      })
      .catch((reason: unknown) => {
        if (here) setFailure(reason);
      });
    return () => {
      here = false;
      end();
    };
  }, [core, drafts, plan, typed]);

  if (failure !== null) return <Failed failure={failure} />;
  if (!opened) return <p hidden>{t("plan.opening")}</p>;
  return (
    <PlanContext value={opened.session}>
      <KeeperContext value={opened.kept}>
        <Frame route={route} />
      </KeeperContext>
    </PlanContext>
  );
}

function Frame({ route }: { route: PlanRoute }) {
  const speech = useSpeech();
  const members = usePlan((state) => state.members);
  const status = usePlan((state) => state.status);
  const title = usePlan((state) => state.tables.plan?.title ?? state.opened.title);
  const failed = usePlan((state) => state.failure !== null);
  const absence = useAway();
  const badges = useBadges();
  const words = useMemo(() => statusWords(status, members, speech), [status, members, speech]);
  const Page = pages[route.screen];
  const hrefOf = (screen: Screen) => writeRoute({ ...route, screen, id: null, query: {} });
  useRemoteAnnouncements();
  useArrival(route, title);
  return (
    <AbsenceContext value={absence}>
      <Shell
        screen={route.screen}
        hrefOf={hrefOf}
        badges={badges}
        switcher={<PlanSwitcher title={title} />}
        corner={
          <>
            <LanguageMenu />
            <StatusPill words={words} busy={(status?.unsaved ?? 0) > 0} href={hrefOf("status")} />
          </>
        }
        notices={<Notices route={route} />}
        fills={route.screen === "wall"}
      >
        <FailureContext value={failed ? <PlanFailure /> : null}>
          <Suspense>
            <Page route={route} />
          </Suspense>
        </FailureContext>
      </Shell>
    </AbsenceContext>
  );
}

/** How many things of each screen wait for this person. */
function useBadges() {
  const me = usePlan((state) => state.opened.participant);
  const commitments = usePlan((state) => state.tables.commitments);
  const knocks = usePlan((state) => state.knocks);
  return useMemo(() => {
    const waiting = [...commitments.values()].filter((one) => me !== null && one.waiting_for.includes(me));
    const atTheDoor = knocks.filter((knock) => knock.closed === null);
    return { commitments: waiting.length, people: atTheDoor.length };
  }, [commitments, knocks, me]);
}

/** Names the page after where one is, and puts the keyboard there when one goes from screen to screen. */
function useArrival({ screen, id }: PlanRoute, plan: string) {
  const { t } = useSpeech();
  const before = useRef(screen);
  const place = useRef(`${screen}/${id ?? ""}`);
  useEffect(() => {
    document.title = `${t(`nav.${screen}`)} · ${plan} · ${t("app.name")}`;
  }, [screen, plan, t]);
  useEffect(() => {
    if (before.current === screen) return;
    before.current = screen;
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [screen]);
  useEffect(() => {
    const [from] = place.current.split("/");
    const here = `${screen}/${id ?? ""}`;
    if (place.current === here) return;
    place.current = here;
    // Back from one thing to its list, one stands where one was.
    if (from !== screen || id !== null) document.getElementById("main")?.scrollTo(0, 0);
  }, [screen, id]);
}

/** Says what others do, to those who listen to the screen. */
function useRemoteAnnouncements() {
  const { announcer } = useApp();
  const session = useSession();
  const speech = useSpeech();
  useEffect(() => {
    let known = new Set(session.store.getState().tables.notes.keys());
    return session.onRemote((changes) => {
      const { tables } = session.store.getState();
      for (const sentence of remoteWords(changes, known, tables, speech)) announcer.say(sentence);
      known = new Set(tables.notes.keys());
    });
  }, [announcer, session, speech]);
}
