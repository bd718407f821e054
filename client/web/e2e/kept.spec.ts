import { expect, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { PRINCIPAL } from "./support/people";
import { t } from "./support/words";

const SENTENCE = "Kaffe och läxhjälp i byagården, varannan torsdag";

test("a reload in the middle of a word takes nothing away", async ({ device }) => {
  const { app } = await device("principal");
  await app.begin("Ingen ensam", PRINCIPAL);
  await toList(app);
  await app.wall.add(["Kaffe"]);
  const area = await app.wall.write("Kaffe");
  await area.fill("");
  await area.pressSequentially(SENTENCE);
  await app.page.reload();
  await expect(app.wall.note(SENTENCE)).toBeVisible();
});

test("what stands in the line for new notes is there after a reload", async ({ device }) => {
  const { app } = await device("principal");
  await app.begin("Ingen ensam", PRINCIPAL);
  await toList(app);
  await app.wall.line().pressSequentially(SENTENCE);
  await app.page.reload();
  await expect(app.wall.line()).toHaveValue(SENTENCE);
});

test("a tab that dies in the middle of a word has lost nothing", async ({ device }) => {
  const mine = await device("principal");
  await mine.app.begin("Ingen ensam", PRINCIPAL);
  await toList(mine.app);
  await mine.app.wall.add(["Kaffe"]);
  const address = mine.app.page.url();
  const area = await mine.app.wall.write("Kaffe");
  await area.fill("");
  await area.pressSequentially(SENTENCE);
  await mine.crash();
  await mine.app.open(address);
  await expect(mine.app.wall.note(SENTENCE)).toBeVisible();
});

test("a tab that is closed in the middle of a word has lost nothing", async ({ device }) => {
  const mine = await device("principal");
  await mine.app.begin("Ingen ensam", PRINCIPAL);
  await toList(mine.app);
  await mine.app.wall.add(["Kaffe"]);
  const address = mine.app.page.url();
  const area = await mine.app.wall.write("Kaffe");
  await area.fill("");
  await area.pressSequentially(SENTENCE);
  await mine.app.page.close();
  const again = await mine.tab();
  await again.open(address);
  await expect(again.wall.note(SENTENCE)).toBeVisible();
});

test("a browser that is killed while the relay is away has everything when it starts again", async ({
  profile,
  relay,
}) => {
  const browser = await profile("principal");
  const before = await browser.start();
  await before.app.begin("Ingen ensam", PRINCIPAL);
  await toList(before.app);
  await before.app.wall.add(["Med relä"]);
  await before.app.isAtRelay();
  await before.app.isKept();
  const address = before.app.page.url();
  await relay.kill();
  await before.app.wall.add(["Utan relä"]);
  await before.app.wall.cover("Utan relä", "Möten");
  await before.app.isSaved();
  await browser.kill();

  // The app and the plan both come from this device's own disk.
  const { app } = await browser.start();
  await app.open(address);
  await expect(app.wall.note("Med relä")).toBeVisible();
  await expect(app.wall.noteIn("Möten", "Utan relä")).toBeVisible();
  await relay.start();
  await app.isAtRelay();
});

test("a form that is half filled in when its tab dies goes on where it stopped", async ({ device }) => {
  const mine = await device("principal");
  await mine.app.begin("Ingen ensam", PRINCIPAL);
  await mine.app.go("commitments");
  await mine.app.page.getByRole("button", { name: t("commitments.new") }).click();
  await mine.app.commitments.form.getByRole("textbox", { name: t("form.title") }).pressSequentially(SENTENCE);
  const address = mine.app.page.url();
  await mine.crash();
  await mine.app.open(address);
  const { form } = mine.app.commitments;
  await expect(form.getByRole("textbox", { name: t("form.title") })).toHaveValue(SENTENCE);
  await form.getByRole("button", { name: t("form.afresh") }).click();
  await expect(form.getByRole("textbox", { name: t("form.title") })).toHaveValue("");
});
