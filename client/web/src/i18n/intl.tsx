import { IntlMessageFormat } from "intl-messageformat";
import { Children, createContext, type ReactNode, useContext, useMemo } from "react";

import type { Language } from "../core/api";
import { sayDate, sayDateLong, sayDue, sayMoment, sayMonth } from "./dates";
import type { MessageKey } from "./keys";
import { catalogueOf, localeOf, textKeyOf } from "./languages";

/** What goes into a message's places. */
export type Values = Record<string, string | number>;

/** How the marked parts of a message look. */
export type Parts = Record<string, (words: ReactNode) => ReactNode>;

/** How this language says things. */
export interface Speech {
  language: Language;
  /** The key of this language's texts in plans. */
  textKey: string;
  today: string;
  t: (key: MessageKey, values?: Values) => string;
  /** A message with parts that look different: `<who>…</who>`. */
  rich: (key: MessageKey, values: Values, parts: Parts) => ReactNode;
  date: (date: string) => string;
  /** With its year, also when it is this one's: for what is kept. */
  dateFull: (date: string) => string;
  dateLong: (date: string) => string;
  due: (due: string) => string;
  month: (month: string) => string;
  moment: (ms: number) => string;
  number: (value: number) => string;
  list: (items: readonly string[]) => string;
  /** For sorting, in the language's own order (å, ä, ö last). */
  compare: (left: string, right: string) => number;
}

/** How a language says things; `today` is an ISO date, by which the year may be left out. */
export function speechOf(language: Language, today: string): Speech {
  const locale = localeOf(language);
  const catalogue = catalogueOf(language);
  const known = new Map<MessageKey, IntlMessageFormat>();
  const message = (key: MessageKey) => {
    const parsed = known.get(key) ?? new IntlMessageFormat(catalogue[key], locale);
    known.set(key, parsed);
    return parsed;
  };
  const number = new Intl.NumberFormat(locale);
  const collator = new Intl.Collator(locale, { numeric: true });
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  return {
    language,
    textKey: textKeyOf(language),
    today,
    t: (key, values) => String(message(key).format(values)),
    rich: (key, values, parts) => {
      const looks = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, keyed(part)]));
      const said = message(key).format<ReactNode>({ ...values, ...looks });
      return Array.isArray(said) ? Children.toArray(said) : said;
    },
    date: (date) => sayDate(date, language, today),
    dateFull: (date) => sayDate(date, language),
    dateLong: (date) => sayDateLong(date, language),
    due: (due) => sayDue(due, language, today),
    month: (month) => sayMonth(month, language),
    moment: (ms) => sayMoment(ms, language, today),
    number: (value) => number.format(value),
    list: (items) => list.format(items),
    compare: (left, right) => collator.compare(left, right),
  };
}

/** A part as React wants it: its words as one list of children. */
function keyed(part: (words: ReactNode) => ReactNode) {
  return (words: ReactNode[]) => part(Children.toArray(words));
}

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider(props: { language: Language; today: string; children: ReactNode }) {
  const speech = useMemo(() => speechOf(props.language, props.today), [props.language, props.today]);
  return <SpeechContext value={speech}>{props.children}</SpeechContext>;
}

/** How the language of the screen says things. */
export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error("useSpeech outside of SpeechProvider");
  return speech;
}
