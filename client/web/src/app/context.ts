import { createContext, use } from "react";
import { useStore } from "zustand";

import type { Core } from "../core/api";
import type { Announcer } from "../state/announcer";
import type { Drafts } from "../state/drafts";
import type { DeviceSession, DeviceState } from "../state/device";
import type { Away, Mark } from "../state/history/away";
import type { Typed } from "../state/typed";
import type { Updates } from "../state/updates";
import type { PlanSession, PlanState } from "../state/session";

export interface AppServices {
  core: Core;
  device: DeviceSession;
  announcer: Announcer;
  updates: Updates;
  /** Of the plans that are open on this page. */
  drafts: Set<Drafts>;
  /** Where what is typed lies until its plan has it. */
  typed: Promise<Typed>;
}

export interface Absence {
  /** What to tell; `null` when there is nothing, or it was seen. */
  away: Away | null;
  /** How much of the plan one had seen when one was here last. */
  mark: Mark | null;
  seen: () => void;
}

export const AppContext = createContext<AppServices | null>(null);
export const PlanContext = createContext<PlanSession | null>(null);
/** What one missed, told on every screen and marked in the history. */
export const AbsenceContext = createContext<Absence>({ away: null, mark: null, seen: () => undefined });

export function useApp(): AppServices {
  const app = use(AppContext);
  if (!app) throw new Error("useApp outside of AppContext");
  return app;
}

export function useDevice<Part>(select: (state: DeviceState) => Part): Part {
  return useStore(useApp().device.store, select);
}

export function useSession(): PlanSession {
  const session = use(PlanContext);
  if (!session) throw new Error("useSession outside of PlanContext");
  return session;
}

export function usePlan<Part>(select: (state: PlanState) => Part): Part {
  return useStore(useSession().store, select);
}
