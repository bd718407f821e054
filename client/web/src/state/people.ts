/** Who is called what, and where they work: looked up by every screen. */
import type { Json, Texts } from "../core/api";
import type { Speech } from "../i18n/intl";
import type { Tables } from "./tables";

const ORG_COLOURS = 8;

export interface Organisation {
  id: string;
  name: string;
  /** Which of the organisation colours, 1 to 8. Never the only sign: the name or the legend is beside it. */
  colour: number;
}

export interface Person {
  id: string;
  /** What they are called: a name, or else the role. */
  called: string;
  role: string;
  organisation: Organisation | null;
  me: boolean;
}

export interface People {
  /** A participant, the network, somebody outside (`external:…`), or nobody that is known. */
  person(id: string | null): Person;
  organisation(id: string | null): Organisation | null;
  /** Everybody, in the order of the language. */
  all: readonly Person[];
  organisations: readonly Organisation[];
  me: Person | null;
}

export const NETWORK = "network";
const EXTERNAL = "external:";

export function peopleOf(tables: Pick<Tables, "participants" | "things">, speech: Speech): People {
  const { t, compare, textKey } = speech;
  const organisations = [...tables.things.organisation.values()]
    .map((thing, index) => ({
      id: thing.id,
      name: textIn(thing.fields["name"], textKey) || thing.id,
      colour: (index % ORG_COLOURS) + 1,
    }))
    .sort((left, right) => compare(left.name, right.name));
  const byId = new Map(organisations.map((one) => [one.id, one]));
  const organisation = (id: string | null) => {
    if (id === null) return null;
    if (id.startsWith(EXTERNAL)) return { id, name: id.slice(EXTERNAL.length), colour: 0 };
    return byId.get(id) ?? null;
  };
  const all = [...tables.participants.values()]
    .map((view) => ({
      id: view.id,
      called: view.called || view.role_title || t("common.unknown_person"),
      role: view.role_title,
      organisation: organisation(view.organisation),
      me: view.me,
    }))
    .sort((left, right) => compare(left.called, right.called));
  const persons = new Map(all.map((one) => [one.id, one]));
  const named = (id: string, called: string): Person => ({
    id,
    called,
    role: "",
    organisation: null,
    me: false,
  });
  return {
    all,
    organisations,
    organisation,
    me: all.find((person) => person.me) ?? null,
    person: (id) => {
      if (id === null) return named("", t("common.unknown_person"));
      if (id === NETWORK) return named(id, t("common.network"));
      if (id.startsWith(EXTERNAL)) return named(id, id.slice(EXTERNAL.length));
      return persons.get(id) ?? named(id, t("common.unknown_person"));
    },
  };
}

/** A text in the language asked for, or the nearest: Swedish, English, Finnish, whatever there is. */
export function textIn(texts: Json | Texts | undefined, key: string): string {
  if (typeof texts === "string") return texts;
  if (texts === null || typeof texts !== "object" || Array.isArray(texts)) return "";
  for (const wish of [key, "sv", "en", "fi", ...Object.keys(texts).sort()]) {
    const text = texts[wish];
    if (typeof text === "string" && text !== "") return text;
  }
  return "";
}

/** The key of the text that `textIn` finds: the one that an edit has to change. */
export function keyIn(texts: Texts, key: string): string {
  return [key, "sv", "en", "fi", ...Object.keys(texts).sort()].find((wish) => texts[wish]) ?? key;
}

/** A field of texts by language, without whatever else it may hold. */
export function textsOf(value: Json | undefined): Texts {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
  const texts: Texts = {};
  for (const [key, text] of Object.entries(value)) if (typeof text === "string") texts[key] = text;
  return texts;
}

/** A field that holds text, or nothing. */
export function stringOf(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A field that holds a set of ids. */
export function idsOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === "string");
  return value !== null && typeof value === "object" ? Object.keys(value) : [];
}
