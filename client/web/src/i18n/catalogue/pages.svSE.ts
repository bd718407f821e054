import type { pages as sv } from "./pages.sv";

/** Only where Sweden says it in another way. */
export const pages: Partial<Record<keyof typeof sv, string>> = {
  "files.in_board": "På tavlan",
  "goals.baseline": "Nuläge",
  "people.no_organisation": "Utan verksamhet",
};
