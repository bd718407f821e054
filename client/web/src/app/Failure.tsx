import { CircleX, X } from "lucide-react";
import type { ReactNode } from "react";

import { useSpeech } from "../i18n/intl";
import { Button, IconButton } from "../parts/Button";
import style from "./Failure.module.css";
import { usePlan, useSession } from "./context";
import { isUnsaved, sayFailure } from "./failures";

interface FailureProps {
  failure: unknown;
  onClose: () => void;
  children?: ReactNode;
}

/** Says what went wrong, to eyes and ears. */
export function Failure({ failure, onClose, children }: FailureProps) {
  const speech = useSpeech();
  return (
    <div className={style.failure} role="alert">
      <CircleX aria-hidden className={style.sign} />
      <p>{sayFailure(failure, speech)}</p>
      {children}
      <IconButton icon={X} label={speech.t("common.close")} onPress={onClose} />
    </div>
  );
}

/** What went wrong in the open plan, if anything did; what was not saved may be tried again. */
export function PlanFailure() {
  const session = useSession();
  const { t } = useSpeech();
  const failure = usePlan((state) => state.failure);
  if (failure === null) return null;
  return (
    <Failure failure={failure} onClose={() => session.dismissFailure()}>
      {isUnsaved(failure) && (
        <Button
          size="small"
          onPress={() => {
            session.dismissFailure();
            session.attempt(() => session.core.retry(session.id)).catch(() => undefined);
          }}
        >
          {t("common.retry")}
        </Button>
      )}
    </Failure>
  );
}
