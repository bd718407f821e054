import type { App } from "./support/app";
import { expect, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { WORKSHOP } from "./support/people";
import { t } from "./support/words";

/** Fourteen of them at once would only fill the disk. */
test.use({ trace: "off" });

const NOTES_EACH = 5;
const THEMES = [
  "Ensamhet",
  "En dörr in",
  "Tidigt stöd hemma",
  "Att hålla det vi lovar",
  "Övergångar",
  "Samtycke",
];
const PROMISES = 9;

const noteOf = (person: number, count: number) =>
  `Lapp ${count + 1} från plats ${String(person + 1).padStart(2, "0")}`;

test("a workshop of fourteen: from the code on the wall to the reading back", async ({ device }) => {
  test.setTimeout(400_000);
  const [first, ...others] = WORKSHOP;
  const host = (await device("leader")).app;
  if (first === undefined) throw new Error("nobody leads the workshop");
  await host.begin("Ingen ensam i Lindsund", first);
  await host.go("people");
  const link = await host.people.invite();
  await host.button(t("people.door_for", { count: 10 })).click();
  await expect(host.button(t("people.door_close"))).toBeVisible();

  // Nine phones, three laptops and a tablet come in by the code, at once, and nobody has to answer.
  const guests = await Promise.all(
    others.map(async (person, index) => {
      const { app } = await device(person.name, { size: index < 9 ? "phone" : "desktop" });
      await app.comeIn(link, person);
      return app;
    }),
  );
  await expect(host.page.getByRole("main").getByRole("button", { name: t("people.you") })).toBeVisible();
  for (const { name } of others) await expect(host.people.member(name)).toBeVisible();

  const all: App[] = [host, ...guests];
  await toList(host);
  await Promise.all(guests.map((app) => app.wall.asList()));
  const texts = all.map((_, person) =>
    Array.from({ length: NOTES_EACH }, (_, count) => noteOf(person, count)),
  );
  await Promise.all(all.map((app, person) => app.wall.add(texts[person] ?? [])));
  for (const app of all) await expect(app.wall.rows).toHaveCount(all.length * NOTES_EACH);

  // Several hands at the wall: six themes, each begun by somebody else.
  await Promise.all(
    all.slice(0, THEMES.length).map((app, person) => app.wall.cover(noteOf(person, 0), THEMES[person] ?? "")),
  );
  for (const theme of THEMES) await expect(host.wall.cluster(theme)).toBeVisible();

  // Who does what with whom next: nine make a note of theirs a promise, each on their own device.
  await Promise.all(
    all.slice(0, PROMISES).map(async (app, person) => {
      await app.wall.choose(noteOf(person, 1), t("note.promote"));
      await app.commitments.promiseIt("Det syns på nästa möte");
    }),
  );

  // The reading back.
  await host.go("commitments");
  for (let person = 0; person < PROMISES; person += 1) {
    const row = host.commitments.row(noteOf(person, 1));
    await expect(row).toBeVisible();
  }
  await Promise.all(all.map((app) => app.isAtRelay()));
  const last = all.at(-1);
  await last?.go("commitments");
  await expect(last?.commitments.rows ?? host.commitments.rows).toHaveCount(PROMISES);
});
