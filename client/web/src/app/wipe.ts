import type { Core } from "../core/api";
import { stopKeepingMarks } from "./useAway";

/** What the app keeps beside the core, by the beginning of its name. */
const KEPT = "samverka.";

/** Removes every plan with its keys, and who one is, from this device; then begins anew, with nothing in memory. */
export async function wipeDevice(core: Core, keep: Storage): Promise<void> {
  const identity = await core.identity();
  for (const { id } of await core.plans()) await core.removePlan(id);
  if (identity) await core.setIdentity({ ...identity, name: "", organisation: "", role_title: "" });
  stopKeepingMarks();
  for (const key of Object.keys(keep).filter((one) => one.startsWith(KEPT))) keep.removeItem(key);
  window.location.hash = "#/";
  window.location.reload();
}
