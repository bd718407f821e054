import { connectCore, missingFeature } from "../core/client";
import type { Core } from "../core/api";

/** The core, or what this browser lacks for it. */
export function startCore(): Core | { missing: string } {
  const missing = missingFeature();
  return missing === null ? connectCore() : { missing };
}
