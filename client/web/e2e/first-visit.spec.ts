import type { Screen } from "../src/app/route";
import { expect, type Size, test } from "./support/fixtures";
import { t } from "./support/words";

const SCREENS: readonly Screen[] = [
  "wall",
  "commitments",
  "goals",
  "people",
  "history",
  "files",
  "status",
  "settings",
];

for (const size of ["phone", "desktop"] satisfies Size[]) {
  test(`somebody new tries the sample plan and gets to every page, ${size}`, async ({ device }) => {
    const { app } = await device("guest", { size });
    await app.trySample();
    if (size === "phone") {
      // Phones begin with the list: notes in it are buttons of their own.
      await expect(app.page.getByRole("radio", { name: t("wall.as_list") })).toBeChecked();
      await expect(app.page.getByRole("region").first()).toBeVisible();
    } else {
      await expect(app.page.getByRole("application", { name: t("canvas.label") })).toBeVisible();
    }
    for (const screen of SCREENS) {
      await app.go(screen);
      await expect(app.page.getByRole("main").getByRole("heading", { level: 1 }).first()).toBeVisible();
    }
    await app.isSaved();
  });
}
