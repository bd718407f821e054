import { AxeBuilder } from "@axe-core/playwright";
import type { Screen } from "../src/app/route";
import type { App } from "./support/app";
import { expect, type Size, test } from "./support/fixtures";
import { NURSE, PRINCIPAL } from "./support/people";
import { t } from "./support/words";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SCREENS: readonly Screen[] = [
  "commitments",
  "goals",
  "people",
  "history",
  "files",
  "status",
  "settings",
];

/** Whatever axe finds on the screen as it is now. Goes on after a fault, so that one run tells of all. */
async function look(app: App, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page })
    .withTags(TAGS)
    // React Aria speaks of a button here for some seconds, also when the button has gone meanwhile.
    .exclude("[data-live-announcer]")
    .setLegacyMode(true)
    .analyze();
  const said = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
  expect.soft(said, where).toEqual([]);
}

for (const size of ["phone", "desktop"] satisfies Size[]) {
  for (const colours of ["light", "dark"] as const) {
    test(`axe finds nothing on any screen, ${size}, ${colours}`, async ({ device }) => {
      const { app } = await device("reader", { size, colours });
      await app.page.emulateMedia({ reducedMotion: "reduce" });
      await app.open();
      await expect(app.page.getByRole("heading", { level: 1 })).toBeVisible();
      await look(app, "start");
      await app.page.getByRole("button", { name: t("start.join") }).click();
      await look(app, "paste a link");
      await app.page.keyboard.press("Escape");
      await app.page.getByRole("button", { name: t("start.new") }).click();
      await look(app, "new plan");
      await app.page.keyboard.press("Escape");

      await app.trySample();
      await app.wall.asWall();
      await look(app, "wall");
      await app.wall.asList();
      await look(app, "wall as list");
      await app.wall.openFirstMenu();
      await look(app, "menu of a note");
      await app.page.keyboard.press("Escape");
      for (const screen of SCREENS) {
        await app.go(screen);
        await expect(app.page.getByRole("main").getByRole("heading", { level: 1 }).first()).toBeVisible();
        await look(app, screen);
      }
      await app.go("commitments");
      await app.button(t("commitments.new")).click();
      await look(app, "new commitment");
      await app.page.keyboard.press("Escape");
      await app.commitments.rows.first().click();
      await expect(app.commitments.card).toBeVisible();
      await look(app, "one commitment");
    });

    test(`axe finds nothing at the door, on either side, ${size}, ${colours}`, async ({ device }) => {
      const host = (await device("host", { size, colours })).app;
      const guest = (await device("guest", { size, colours })).app;
      for (const { page } of [host, guest]) await page.emulateMedia({ reducedMotion: "reduce" });
      await host.begin("Ingen ensam", PRINCIPAL);
      await look(host, "empty wall");
      await host.go("commitments");
      await look(host, "no commitments");
      await host.go("people");
      await look(host, "alone");
      const link = await host.people.invite((where) => look(host, where));
      await guest.open(link);
      await expect(guest.page.getByRole("heading", { level: 1 })).toBeVisible();
      await look(guest, "invited");
      await guest.knock(link, NURSE);
      await look(guest, "at the door");
      await expect(host.people.knock(NURSE.name)).toBeVisible();
      await look(host, "somebody knocks");
    });
  }
}
