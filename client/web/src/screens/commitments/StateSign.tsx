import {
  Ban,
  CircleCheck,
  CircleSlash,
  Combine,
  Flag,
  Footprints,
  Handshake,
  Lightbulb,
  type LucideIcon,
  MessageCircleQuestion,
  MessagesSquare,
  Undo2,
} from "lucide-react";

import type { CommitmentView, State } from "../../core/api";
import { Pill, type Tone } from "../../parts/Pill";

const LOOKS: Record<State, { tone: Tone; icon: LucideIcon }> = {
  suggested: { tone: "plain", icon: Lightbulb },
  requested: { tone: "amber", icon: MessageCircleQuestion },
  promised: { tone: "spruce", icon: Handshake },
  under_way: { tone: "fjord", icon: Footprints },
  reported_done: { tone: "amber", icon: Flag },
  accepted: { tone: "lichen", icon: CircleCheck },
  declined: { tone: "plain", icon: CircleSlash },
  withdrawn: { tone: "plain", icon: Undo2 },
  cancelled: { tone: "plain", icon: Ban },
  needs_talk: { tone: "lingon", icon: MessagesSquare },
  merged: { tone: "plain", icon: Combine },
};

/** Where a commitment stands: a word, with its colour and its sign. */
export function StateSign({ commitment }: { commitment: CommitmentView }) {
  const { tone, icon } = LOOKS[commitment.state];
  return (
    <Pill tone={tone} icon={icon}>
      {commitment.state_word}
    </Pill>
  );
}
