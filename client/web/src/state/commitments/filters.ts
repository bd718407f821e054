/** Which commitments a list shows, as the address says it, and in what order. */
import type { CommitmentView, State } from "../../core/api";
import type { Speech } from "../../i18n/intl";
import { lastDayOf, monthOf, parseWeek } from "../../i18n/dates";
import type { People } from "../people";

export const SHOWS = ["all", "mine", "ours", "waiting", "overdue"] as const;
export type Show = (typeof SHOWS)[number];

export const ORDERS = ["turn", "organisation", "goal"] as const;
export type Order = (typeof ORDERS)[number];

export interface Filters {
  show: Show;
  /** An organisation's id; empty for any. */
  organisation: string;
  /** A goal's id; empty for any. */
  goal: string;
  text: string;
  by: Order;
}

export interface Group {
  id: string;
  title: string;
  commitments: CommitmentView[];
}

/** What a list needs to know of the rest of the plan. */
export interface Around {
  people: People;
  /** Goals by id, as they are called. */
  goals: ReadonlyMap<string, string>;
}

export function readFilters(query: Readonly<Record<string, string>>): Filters {
  return {
    show: SHOWS.find((one) => one === query["show"]) ?? "all",
    organisation: query["org"] ?? "",
    goal: query["goal"] ?? "",
    text: query["q"] ?? "",
    by: ORDERS.find((one) => one === query["by"]) ?? "turn",
  };
}

/** The part of an address that says the same; what is as usual is left out. */
export function writeFilters(filters: Filters): Record<string, string> {
  return {
    show: filters.show === "all" ? "" : filters.show,
    org: filters.organisation,
    goal: filters.goal,
    q: filters.text,
    by: filters.by === "turn" ? "" : filters.by,
  };
}

export function isFiltered(filters: Filters): boolean {
  const { show, organisation, goal, text } = filters;
  return show !== "all" || organisation !== "" || goal !== "" || text.trim() !== "";
}

const CLOSED: ReadonlySet<State> = new Set(["accepted", "declined", "withdrawn", "cancelled", "merged"]);

/** Whether nothing is to be done any more. */
export function isClosed(commitment: CommitmentView): boolean {
  return CLOSED.has(commitment.state);
}

export function waitsForMe(commitment: CommitmentView, people: People): boolean {
  return people.me !== null && commitment.waiting_for.includes(people.me.id);
}

/** Everybody who is in it: who does it, who is asked, who helps, who receives it. */
export function concerned(commitment: CommitmentView): string[] {
  const { owner, asked, requester } = commitment;
  return [...new Set([owner, asked, ...commitment.with, requester].filter((one) => one !== null))];
}

/** The organisations whose people do it or are asked to. */
export function organisationsOf(commitment: CommitmentView, people: People): string[] {
  const { owner, asked, owner_org } = commitment;
  const doing = [owner, asked, ...commitment.with].filter((one) => one !== null);
  const theirs = doing.map((one) => people.person(one).organisation?.id ?? null);
  return [...new Set([owner_org, ...theirs].filter((one) => one !== null))];
}

/** The commitments that pass all filters, in no order. */
export function filtered(
  commitments: Iterable<CommitmentView>,
  filters: Filters,
  around: Around,
): CommitmentView[] {
  const words = filters.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return [...commitments].filter(
    (one) =>
      shows(one, filters.show, around.people) &&
      (filters.organisation === "" || organisationsOf(one, around.people).includes(filters.organisation)) &&
      (filters.goal === "" || one.goals.includes(filters.goal)) &&
      (words.length === 0 || says(one, words, around)),
  );
}

/** How many there are under each choice of `show`, whatever else is filtered for. */
export function counts(
  commitments: Iterable<CommitmentView>,
  filters: Filters,
  around: Around,
): Record<Show, number> {
  const rest = filtered(commitments, { ...filters, show: "all" }, around);
  const count = (show: Show) => rest.filter((one) => shows(one, show, around.people)).length;
  return {
    all: rest.length,
    mine: count("mine"),
    ours: count("ours"),
    waiting: count("waiting"),
    overdue: count("overdue"),
  };
}

function shows(commitment: CommitmentView, show: Show, people: People): boolean {
  const { me } = people;
  switch (show) {
    case "all":
      return true;
    case "mine":
      return me !== null && [commitment.owner, commitment.asked, ...commitment.with].includes(me.id);
    case "ours": {
      const own = me?.organisation?.id;
      return own !== undefined && organisationsOf(commitment, people).includes(own);
    }
    case "waiting":
      return waitsForMe(commitment, people);
    case "overdue":
      return commitment.overdue;
  }
}

function says(commitment: CommitmentView, words: readonly string[], { people, goals }: Around): boolean {
  const texts = [
    ...Object.values(commitment.titles),
    commitment.title,
    commitment.done_when,
    commitment.next_step,
    commitment.state_word,
    ...concerned(commitment).map((id) => people.person(id).called),
    ...organisationsOf(commitment, people).map((id) => people.organisation(id)?.name ?? ""),
    ...commitment.goals.map((id) => goals.get(id) ?? ""),
  ];
  const all = texts.join("\n").toLocaleLowerCase();
  return words.every((word) => all.includes(word));
}

/** Commitments under headings; one that belongs under two goals stands under both. */
export function grouped(
  commitments: readonly CommitmentView[],
  by: Order,
  around: Around,
  speech: Speech,
): Group[] {
  const { t } = speech;
  const sorted = [...commitments].sort(byDue(speech));
  switch (by) {
    case "turn":
      return filled([
        {
          id: "waiting",
          title: t("promises.group_waiting"),
          commitments: sorted.filter((one) => waitsForMe(one, around.people)),
        },
        {
          id: "open",
          title: t("commitments.open"),
          commitments: sorted.filter((one) => !waitsForMe(one, around.people) && !isClosed(one)),
        },
        {
          id: "closed",
          title: t("commitments.closed"),
          commitments: sorted.filter((one) => !waitsForMe(one, around.people) && isClosed(one)),
        },
      ]);
    case "organisation":
      return under(
        sorted,
        (one) => [one.owner_org ?? organisationsOf(one, around.people)[0]].filter((id) => id !== undefined),
        (id) => around.people.organisation(id)?.name ?? t("promises.group_no_organisation"),
        t("promises.group_no_organisation"),
        speech,
      );
    case "goal":
      return under(
        sorted,
        (one) => one.goals.filter((goal) => around.goals.has(goal)),
        (id) => around.goals.get(id) ?? "",
        t("promises.group_no_goal"),
        speech,
      );
  }
}

function under(
  commitments: readonly CommitmentView[],
  of: (commitment: CommitmentView) => readonly string[],
  called: (id: string) => string,
  none: string,
  { compare }: Speech,
): Group[] {
  const groups = new Map<string, Group>();
  const rest: CommitmentView[] = [];
  for (const commitment of commitments) {
    const ids = of(commitment);
    if (ids.length === 0) rest.push(commitment);
    for (const id of ids) {
      const group = groups.get(id) ?? { id, title: called(id), commitments: [] };
      group.commitments.push(commitment);
      groups.set(id, group);
    }
  }
  const named = [...groups.values()].sort((left, right) => compare(left.title, right.title));
  return filled([...named, { id: "", title: none, commitments: rest }]);
}

/** A day or week of a month: one commitment that is due, or all that are looked at together then. */
export interface Entry {
  what: "due" | "follow_up";
  /** Empty for what has no date. */
  date: string;
  commitments: CommitmentView[];
}

export interface Month {
  /** `2027-03`; empty for what has no date. */
  id: string;
  entries: Entry[];
}

/** Commitments by month, in the order of their days; those without a date come last. */
export function byMonth(commitments: readonly CommitmentView[], speech: Speech): Month[] {
  const entries: Entry[] = [];
  const followed = new Map<string, Entry>();
  for (const commitment of [...commitments].sort((left, right) => speech.compare(left.title, right.title))) {
    entries.push({ what: "due", date: commitment.due ?? "", commitments: [commitment] });
    const date = commitment.follow_up;
    if (date === null || isClosed(commitment)) continue;
    const together = followed.get(date) ?? { what: "follow_up", date, commitments: [] };
    together.commitments.push(commitment);
    if (!followed.has(date)) entries.push(together);
    followed.set(date, together);
  }
  entries.sort((left, right) => dayOf(left.date).localeCompare(dayOf(right.date)));
  const months = new Map<string, Month>();
  for (const entry of entries) {
    const id = monthOf(entry.date) ?? "";
    const month = months.get(id) ?? { id, entries: [] };
    month.entries.push(entry);
    months.set(id, month);
  }
  return [...months.values()].sort((left, right) => afterAll(left.id).localeCompare(afterAll(right.id)));
}

/** By the last day of what is due, what has no date last; the same day by title. */
function byDue({ compare }: Speech) {
  return (left: CommitmentView, right: CommitmentView) =>
    afterAll(dayOf(left.due ?? "")).localeCompare(afterAll(dayOf(right.due ?? ""))) ||
    compare(left.title, right.title);
}

function dayOf(due: string): string {
  const week = parseWeek(due);
  return week ? lastDayOf(week) : due;
}

function afterAll(day: string): string {
  return day === "" ? "9999" : day;
}

function filled(groups: Group[]): Group[] {
  return groups.filter((group) => group.commitments.length > 0);
}
