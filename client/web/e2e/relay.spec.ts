import { expect, test } from "./support/fixtures";
import { meeting, toList } from "./support/meeting";
import { NURSE, PRINCIPAL } from "./support/people";
import { t } from "./support/words";

test("with the relay away for the whole session a plan is begun, written and kept, and sent when it comes", async ({
  device,
  relay,
}) => {
  const { app } = await device("principal");
  await app.open();
  await expect(app.page.getByRole("button", { name: t("start.new") })).toBeVisible();
  // Each page is fetched when it is first gone to: the sample plan leads through those that are needed below.
  await app.trySample();
  for (const screen of ["commitments", "people", "status", "wall"] as const) await app.go(screen);
  await app.wall.asList();
  await relay.stop();

  await app.page.getByRole("button", { name: t("nav.plans") }).click();
  await app.page.getByRole("menuitem", { name: t("nav.all_plans") }).click();
  await app.beginHere("Utan nät", PRINCIPAL);
  await app.wall.asList();
  await app.wall.add(["Tolk på plats", "Karta över byn"]);
  await app.wall.cover("Tolk på plats", "Möten");
  await app.go("commitments");
  await app.commitments.promise("Boka bygården", "Den är bokad");
  await expect(app.status).toHaveAccessibleName(new RegExp(t("status.saved_here")));
  await expect(app.status).toHaveAccessibleName(new RegExp(t("status.offline")));
  await expect(app.page.getByRole("alert")).toHaveCount(0);
  await app.go("status");
  await expect(app.page.getByRole("main")).toContainText(t("statuspage.relay_unknown"));

  await relay.start();
  await app.isAtRelay();
  await app.go("people");
  const link = await app.people.invite();
  const guest = (await device("nurse")).app;
  const code = await guest.knock(link, NURSE);
  await app.people.admit(NURSE.name, code);
  await guest.isInside();
  await toList(guest);
  await expect(guest.wall.noteIn("Möten", "Tolk på plats")).toBeVisible();
});

test("a relay that is killed in mid-session and comes back has lost nothing that two people wrote", async ({
  device,
  relay,
}) => {
  const { host, guest } = await meeting(device);
  await host.app.wall.add(["före"]);
  await expect(guest.app.wall.note("före")).toBeVisible();
  await Promise.all([
    host.app.wall.add(["värd 1", "värd 2", "värd 3"]),
    guest.app.wall.add(["gäst 1", "gäst 2", "gäst 3"]),
    relay.kill(),
  ]);
  await Promise.all([host.app.wall.add(["värd 4"]), guest.app.wall.add(["gäst 4"])]);
  await relay.start();
  const all = [1, 2, 3, 4].flatMap((count) => [`värd ${count}`, `gäst ${count}`]);
  for (const { app } of [host, guest]) {
    for (const note of all) await expect(app.wall.note(note)).toBeVisible();
    await app.isAtRelay();
  }
});
