import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { promiseOf } from "../../state/commitments/words";
import type { People } from "../../state/people";

/** A commitment as a sentence; who and what stand out. */
export function PromiseSentence({ commitment, people }: { commitment: CommitmentView; people: People }) {
  const speech = useSpeech();
  return promiseOf(commitment, people, speech).map((piece, index) =>
    piece.strong ? <strong key={index}>{piece.text}</strong> : <span key={index}>{piece.text}</span>,
  );
}
