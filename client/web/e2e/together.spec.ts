import { expect, test } from "./support/fixtures";
import { NURSE, PRINCIPAL, YOUTH } from "./support/people";
import { t } from "./support/words";

test("two browsers and a command line begin, join, and write on one wall", async ({ device, home }) => {
  const host = (await device("principal")).app;
  await host.begin("Ingen ensam", PRINCIPAL);
  await host.go("people");
  const link = await host.people.invite();

  // One comes by the link, and is let in after the codes were compared.
  const guest = (await device("nurse", { size: "phone" })).app;
  const code = await guest.knock(link, NURSE);
  await host.people.admit(NURSE.name, code);
  await guest.isInside();

  await host.go("wall");
  await host.wall.asList();
  await host.wall.add(["Nya familjer känner ingen"]);
  await guest.wall.add(["Bussen går för sällan"]);
  await expect(guest.wall.note("Nya familjer känner ingen")).toBeVisible();
  await expect(host.wall.note("Bussen går för sällan")).toBeVisible();

  // One more works on the command line.
  const third = await home(YOUTH);
  await third.say("join", link, "--no-wait");
  await host.go("people");
  const knock = host.people.knock(YOUTH.name);
  await expect(knock).toBeVisible();
  await knock.getByRole("button", { name: t("people.admit") }).click();
  await expect(host.people.member(YOUTH.name)).toBeVisible();
  await host.isAtRelay();
  await third.say("sync");
  const notes = await third.say("note", "list");
  expect(notes).toContain("Nya familjer känner ingen");
  expect(notes).toContain("Bussen går för sällan");
  await third.say("note", "add", "Vi lånar ut lokalen");
  await third.say("sync");
  await host.go("wall");
  await host.wall.asList();
  for (const app of [host, guest]) await expect(app.wall.note("Vi lånar ut lokalen")).toBeVisible();
});

test("whoever is turned away at the door is told so, and sees nothing", async ({ device }) => {
  const host = (await device("principal")).app;
  await host.begin("Ingen ensam", PRINCIPAL);
  await host.go("people");
  const link = await host.people.invite();
  const stranger = (await device("stranger")).app;
  await stranger.knock(link, YOUTH);
  const knock = host.people.knock(YOUTH.name);
  await knock.getByRole("button", { name: t("people.refuse") }).click();
  await expect(knock).toBeHidden();
  await expect(stranger.page.getByRole("group", { name: t("join.refused") })).toBeVisible();
});
