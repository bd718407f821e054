/** Who answers for what that is not over yet. */
import type { CommitmentView, State } from "../../core/api";

const OPEN: readonly State[] = ["requested", "promised", "under_way", "reported_done", "needs_talk"];

/** Titles of the open commitments of each participant who owns some. */
export function promisedBy(commitments: Iterable<CommitmentView>): Map<string, string[]> {
  const titles = new Map<string, string[]>();
  for (const { owner, state, title } of commitments) {
    if (owner === null || !OPEN.includes(state)) continue;
    titles.set(owner, [...(titles.get(owner) ?? []), title]);
  }
  return titles;
}
