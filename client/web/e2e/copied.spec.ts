import { expect, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { PRINCIPAL } from "./support/people";

test("a copy of a browser's profile and its original write on, apart and together, and neither forks", async ({
  profile,
  relay,
}) => {
  const original = await profile("original");
  const copy = await profile("copy");
  const before = await original.start();
  await before.app.begin("Ingen ensam", PRINCIPAL);
  await toList(before.app);
  await before.app.wall.add(["före kopian"]);
  await before.app.isAtRelay();
  await before.app.isKept();
  const address = before.app.page.url();
  await original.close();
  await original.copyTo(copy);

  // Without the relay nobody can tell them apart, and each writes.
  await relay.stop();
  const one = (await original.start()).app;
  const other = (await copy.start()).app;
  for (const [app, note] of [
    [one, "på originalet"],
    [other, "på kopian"],
  ] as const) {
    await app.open(address);
    await expect(app.wall.note("före kopian")).toBeVisible();
    await app.wall.add([note]);
    await app.isSaved();
  }

  // What anybody wrote counts for everybody: a fork would be held back.
  await relay.start();
  for (const app of [one, other]) {
    await app.isAtRelay();
    for (const note of ["på originalet", "på kopian"]) await expect(app.wall.note(note)).toBeVisible();
  }
  await one.wall.add(["på originalet igen"]);
  await other.wall.add(["på kopian igen"]);

  // Both are started again, and go on beside each other.
  for (const app of [one, other]) {
    await expect(app.wall.note("på originalet igen")).toBeVisible();
    await expect(app.wall.note("på kopian igen")).toBeVisible();
    await app.page.reload();
    await app.isAtRelay();
  }
  await Promise.all([one.wall.add(["ett"]), other.wall.add(["två"])]);
  for (const app of [one, other]) {
    for (const note of ["ett", "två"]) await expect(app.wall.note(note)).toBeVisible();
    await app.isAtRelay();
  }
});
