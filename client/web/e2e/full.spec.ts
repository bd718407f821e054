import { expect, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { PRINCIPAL } from "./support/people";
import { t } from "./support/words";

const SENTENCE = "Kaffe och läxhjälp i byagården, varannan torsdag";

test("a device without room says so, loses nothing that is typed, and goes on once there is room", async ({
  device,
}) => {
  const mine = await device("principal");
  const { app } = mine;
  await app.begin("Ingen ensam", PRINCIPAL);
  await toList(app);
  await app.wall.add(["Före"]);
  await app.isAtRelay();
  const address = app.page.url();

  await mine.fillStorage(true);
  await app.wall.add(["Utan plats"]);
  const said = app.page.getByRole("alert").filter({ hasText: t("error.full") });
  await expect(said).toBeVisible();
  // It is on the screen and not on the disk, and nothing says otherwise.
  await expect(app.status).toHaveAccessibleName(new RegExp(t("status.not_saved")));
  await expect(app.status).not.toHaveAccessibleName(new RegExp(t("status.saved_here")));
  const area = await app.wall.write("Utan plats");
  await area.press("ControlOrMeta+End");
  await area.pressSequentially(` ${SENTENCE}`);
  await area.press("Escape");
  const note = `Utan plats ${SENTENCE}`;
  await expect(app.wall.note(note)).toBeVisible();

  await mine.fillStorage(false);
  await said.getByRole("button", { name: t("common.retry") }).click();
  await app.isAtRelay();
  await expect(said).toBeHidden();
  await mine.app.page.close();
  const again = await mine.tab();
  await again.open(address);
  for (const text of ["Före", note]) await expect(again.wall.note(text)).toBeVisible();
});
