import type { pages as sv } from "./pages.sv";

/** Only where Sweden says it in another way. */
export const pages: Partial<Record<keyof typeof sv, string>> = {
  "goals.baseline": "Nuläge",
  "people.no_organisation": "Utan verksamhet",
};
