import { useEffect, useMemo, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { useStore } from "zustand";

import type { Core } from "../core/api";
import { localDate } from "../i18n/dates";
import { SpeechProvider, useSpeech } from "../i18n/intl";
import { localeOf } from "../i18n/languages";
import { ErrorBoundary, Failed } from "../screens/shell/ErrorBoundary";
import { Announcer } from "../state/announcer";
import { shelfOf, Typed } from "../state/typed";
import { Updates } from "../state/updates";
import { DeviceSession } from "../state/device";
import type { Drafts } from "../state/drafts";
import { LiveRegion } from "./LiveRegion";
import { JoinPage } from "./JoinPage";
import { PlanPage } from "./PlanPage";
import { StartPage } from "./StartPage";
import { UpdateNotice } from "./UpdateNotice";
import { AppContext, type AppServices, useDevice } from "./context";
import { useRoute } from "./navigation";
import { writeRoute } from "./route";

/** The whole app over one core. */
export function App({ core }: { core: Core }) {
  const [services] = useState(() => serve(core));
  const { store } = services.device;
  const language = useStore(store, (state) => state.language);
  const theme = useStore(store, (state) => state.theme);
  const today = useToday();

  useEffect(() => {
    const end = store.subscribe(({ plans }, before) => {
      if (plans === before.plans) return;
      // Whoever opens a plan is told where nothing can be kept.
      services.typed.then((typed) => typed.tidy(plans.map(({ id }) => id))).catch(() => undefined);
    });
    services.device
      .start()
      // Kept once the app stands: on a slow line, what a first visit waits for comes first. In development the build
      // changes under the page, and there is nothing to keep.
      .then(() => (import.meta.env.PROD ? services.updates.start(workerAddress()) : undefined))
      .catch((failure: unknown) => {
        store.setState({ fatal: failure instanceof Error ? failure.message : String(failure) });
      });
    return end;
  }, [services, store]);

  useEffect(() => {
    document.documentElement.lang = language;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [language, theme]);

  return (
    <AppContext value={services}>
      <I18nProvider locale={localeOf(language)}>
        <SpeechProvider language={language} today={today}>
          <LiveRegion announcer={services.announcer} />
          <Pages />
          <UpdateNotice updates={services.updates} />
        </SpeechProvider>
      </I18nProvider>
    </AppContext>
  );
}

function Pages() {
  const route = useRoute();
  const { t } = useSpeech();
  const loaded = useDevice((state) => state.loaded);
  const fatal = useDevice((state) => state.fatal);
  const address = useMemo(() => writeRoute(route), [route]);
  if (fatal !== null) return <Failed failure={fatal} sentence={t("error.fatal")} />;
  if (!loaded) return null;
  return (
    <ErrorBoundary at={address}>
      {route.at === "start" && <StartPage />}
      {route.at === "join" && <JoinPage key={route.link} token={route.link} />}
      {route.at === "plan" && <PlanPage key={route.plan} route={route} />}
    </ErrorBoundary>
  );
}

function workerAddress(): string {
  return new URL("sw.js", document.baseURI).href;
}

/** What every page shares. */
function serve(core: Core): AppServices {
  const drafts = new Set<Drafts>();
  const updates = new Updates(core, {
    workers: "serviceWorker" in navigator ? navigator.serviceWorker : undefined,
    putDown,
    draftsKept: async () => {
      await Promise.all([...drafts].map((each) => each.settled()));
    },
    reload: () => window.location.reload(),
  });
  const typed = Typed.start(shelfOf(window.localStorage, navigator.locks), crypto.randomUUID());
  const device = new DeviceSession(core, window.localStorage, navigator.languages);
  return { core, device, announcer: new Announcer(), updates, drafts, typed };
}

/** A field hands over what is in it when one leaves it. */
function putDown(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

const MINUTE_MS = 60_000;

/** This device's date; it changes at midnight while the app is open. */
function useToday(): string {
  const [today, setToday] = useState(() => localDate(new Date()));
  useEffect(() => {
    const timer = setInterval(() => setToday(localDate(new Date())), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return today;
}
