/** Who did what, entry by entry, gathered by day. */
import type { Deed, HistoryItem } from "../core/api";
import { localDate } from "../i18n/dates";
import type { Speech } from "../i18n/intl";
import type { MessageKey } from "../i18n/keys";
import { sv } from "../i18n/catalogue/sv";
import { type People, textIn } from "./people";
import type { Tables } from "./tables";

export interface HistoryRow {
  id: string;
  who: string;
  what: string;
  time_ms: number;
  left_out: string | null;
}

export interface HistoryDay {
  date: string;
  rows: HistoryRow[];
}

/** The newest first. */
export function historyDays(
  items: readonly HistoryItem[],
  tables: Tables,
  people: People,
  speech: Speech,
): HistoryDay[] {
  const days: HistoryDay[] = [];
  for (const item of [...items].reverse()) {
    const time = item.deeds[0]?.time_ms ?? 0;
    const date = localDate(new Date(time));
    const row: HistoryRow = {
      id: item.entry,
      who: item.name || speech.t("common.unknown_person"),
      what: item.deeds.length > 0 ? said(item.deeds, tables, people, speech) : speech.t("history.membership"),
      time_ms: time,
      left_out: item.left_out,
    };
    const day = days.at(-1);
    if (day?.date === date) day.rows.push(row);
    else days.push({ date, rows: [row] });
  }
  return days;
}

function said(deeds: readonly Deed[], tables: Tables, people: People, speech: Speech): string {
  const sentences = deeds.map((deed) => {
    const what = word(deed.what, speech);
    const [first] = deed.entities;
    if (!first) return what;
    if (deed.entities.length > 1 && deed.what === "import") {
      return speech.t("history.things", { what, count: deed.entities.length });
    }
    const thing = nameOf(first.kind, first.id, tables, people, speech);
    return thing === "" ? what : speech.t("history.of_thing", { what, thing });
  });
  return [...new Set(sentences)].join(". ");
}

/** What a command or an event is called here. */
function word(what: string, { t }: Speech): string {
  const known = (key: string): key is MessageKey => key in sv;
  return t([`deed.${what}`, `event.${what}`].find(known) ?? "deed.other");
}

function nameOf(kind: string, id: string, tables: Tables, people: People, speech: Speech): string {
  const { textKey } = speech;
  switch (kind) {
    case "note":
      return tables.notes.get(id)?.text ?? "";
    case "cluster":
      return tables.clusters.get(id)?.title ?? "";
    case "commitment":
      return tables.commitments.get(id)?.title ?? "";
    case "participant":
      return people.person(id).called;
    case "goal":
      return textIn(tables.things.goal.get(id)?.fields["statement"], textKey);
    case "indicator":
      return textIn(tables.things.indicator.get(id)?.fields["name"], textKey);
    case "organisation":
      return people.organisation(id)?.name ?? "";
    default:
      return "";
  }
}
