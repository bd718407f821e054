import type { commitmentsSv } from "./commitments.sv";

/** Only where Sweden says it in another way. */
export const commitmentsSvSE: Partial<Record<keyof typeof commitmentsSv, string>> = {
  "promises.by.organisation": "Efter verksamhet",
  "promises.group_no_organisation": "Ingen verksamhet ännu",

  "promise_ask.counter_title": "{who} ger ett motförslag",

  "promise_dialog.promise_body": "Alla i planen ser att du har lovat. Ändras något omförhandlar ni.",
  "promise_dialog.counter_title": "Ge ett motförslag",
  "promise_dialog.renegotiate_title": "Omförhandla",
  "promise_dialog.report_title": "Rapportera klart",
  "promise_dialog.cancel_title": "Avsluta åtagandet",

  "promise_event.counter_offer": "{who} gav ett motförslag",
  "promise_event.report_done": "{who} rapporterade klart",
  "promise_event.cancel": "{who} avslutade",

  "promise_say.cancelled": "Avslutat: {what}",
  "promise_say.reported_done":
    "{me, select, yes {{who} har} other {{who} har}} rapporterat klart för {whom}: {what}",
};
