import { useMemo, useState } from "react";

import type { CommitmentEvent, CommitmentView, Json, Thing } from "../core/api";
import { type Speech, useSpeech } from "../i18n/intl";
import { Empty } from "../parts/Empty";
import { CommitmentCard } from "../screens/commitments/CommitmentCard";
import { type CommitmentDraft, CommitmentForm, EMPTY_DRAFT } from "../screens/commitments/CommitmentForm";
import { CommitmentList } from "../screens/commitments/CommitmentList";
import { type Filter, isClosed, LISTS } from "../state/commitments";
import { keyIn, NETWORK, textIn, textsOf } from "../state/people";
import { rebase } from "../state/rebase";
import style from "./CommitmentsPage.module.css";
import type { PlanRoute } from "./PlanPage";
import { usePlan, useSession } from "./context";
import { navigate, withQuery } from "./navigation";
import { writeRoute } from "./route";
import { useCommitment } from "./useCommitment";
import { useMayEdit, usePeople } from "./usePeople";

export default function CommitmentsPage({ route }: { route: PlanRoute }) {
  const session = useSession();
  const speech = useSpeech();
  const { t, textKey, compare } = speech;
  const loaded = usePlan((state) => state.loaded);
  const commitments = usePlan((state) => state.tables.commitments);
  const goalThings = usePlan((state) => state.tables.things.goal);
  const notes = usePlan((state) => state.tables.notes);
  const questions = usePlan((state) => state.questions);
  const glowing = usePlan((state) => state.glowing);
  const people = usePeople();
  const mayEdit = useMayEdit();
  const details = useCommitment(route.id);
  const [editing, setEditing] = useState<CommitmentDraft | null>(null);

  const goals = useMemo(
    () =>
      [...goalThings.values()]
        .map((goal) => ({
          value: goal.id,
          label: textIn(goal.fields["statement"], textKey) || t("common.untitled"),
        }))
        .sort((left, right) => compare(left.label, right.label)),
    [goalThings, textKey, compare, t],
  );
  const contested = useMemo(
    () =>
      new Set(questions.filter(({ entity }) => entity.kind === "commitment").map(({ entity }) => entity.id)),
    [questions],
  );
  const filter: Filter = {
    list: LISTS.find((list) => list === route.query["list"]) ?? "all",
    organisation: route.query["organisation"] || null,
    goal: route.query["goal"] || null,
  };
  const hrefOf = (id: string) => writeRoute({ ...route, id });
  const view = route.id === null ? undefined : commitments.get(route.id);
  const from = route.query["new"];
  const run = (work: Promise<unknown>) => void work.catch(() => undefined);
  const titleOf = (id: string) => commitments.get(id)?.title ?? t("common.untitled");
  const close = () => navigate(withQuery(route, { new: "" }), "replace");

  async function create(draft: CommitmentDraft, then: "suggest" | "promise" | "request") {
    const note = from !== undefined && from !== "yes" ? from : null;
    const fields: Record<string, Json> = {
      ...fieldsOf(draft, textKey),
      ...(note === null ? {} : { from_notes: [note] }),
    };
    const made = await session.execute({ command: "add", kind: "commitment", fields });
    const id = made.entities.find((entity) => entity.kind === "commitment")?.id;
    if (id === undefined) return;
    if (note !== null) {
      const entity = { kind: "note" as const, id: note };
      await session.execute({
        command: "members",
        entity,
        field: "promoted_to",
        add: { [id]: true },
        remove: [],
      });
    }
    const event = firstEvent(draft, then);
    if (event) await session.execute({ command: "commitment", id, event });
    navigate({ ...route, id, query: {} }, "replace");
  }

  async function change(draft: CommitmentDraft, before: CommitmentDraft, thing: Thing | null) {
    if (!view) return;
    const fields = changedFields(draft, before, thing, textKey);
    const entity = { kind: "commitment" as const, id: view.id };
    if (Object.keys(fields).length > 0) await session.execute({ command: "edit", entity, fields });
    setEditing(null);
  }

  if (!loaded) return null;
  return (
    <div className={style.panes} data-detail={route.id !== null}>
      <div className={style.list}>
        <CommitmentList
          commitments={commitments}
          people={people}
          goals={goals}
          contested={contested}
          glowing={glowing}
          filter={filter}
          onFilter={(next) => navigate(withQuery(route, next), "replace")}
          as={route.query["as"] === "months" ? "months" : "list"}
          current={route.id}
          hrefOf={hrefOf}
          mayEdit={mayEdit}
          onNew={() => navigate(withQuery(route, { new: "yes" }))}
        />
      </div>
      <div className={style.detail}>
        {view && (
          <CommitmentCard
            key={view.id}
            view={view}
            people={people}
            commitments={commitments}
            choices={details.choices}
            events={details.events}
            questions={details.questions}
            more={{
              support_needed: textIn(details.thing?.fields["support_needed"], textKey),
              obstacle: textIn(details.thing?.fields["obstacle"], textKey),
              description: textIn(details.thing?.fields["description"], textKey),
            }}
            goals={goals.filter((goal) => view.goals.includes(goal.value))}
            notes={view.from_notes.flatMap((id) => notes.get(id) ?? [])}
            others={[...commitments.values()]
              .filter((other) => other.id !== view.id && !isClosed(other))
              .map((other) => ({ value: other.id, label: other.title }))}
            titleOf={titleOf}
            hrefOf={hrefOf}
            mayEdit={mayEdit}
            onEvent={(event) => run(session.execute({ command: "commitment", id: view.id, event }))}
            onSettle={({ entity, field }, { id: keep }) =>
              run(session.execute({ command: "settle", entity, field, keep }))
            }
            onMerge={(into) => run(session.execute({ command: "merge_commitments", from: view.id, into }))}
            onEdit={() => setEditing(draftOf(view, details.thing, textKey))}
            backHref={writeRoute({ ...route, id: null })}
          />
        )}
        {!view && route.id !== null && <Empty title={t("card.gone_title")}>{t("card.gone_body")}</Empty>}
        {!view && route.id === null && commitments.size > 0 && (
          <p className={style.choose}>{t("commitments.choose")}</p>
        )}
      </div>
      {from !== undefined && from !== "" && (
        <CommitmentForm
          draft={{
            ...EMPTY_DRAFT,
            title: notes.get(from)?.text ?? "",
            owner: people.me?.id ?? null,
          }}
          exists={false}
          people={people}
          goals={goals}
          onClose={close}
          onSave={(next, then) => run(create(next, then))}
        />
      )}
      {editing && (
        <CommitmentForm
          draft={editing}
          exists
          people={people}
          goals={goals}
          onClose={() => setEditing(null)}
          onSave={(next) => run(change(next, editing, details.thing))}
        />
      )}
    </div>
  );
}

const TEXTS = ["title", "done_when", "next_step", "support_needed", "obstacle"] as const;

/** What a new commitment is made of; what was not said is left out. */
function fieldsOf(draft: CommitmentDraft, textKey: Speech["textKey"]): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (const name of TEXTS) if (draft[name].trim() !== "") fields[name] = { [textKey]: draft[name].trim() };
  if (draft.owner !== null) fields["owner"] = draft.owner;
  if (draft.due !== null) fields["due"] = draft.due;
  if (draft.follow_up !== null) fields["follow_up"] = draft.follow_up;
  fields["requester"] = draft.requester;
  if (draft.with.length > 0) fields["with"] = draft.with;
  if (draft.goals.length > 0) fields["goals"] = draft.goals;
  return fields;
}

function firstEvent(draft: CommitmentDraft, then: "suggest" | "promise" | "request"): CommitmentEvent | null {
  if (then === "promise") return { type: "promise" };
  return then === "request" && draft.owner !== null ? { type: "request", to: draft.owner } : null;
}

function draftOf(view: CommitmentView, thing: Thing | null, textKey: string): CommitmentDraft {
  return {
    title: textIn(view.titles, textKey),
    done_when: textIn(thing?.fields["done_when"], textKey),
    next_step: textIn(thing?.fields["next_step"], textKey),
    support_needed: textIn(thing?.fields["support_needed"], textKey),
    obstacle: textIn(thing?.fields["obstacle"], textKey),
    owner: view.owner,
    with: view.with,
    requester: view.requester ?? NETWORK,
    due: view.due,
    follow_up: view.follow_up,
    goals: view.goals,
  };
}

/** What this person changed, and nothing that others changed meanwhile. */
function changedFields(
  draft: CommitmentDraft,
  before: CommitmentDraft,
  thing: Thing | null,
  textKey: string,
): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (const name of TEXTS) {
    if (draft[name] === before[name]) continue;
    const now = textsOf(thing?.fields[name]);
    const key = keyIn(now, textKey);
    fields[name] = { [key]: rebase(before[name], now[key] ?? "", draft[name]).text };
  }
  if (draft.follow_up !== before.follow_up) fields["follow_up"] = draft.follow_up;
  if (draft.goals.join() !== before.goals.join()) fields["goals"] = draft.goals;
  return fields;
}
