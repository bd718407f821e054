import type { ReactNode } from "react";

import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { partiesOf } from "../../state/commitments";
import { type People, textIn } from "../../state/people";
import style from "./Sentence.module.css";

/** A commitment as what it is: somebody promises something. */
export function Sentence({ view, people }: { view: CommitmentView; people: People }) {
  const { rich, textKey, t } = useSpeech();
  const parties = partiesOf(view);
  const called = (id: string | null) => {
    const person = people.person(id);
    return person.me ? person.called : (people.organisation(id)?.name ?? person.called);
  };
  const title = textIn(view.titles, textKey) || view.title || t("common.untitled");
  return rich(
    `sentence.${view.state}`,
    {
      title,
      owner: called(parties.owner),
      asked: called(parties.asked),
      requester: called(parties.requester),
    },
    {
      who: (words: ReactNode) => <span className={style.who}>{words}</span>,
      what: (words: ReactNode) => <span className={style.what}>{words}</span>,
    },
  );
}
