/** The app's own words: tests find things by what people read, and follow when it is worded otherwise. */

import { IntlMessageFormat } from "intl-messageformat";

import type { Language } from "../../src/core/api";
import type { MessageKey } from "../../src/i18n/keys";
import { catalogueOf, localeOf } from "../../src/i18n/languages";

export type Words = (key: MessageKey, values?: Record<string, string | number>) => string;

export function wordsOf(language: Language): Words {
  const catalogue = catalogueOf(language);
  return (key, values) => String(new IntlMessageFormat(catalogue[key], localeOf(language)).format(values));
}

/** What Playwright's contexts speak. */
export const t = wordsOf("sv-FI");
