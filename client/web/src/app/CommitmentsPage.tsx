import { Plus } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";

import type { Command, CommitmentView, Outcome } from "../core/api";
import { useSpeech } from "../i18n/intl";
import { Button } from "../parts/Button";
import { Empty } from "../parts/Empty";
import { Page } from "../parts/Page";
import { CommitmentForm } from "../screens/commitments/CommitmentForm";
import { CommitmentList, NoCommitments, NoneSuch } from "../screens/commitments/CommitmentList";
import { CommitmentScreen } from "../screens/commitments/CommitmentScreen";
import { FilterBar } from "../screens/commitments/FilterBar";
import { Months } from "../screens/commitments/Months";
import style from "../screens/commitments/Page.module.css";
import { type Beginning, begin, type Draft, draftOf, editOf, EMPTY_DRAFT } from "../state/commitments/draft";
import {
  byMonth,
  counts,
  type Filters,
  filtered,
  grouped,
  isClosed,
  isFiltered,
  readFilters,
  writeFilters,
} from "../state/commitments/filters";
import { detailOf } from "../state/commitments/reading";
import { textIn } from "../state/people";
import type { PlanRoute } from "./PlanPage";
import { useApp, usePlan, useSession } from "./context";
import { navigate, withQuery } from "./navigation";
import { writeRoute } from "./route";
import { useMayEdit, usePeople } from "./usePeople";

/** The terms that a new commitment has. */
const ALL_TERMS: ReadonlySet<string> = new Set(["requester", "due"]);

export default function CommitmentsPage({ route }: { route: PlanRoute }) {
  const speech = useSpeech();
  const { t, textKey } = speech;
  const loaded = usePlan((state) => state.loaded);
  const commitments = usePlan((state) => state.tables.commitments);
  const glowing = usePlan((state) => state.glowing);
  const notes = usePlan((state) => state.tables.notes);
  const people = usePeople();
  const mayEdit = useMayEdit();
  const goals = useGoals();
  const acts = useActs();
  const [remarks, setRemarks] = useState<{ of: string; remarks: readonly string[] } | null>(null);

  const filters = useMemo(() => readFilters(route.query), [route.query]);
  const around = useMemo(
    () => ({ people, goals: new Map(goals.map(({ id, title }) => [id, title])) }),
    [people, goals],
  );
  const shown = useMemo(
    () => filtered(commitments.values(), filters, around),
    [commitments, filters, around],
  );
  const numbers = useMemo(
    () => counts(commitments.values(), filters, around),
    [commitments, filters, around],
  );
  const groups = useMemo(() => grouped(shown, filters.by, around, speech), [shown, filters, around, speech]);
  useReturn(route.id);
  if (!loaded) return null;

  const mode = route.query["as"] === "months" ? "months" : "list";
  const open = route.id === null ? null : commitments.get(route.id);
  const source = route.query["from"] ?? route.query["new"];
  const writing = mayEdit && source !== undefined;
  const hrefOf = ({ id }: CommitmentView) => writeRoute({ ...route, id, query: listed(route.query) });
  const listHref = writeRoute({ ...route, id: null, query: listed(route.query) });
  const setFilters = (next: Filters) => navigate(withQuery(route, writeFilters(next)), "replace");
  const startNew = () => navigate(withQuery(route, { new: "1" }));
  const stopNew = (id: string | null) =>
    navigate({ ...route, id: id ?? route.id, query: listed(route.query) }, "replace");
  const note = source === undefined ? undefined : notes.get(source);

  async function make(draft: Draft, beginning: Beginning) {
    const made = await acts.begin(draft, beginning);
    if (made.id !== null) setRemarks({ of: made.id, remarks: made.remarks });
    stopNew(made.id);
  }

  return (
    <Page
      title={t("nav.commitments")}
      width={open === null ? "wide" : "full"}
      actions={
        mayEdit &&
        commitments.size > 0 && (
          <Button look="primary" icon={Plus} onPress={startNew}>
            {t("commitments.new")}
          </Button>
        )
      }
    >
      {commitments.size === 0 && open === null ? (
        <NoCommitments onNew={mayEdit ? startNew : null} />
      ) : (
        <div className={open === null ? style.alone : style.panes}>
          <section className={style.list} aria-label={t("nav.commitments")}>
            <FilterBar
              filters={filters}
              onFilters={setFilters}
              counts={numbers}
              people={people}
              goals={goals}
              mode={mode}
              onMode={(as) => navigate(withQuery(route, { as: as === "list" ? "" : as }), "replace")}
              narrow={open !== null}
            />
            {shown.length === 0 && isFiltered(filters) ? (
              <NoneSuch onClear={() => setFilters({ ...readFilters({}), by: filters.by })} />
            ) : mode === "months" && open === null ? (
              <Months months={byMonth(shown, speech)} people={people} hrefOf={hrefOf} />
            ) : (
              <CommitmentList
                groups={groups}
                people={people}
                hrefOf={hrefOf}
                current={route.id}
                glowing={glowing}
              />
            )}
          </section>
          {open !== null && (
            <section className={style.detail}>
              {open === undefined ? (
                <Empty title={t("card.gone_title")} action={<a href={listHref}>{t("card.back")}</a>}>
                  {t("promises.gone_body")}
                </Empty>
              ) : (
                <One
                  key={open.id}
                  commitment={open}
                  route={route}
                  listHref={listHref}
                  acts={acts}
                  remarks={remarks?.of === open.id ? remarks.remarks : []}
                  onRemarks={(said) => setRemarks({ of: open.id, remarks: said })}
                />
              )}
            </section>
          )}
        </div>
      )}
      {writing && (
        <CommitmentForm
          name={note ? `of/${note.id}` : "new"}
          initial={{
            ...EMPTY_DRAFT,
            title: note ? textIn(note.texts, textKey) : "",
            owner: people.me?.id ?? null,
            from_notes: note ? [note.id] : [],
          }}
          onBegin={make}
          onSave={() => Promise.resolve()}
          onClose={() => stopNew(null)}
          people={people}
          goals={goals}
          note={note ? textIn(note.texts, textKey) : null}
          terms={ALL_TERMS}
        />
      )}
    </Page>
  );
}

/** Back in the list, the keyboard stands on the commitment that one comes from. */
function useReturn(id: string | null) {
  const before = useRef(id);
  useEffect(() => {
    const from = before.current;
    before.current = id;
    if (id !== null || from === null) return;
    const link = document.querySelector<HTMLElement>(
      `main a[href*="/commitments/${encodeURIComponent(from)}"]`,
    );
    if (document.activeElement === document.body) link?.focus();
  }, [id]);
}

interface OneProps {
  commitment: CommitmentView;
  route: PlanRoute;
  listHref: string;
  acts: Acts;
  remarks: readonly string[];
  onRemarks: (remarks: readonly string[]) => void;
}

/** The page of one commitment. */
function One({ commitment, route, listHref, acts, remarks, onRemarks }: OneProps) {
  const { t, textKey } = useSpeech();
  const { announcer } = useApp();
  const session = useSession();
  const commitments = usePlan((state) => state.tables.commitments);
  const notes = usePlan((state) => state.tables.notes);
  const people = usePeople();
  const mayEdit = useMayEdit();
  const goals = useGoals();
  const detail = useMemo(() => detailOf(commitment), [commitment]);
  const [editing, setEditing] = useState<Draft | null>(null);

  const { id } = commitment;
  const titleOf = (other: string) => commitments.get(other)?.title ?? t("common.untitled");
  const linked = (other: string) => ({
    id: other,
    title: titleOf(other),
    href: writeRoute({ ...route, id: other, query: listed(route.query) }),
  });
  const run = (work: Promise<Outcome>) => {
    work
      .then((outcome) => {
        onRemarks(outcome.remarks);
        const now = session.store.getState().tables.commitments.get(id);
        if (now) announcer.say(t("announce.commitment", { title: now.title, state: now.state_word }));
      })
      // The session has put what went wrong on the screen.
      .catch(() => undefined);
  };

  return (
    <>
      <CommitmentScreen
        commitment={commitment}
        detail={detail}
        people={people}
        goals={goals
          .filter((goal) => commitment.goals.includes(goal.id))
          .map((goal) => ({
            ...goal,
            href: writeRoute({ ...route, screen: "goals", id: goal.id, query: {} }),
          }))}
        notes={commitment.from_notes.flatMap((noteId) => {
          const note = notes.get(noteId);
          if (!note) return [];
          return [
            {
              id: noteId,
              title: textIn(note.texts, textKey) || t("common.untitled"),
              href: writeRoute({ ...route, screen: "wall", id: noteId, query: { board: note.board } }),
            },
          ];
        })}
        similar={commitment.similar.map(linked)}
        into={commitment.merged_into === null ? null : linked(commitment.merged_into)}
        remarks={remarks}
        titleOf={titleOf}
        backHref={listHref}
        onEvent={({ event, mandateBy }) => run(acts.event(id, event, mandateBy))}
        onSettle={(field, keep) =>
          run(acts.execute({ command: "settle", entity: { kind: "commitment", id }, field, keep }))
        }
        others={[...commitments.values()]
          .filter((other) => other.id !== id && !isClosed(other))
          .map((other) => ({ value: other.id, label: other.title || t("common.untitled") }))}
        onJoin={(into) => run(acts.execute({ command: "merge_commitments", from: id, into }))}
        onEdit={mayEdit ? () => setEditing(draftOf(commitment, detail.texts, textKey)) : null}
      />
      {editing && (
        <CommitmentForm
          name={id}
          initial={editing}
          onBegin={null}
          onSave={(after) => {
            const edit = editOf(id, editing, after, detail.texts, textKey);
            setEditing(null);
            return edit ? acts.execute(edit) : Promise.resolve();
          }}
          onClose={() => setEditing(null)}
          people={people}
          goals={goals}
          note={null}
          terms={detail.mayChange}
        />
      )}
    </>
  );
}

function useGoals(): readonly { id: string; title: string }[] {
  const { textKey, compare, t } = useSpeech();
  const goals = usePlan((state) => state.tables.things.goal);
  return useMemo(
    () =>
      [...goals.values()]
        .map((goal) => ({
          id: goal.id,
          title: textIn(goal.fields["statement"], textKey) || t("common.untitled"),
        }))
        .sort((left, right) => compare(left.title, right.title)),
    [goals, textKey, compare, t],
  );
}

interface Acts {
  execute: (command: Command) => Promise<Outcome>;
  event: (
    id: string,
    event: Extract<Command, { command: "commitment" }>["event"],
    mandateBy?: string,
  ) => Promise<Outcome>;
  begin: (draft: Draft, beginning: Beginning) => Promise<{ id: string | null; remarks: string[] }>;
}

/** What may be done; failures show in the plan's notices. */
function useActs(): Acts {
  const session = useSession();
  const { announcer } = useApp();
  const { t, textKey } = useSpeech();
  return useMemo<Acts>(() => {
    const execute = (command: Command) => session.execute(command);
    return {
      execute,
      event: async (id, event, mandateBy) => {
        if (mandateBy !== undefined) {
          const entity = { kind: "commitment" as const, id };
          await execute({ command: "edit", entity, fields: { mandate_by: mandateBy } });
        }
        return execute({ command: "commitment", id, event });
      },
      begin: async (draft, beginning) => {
        const made = await begin(draft, beginning, textKey, execute);
        announcer.say(t("promise_form.made"));
        return made;
      },
    };
  }, [session, announcer, t, textKey]);
}

/** An address without what only opens the dialog of a new one. */
function listed(query: PlanRoute["query"]): PlanRoute["query"] {
  return Object.fromEntries(Object.entries(query).filter(([name]) => name !== "from" && name !== "new"));
}
