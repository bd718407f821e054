import { expect, test } from "./support/fixtures";
import { PRINCIPAL } from "./support/people";
import { t } from "./support/words";

const INDICATOR = "Elever som äter ensamma";

test("a plan that cannot be made is said in its dialog, which keeps what was typed", async ({ device }) => {
  const mine = await device("principal");
  const { app } = mine;
  await app.open();
  await app.page.getByRole("button", { name: t("start.new") }).click();
  const dialog = app.page.getByRole("dialog", { name: t("create.title") });
  const field = (name: string) => dialog.getByRole("textbox", { name, exact: true });
  await field(t("create.name")).fill("Ingen ensam");
  await field(t("you.name")).fill(PRINCIPAL.name);
  await field(t("you.organisation")).fill(PRINCIPAL.organisation);
  await field(t("you.role")).fill(PRINCIPAL.role);
  await mine.fillStorage(true);
  await dialog.getByRole("button", { name: t("create.do") }).click();

  const said = dialog.getByRole("alert");
  await expect(said).toBeVisible();
  await expect(said).toBeInViewport({ ratio: 1 });
  await expect(field(t("create.name"))).toHaveValue("Ingen ensam");
  await expect(field(t("you.organisation"))).toHaveValue(PRINCIPAL.organisation);

  await mine.fillStorage(false);
  await dialog.getByRole("button", { name: t("create.do") }).click();
  await app.isInside();
});

test("an indicator and a figure that are half filled in when their tab dies go on where they stopped", async ({
  device,
}) => {
  const mine = await device("principal");
  await mine.app.begin("Ingen ensam", PRINCIPAL);
  await mine.app.go("goals");
  await mine.app.button(t("goals.add")).click();
  const { page } = mine.app;
  await page.getByRole("textbox", { name: t("goals.statement") }).fill("Ingen äter ensam");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: t("common.save") })
    .click();
  const address = page.url();
  await mine.app.button(t("goals.add_indicator")).click();
  await page.getByRole("textbox", { name: t("goals.indicator_name") }).pressSequentially(INDICATOR);
  await page.getByRole("textbox", { name: t("goals.baseline") }).pressSequentially("23");
  await mine.crash();

  await mine.app.open(address);
  await mine.app.button(t("goals.add_indicator")).click();
  const dialog = mine.app.page.getByRole("dialog", { name: t("goals.add_indicator") });
  await expect(dialog.getByText(t("form.left"))).toBeVisible();
  await expect(dialog.getByRole("textbox", { name: t("goals.indicator_name") })).toHaveValue(INDICATOR);
  await expect(dialog.getByRole("textbox", { name: t("goals.baseline") })).toHaveValue("23");
  await dialog.getByRole("button", { name: t("common.save") }).click();
  await expect(dialog).toBeHidden();

  await mine.app.button(t("goals.record")).click();
  await mine.app.page.getByRole("textbox", { name: t("goals.value") }).pressSequentially("19");
  await mine.crash();
  await mine.app.open(address);
  await mine.app.button(t("goals.record")).click();
  const record = mine.app.page.getByRole("dialog");
  await expect(record.getByRole("textbox", { name: t("goals.value") })).toHaveValue("19");
  await record.getByRole("button", { name: t("common.save") }).click();
  await expect(record).toBeHidden();
  await expect(mine.app.page.getByRole("main")).toContainText("19");

  // What was handed over is not offered again.
  await mine.app.button(t("goals.record")).click();
  await expect(mine.app.page.getByRole("textbox", { name: t("goals.value") })).toHaveValue("");
});
