import { CoreError } from "../core/error";
import type { Speech } from "../i18n/intl";

/** Says what went wrong, that nothing is lost, and what to do. */
export function sayFailure(failure: unknown, { t }: Speech): string {
  if (!(failure instanceof CoreError)) {
    return t("error.internal", { reason: failure instanceof Error ? failure.message : String(failure) });
  }
  switch (failure.code) {
    case "unknown":
    case "not_ready":
    case "full":
    case "store":
      return t(`error.${failure.code}`);
    case "refused":
    case "malformed":
    case "internal":
      return t(`error.${failure.code}`, { reason: sentence(failure.message) });
  }
}

/** Whether trying again what was not saved may help. */
export function isUnsaved(failure: unknown): boolean {
  return failure instanceof CoreError && (failure.code === "full" || failure.code === "store");
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
