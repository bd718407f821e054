import { useMemo } from "react";

import { useSpeech } from "../i18n/intl";
import { type People, peopleOf } from "../state/people";
import { usePlan } from "./context";

/** Who is called what in this plan. */
export function usePeople(): People {
  const speech = useSpeech();
  const participants = usePlan((state) => state.tables.participants);
  const things = usePlan((state) => state.tables.things);
  return useMemo(() => peopleOf({ participants, things }, speech), [participants, things, speech]);
}

/** Whether this device may write in the plan at all; the core has the last word on each act. */
export function useMayEdit(): boolean {
  return usePlan(({ opened }) => opened.role === "editor" || opened.role === "admin");
}

export function useIsAdmin(): boolean {
  return usePlan(({ opened }) => opened.role === "admin");
}
