import type { Json } from "../../core/api";
import type { Speech } from "../../i18n/intl";
import { type People, textIn } from "../../state/people";

/** A field of a commitment, by the name that people know it by. */
export function fieldWords(field: string, { t }: Speech): string {
  switch (field) {
    case "owner":
    case "requester":
    case "due":
    case "follow_up":
    case "mandate":
      return t(`fact.${field}`);
    default:
      return field.replaceAll("_", " ");
  }
}

/** An answer as people would say it. */
export function answerWords(field: string, value: Json, people: People, speech: Speech): string {
  if (value === null || value === "") return speech.t("due.none");
  if (typeof value === "string") {
    if (field === "owner" || field === "requester") return people.person(value).called;
    if (field === "owner_org" || field === "org") return people.organisation(value)?.name ?? value;
    return speech.due(value);
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return textIn(value, speech.textKey) || JSON.stringify(value);
}
