import { commitmentsSvSE } from "./commitments.svSE";
import { pages } from "./pages.svSE";
import type { PartialCatalogue } from "../keys";

/** Only where Sweden says it in another way. */
export const svSE: PartialCatalogue = {
  ...pages,
  ...commitmentsSvSE,
  "announce.notes": "{count, plural, one {# ny lapp} other {# nya lappar}} på tavlan.",

  "canvas.label": "Tavlan. Lapparna finns också som lista.",

  "commitments.organisation": "Verksamhet",
  "commitments.any_organisation": "Alla verksamheter",
  "commitments.empty_body":
    "Ett åtagande säger vem som gör vad med vem, och när. Gör ett av en lapp på tavlan, eller skriv ett här.",

  "fact.due": "Klart senast",

  "legend.organisations": "Verksamheter",

  "nav.wall": "Tavlan",

  "start.line1":
    "Skriv lappar tillsammans på en tavla, och gör dem till åtaganden: vem gör vad med vem, och när.",

  "state.reported_done": "klarrapporterat",
  "state.cancelled": "avslutat",

  "status.not_sent": "{count, plural, one {# ändring ej skickad} other {# ändringar ej skickade}}",

  "wall.title": "Tavlan",
  "wall.as_wall": "Tavla",
  "wall.empty_title": "Tavlan är tom",
  "wall.board": "Tavla",

  "you.organisation": "Verksamhet",
};
