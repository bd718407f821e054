/** Everything that one commitment's page shows, as the core says it in the commitment's view. */
import type { CommitmentView, EventView, OpenQuestion, State, Texts } from "../../core/api";

export const TEXT_FIELDS = [
  "title",
  "description",
  "done_when",
  "next_step",
  "support_needed",
  "obstacle",
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export interface Detail {
  texts: Record<TextField, Texts>;
  mandateBy: string | null;
  evidence: Texts;
  questions: readonly OpenQuestion[];
  /** What I may do now, by the names of events. */
  may: ReadonlySet<string>;
  /** Which single values I may change or settle: of `owner`, `requester`, `due`. */
  mayChange: ReadonlySet<string>;
  mayEndTalkAs: readonly State[];
  mayNameOwner: readonly string[];
  /** What happened, causes before effects. */
  history: readonly EventView[];
}

export function detailOf(view: CommitmentView): Detail {
  const of = (field: TextField) => view.texts[field] ?? {};
  return {
    texts: {
      title: of("title"),
      description: of("description"),
      done_when: of("done_when"),
      next_step: of("next_step"),
      support_needed: of("support_needed"),
      obstacle: of("obstacle"),
    },
    mandateBy: view.mandate_by,
    evidence: view.evidence,
    questions: view.questions,
    may: new Set(view.may),
    mayChange: new Set(view.may_change),
    mayEndTalkAs: view.may_end_talk_as,
    mayNameOwner: view.may_name_owner,
    history: view.history,
  };
}
