/** What others did, in as few sentences as it takes. */
import type { Speech } from "../i18n/intl";
import type { Change } from "./remote";
import type { Tables } from "./tables";

const NAMED_COMMITMENTS = 3;

/** Says what changed; `known` are the notes that were there before. */
export function remoteWords(
  changes: readonly Change[],
  known: ReadonlySet<string>,
  tables: Tables,
  { t }: Speech,
): string[] {
  const notes = changes.filter((change) => change.kind === "note" && tables.notes.has(change.id));
  const fresh = notes.filter((change) => !known.has(change.id));
  const commitments = changes.filter((change) => change.kind === "commitment");
  const rest = changes.length - notes.length - commitments.length;

  const sentences = [...newNotes(fresh, tables)].map(([cluster, count]) =>
    cluster === null ? t("announce.notes", { count }) : t("announce.notes_in", { count, cluster }),
  );
  const changed = notes.length - fresh.length;
  if (changed > 0) sentences.push(t("announce.changed_notes", { count: changed }));
  for (const { id } of commitments.slice(0, NAMED_COMMITMENTS)) {
    const view = tables.commitments.get(id);
    if (view)
      sentences.push(t("announce.commitment", { title: view.title, state: t(`state.${view.state}`) }));
  }
  const unnamed = rest + Math.max(0, commitments.length - NAMED_COMMITMENTS);
  if (unnamed > 0) sentences.push(t("announce.others", { count: unnamed }));
  return sentences;
}

/** How many new notes each cluster got, by its title. */
function newNotes(fresh: readonly Change[], tables: Tables): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { id } of fresh) {
    const cluster = tables.clusters.get(tables.notes.get(id)?.cluster ?? "")?.title ?? null;
    counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
  }
  return counts;
}
