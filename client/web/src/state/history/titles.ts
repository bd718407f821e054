/** What a thing is called, for lines that name it. */
import type { EntityRef } from "../../core/api";
import { textIn } from "../people";
import type { Tables } from "../tables";

/** Its title or text; empty where it has none here (any more). */
export function titleOf({ kind, id }: EntityRef, tables: Tables, key: string): string {
  switch (kind) {
    case "note":
      return tables.notes.get(id)?.text ?? "";
    case "cluster":
      return tables.clusters.get(id)?.title ?? "";
    case "commitment":
      return tables.commitments.get(id)?.title ?? "";
    case "participant":
      return tables.participants.get(id)?.called ?? "";
    case "meta":
      return tables.plan?.title ?? "";
    case "goal":
      return textIn(tables.things.goal.get(id)?.fields["statement"], key);
    case "indicator":
    case "organisation":
      return textIn(tables.things[kind].get(id)?.fields["name"], key);
    case "board":
      return textIn(tables.things.board.get(id)?.fields["title"], key);
    default:
      return "";
  }
}
