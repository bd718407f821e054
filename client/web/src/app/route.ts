/**
 * Where one is, as the address says it. Everything stands behind the `#`: a relay that serves the app never learns
 * which plan is read or what is filtered for, and an invitation's secret stays on the device.
 */

export const SCREENS = [
  "wall",
  "commitments",
  "goals",
  "people",
  "history",
  "files",
  "status",
  "settings",
  "more",
] as const;

export type Screen = (typeof SCREENS)[number];

export type Query = Readonly<Record<string, string>>;

export type Route =
  /** The beginning: join, make a plan, or try. */
  | { at: "start" }
  /** An invitation; `link` is what stands after `#/join/`. */
  | { at: "join"; link: string }
  | { at: "plan"; plan: string; screen: Screen; id: string | null; query: Query };

/** As much of a plan's id as an address needs to tell it from others. */
const PLAN_CHARS = 16;

export function parseRoute(hash: string): Route {
  const [path, search] = split(hash.replace(/^#\/?/, ""), "?");
  const [first, ...rest] = path.split("/");
  if (first === "join" && rest.length > 0) return { at: "join", link: rest.join("/") };
  const [plan, screen, id] = rest;
  if (first !== "plan" || plan === undefined || !/^[0-9a-f]+$/.test(plan)) return { at: "start" };
  return {
    at: "plan",
    plan,
    screen: SCREENS.find((one) => one === screen) ?? "wall",
    id: id === undefined || id === "" ? null : decode(id),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function writeRoute(route: Route): string {
  switch (route.at) {
    case "start":
      return "#/";
    case "join":
      return `#/join/${route.link}`;
    case "plan": {
      const id = route.id === null ? "" : `/${encodeURIComponent(route.id)}`;
      const set = Object.entries(route.query).filter(([, value]) => value !== "");
      const search = set.length === 0 ? "" : `?${new URLSearchParams(set).toString()}`;
      return `#/plan/${route.plan.slice(0, PLAN_CHARS)}/${route.screen}${id}${search}`;
    }
  }
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** What was escaped in an address; as it stands where the escaping is broken. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
