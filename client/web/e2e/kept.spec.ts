import { expect, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { PRINCIPAL } from "./support/people";

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
