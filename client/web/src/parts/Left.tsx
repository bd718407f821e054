import { History } from "lucide-react";

import { useSpeech } from "../i18n/intl";
import { Button } from "./Button";
import { Callout } from "./Callout";
import type { Kept } from "./kept";

/** Says that a form goes on where one stopped. */
export function Left({ kept }: { kept: Pick<Kept<unknown>, "left" | "afresh"> }) {
  const { t } = useSpeech();
  if (!kept.left) return null;
  return (
    <Callout
      tone="plain"
      icon={History}
      actions={
        <Button size="small" onPress={kept.afresh}>
          {t("form.afresh")}
        </Button>
      }
    >
      <p>{t("form.left")}</p>
    </Callout>
  );
}

/** Throws away what is filled in, and closes the form. */
export function Discard({ kept, onClose }: { kept: Pick<Kept<unknown>, "forget">; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Button
      onPress={() => {
        kept.forget();
        onClose();
      }}
    >
      {t("common.cancel")}
    </Button>
  );
}
