import { useEffect, useState } from "react";

import type { CommitmentEventName, EventView, OpenQuestion, Thing } from "../core/api";
import { usePlan, useSession } from "./context";

export interface CommitmentDetails {
  choices: CommitmentEventName[];
  events: EventView[];
  thing: Thing | null;
  questions: { question: OpenQuestion; mine: boolean }[];
}

const NOTHING: CommitmentDetails = { choices: [], events: [], thing: null, questions: [] };

/** What the list does not say of a commitment, read anew whenever it or its questions change. */
export function useCommitment(id: string | null): CommitmentDetails {
  const session = useSession();
  const view = usePlan((state) => (id === null ? undefined : state.tables.commitments.get(id)));
  const questions = usePlan((state) => state.questions);
  const role = usePlan((state) => state.opened.role);
  const [read, setRead] = useState<{ id: string | null; details: CommitmentDetails }>({
    id: null,
    details: NOTHING,
  });
  useEffect(() => {
    if (id === null || view === undefined) return undefined;
    let here = true;
    const { core, id: plan } = session;
    const own = questions.filter(({ entity }) => entity.kind === "commitment" && entity.id === id);
    async function load(commitment: string): Promise<CommitmentDetails> {
      const entity = { kind: "commitment" as const, id: commitment };
      const [choices, events, thing, mine] = await Promise.all([
        core.view(plan, "commitment_choices", { id: commitment }),
        core.view(plan, "commitment_events", { id: commitment }),
        core.view(plan, "thing", entity),
        own.length > 0 ? core.view(plan, "may_settle", { entity }) : false,
      ]);
      return { choices, events, thing, questions: own.map((question) => ({ question, mine })) };
    }
    session
      .attempt(() => load(id))
      .then((details) => {
        if (here) setRead({ id, details });
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [session, id, view, questions, role]);
  return read.id === id ? read.details : NOTHING;
}
