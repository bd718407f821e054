import { expect, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { PRINCIPAL } from "./support/people";

test("two tabs of one device write beside each other, with the relay and without", async ({
  device,
  relay,
}) => {
  const mine = await device("principal");
  const first = mine.app;
  await first.begin("Ingen ensam", PRINCIPAL);
  await toList(first);
  const second = await mine.tab();
  await second.open(first.page.url());
  await first.wall.add(["ett"]);
  await second.wall.add(["två"]);
  for (const app of [first, second]) {
    for (const note of ["ett", "två"]) await expect(app.wall.note(note)).toBeVisible();
    await app.isAtRelay();
  }

  await relay.stop();
  await mine.offline(true);
  await Promise.all([first.wall.add(["tre", "fyra", "fem"]), second.wall.add(["sex", "sju", "åtta"])]);
  for (const app of [first, second]) {
    for (const note of ["tre", "fyra", "fem", "sex", "sju", "åtta"])
      await expect(app.wall.note(note)).toBeVisible();
    await app.isSaved();
  }
  // The same note at the same time: both words stay, and both tabs show the same.
  const [one, other] = [await first.wall.write("ett"), await second.wall.write("ett")];
  await one.press("ControlOrMeta+End");
  await other.press("ControlOrMeta+Home");
  await Promise.all([one.pressSequentially(" i köket"), other.pressSequentially("bord ")]);
  await Promise.all([one.press("Escape"), other.press("Escape")]);
  for (const app of [first, second]) await expect(app.wall.note("bord ett i köket")).toBeVisible();

  await relay.start();
  await mine.offline(false);
  for (const app of [first, second]) await app.isAtRelay();
});
