import { useMemo, useSyncExternalStore } from "react";

import { parseRoute, type Query, type Route, writeRoute } from "./route";

/** Where one is. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

/** Goes somewhere; `replace` leaves no step to go back to (a filter, say). */
export function navigate(route: Route, how: "push" | "replace" = "push"): void {
  const address = writeRoute(route);
  if (address === window.location.hash) return;
  if (how === "push") window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
  for (const listener of listeners) listener();
}

/** Another part of the plan that one is in, or another filter of the same list. */
export function withQuery(route: Extract<Route, { at: "plan" }>, query: Query): Route {
  return { ...route, query: { ...route.query, ...query } };
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("hashchange", listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("hashchange", listener);
    window.removeEventListener("popstate", listener);
  };
}
