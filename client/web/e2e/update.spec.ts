import { App } from "./support/app";
import { expect, SIZES, test } from "./support/fixtures";
import { toList } from "./support/meeting";
import { MARK, Renewal } from "./support/renewal";
import { t } from "./support/words";

test("a newer app waits to be let in, and takes nothing with it that is being typed", async ({
  browser,
  relay,
}) => {
  const host = await Renewal.begin(relay);
  const context = await browser.newContext({ viewport: SIZES.desktop, locale: "sv-FI" });
  const page = await context.newPage();
  const app = new App(page, "desktop", host.url);
  await app.trySample();
  await toList(app);
  await app.isKept();
  await app.wall.add(["Kaffe"]);
  const area = await app.wall.write("Kaffe");

  host.renew();
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  const notice = page.getByRole("complementary", { name: t("update.title") });
  await expect(notice).toContainText(t("update.waiting"));
  await expect(page.locator("html")).not.toHaveAttribute(MARK);
  await area.pressSequentially(" och läxhjälp");
  await notice.getByRole("button", { name: t("update.take") }).click();

  await expect(page.locator("html")).toHaveAttribute(MARK);
  await expect(app.wall.note("Kaffe och läxhjälp")).toBeVisible();
  await context.close();
  await host.forget();
});
