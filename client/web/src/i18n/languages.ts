import type { Language } from "../core/api";
import { en } from "./catalogue/en";
import { fi } from "./catalogue/fi";
import { sv } from "./catalogue/sv";
import { svSE } from "./catalogue/sv-SE";
import type { Catalogue } from "./keys";

export const LANGUAGES: readonly Language[] = ["sv-FI", "sv-SE", "fi", "en"];

const catalogues: Record<Language, Catalogue> = { "sv-FI": sv, "sv-SE": { ...sv, ...svSE }, fi, en };

/** All messages of a language. */
export function catalogueOf(language: Language): Catalogue {
  return catalogues[language];
}

/** The locale by which dates, numbers and sorting go. */
export function localeOf(language: Language): string {
  return { "sv-FI": "sv-FI", "sv-SE": "sv-SE", fi: "fi-FI", en: "en-GB" }[language];
}

/** The key by which texts of a language are kept in plans. */
export function textKeyOf(language: Language): string {
  return language.slice(0, 2);
}

/** The first of a browser's wishes that there is, or the product's home dialect. */
export function languageFor(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const exact = LANGUAGES.find((language) => language.toLowerCase() === wish.toLowerCase());
    if (exact) return exact;
    const [base] = wish.toLowerCase().split("-");
    if (base === "sv") return "sv-FI";
    if (base === "fi") return "fi";
    if (base === "en") return "en";
  }
  return "sv-FI";
}
