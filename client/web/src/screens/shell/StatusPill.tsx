import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";

import { useSpeech } from "../../i18n/intl";
import type { StatusWords } from "../../state/statusWords";
import style from "./StatusPill.module.css";
import { classes } from "../../parts/classes";

const SIGNS = { lichen: Check, amber: CloudOff, lingon: TriangleAlert, plain: Check };

/** The truth about what one wrote, in a few words; leads to the page that tells all of it. */
export function StatusPill({ words, busy, href }: { words: StatusWords; busy: boolean; href: string }) {
  const { t } = useSpeech();
  const Sign = busy ? LoaderCircle : SIGNS[words.tone];
  return (
    <a
      href={href}
      className={classes(style.pill, style[words.tone])}
      aria-label={`${words.parts.join(", ")}. ${t("status.open")}`}
    >
      <Sign aria-hidden className={classes(style.sign, busy && style.busy)} />
      <span className={style.long}>{words.parts.join(" · ")}</span>
      <span className={style.short}>{words.short}</span>
    </a>
  );
}
