import {
  CheckCheck,
  CircleDashed,
  CircleSlash,
  CornerDownRight,
  Flag,
  Handshake,
  HelpCircle,
  MessagesSquare,
  PlayCircle,
  Undo2,
  X,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";

import type { State } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Pill, type Tone } from "../../parts/Pill";

const LOOKS: Record<State, { tone: Tone; icon: LucideIcon }> = {
  suggested: { tone: "fjord", icon: CircleDashed },
  requested: { tone: "amber", icon: HelpCircle },
  promised: { tone: "spruce", icon: Handshake },
  under_way: { tone: "spruce", icon: PlayCircle },
  reported_done: { tone: "amber", icon: Flag },
  accepted: { tone: "lichen", icon: CheckCheck },
  declined: { tone: "plain", icon: X },
  withdrawn: { tone: "plain", icon: Undo2 },
  cancelled: { tone: "plain", icon: CircleSlash },
  needs_talk: { tone: "lingon", icon: MessagesSquare },
  merged: { tone: "plain", icon: CornerDownRight },
};

/** Where a commitment stands. */
export function StatePill({ state }: { state: State }) {
  const { t } = useSpeech();
  const { tone, icon } = LOOKS[state];
  return (
    <Pill tone={tone} icon={icon}>
      {t(`state.${state}`)}
    </Pill>
  );
}
