import type { Page } from "@playwright/test";

import { expect, test } from "./support/fixtures";
import { t } from "./support/words";

/** Points of a PDF are 1/72 inch. */
const MM = 72 / 25.4;
const A4 = [210, 297];
const A3_ON_ITS_SIDE = [420, 297];

test("the memo, the list to tick off and the wall come on paper of their size, and nothing of the screen with them", async ({
  device,
}) => {
  const { app } = await device("principal");
  const { page } = app;
  await app.trySample();
  await app.go("files");
  await page.getByRole("link", { name: t("files.print_open") }).click();
  await page.emulateMedia({ media: "print" });

  await expect(page.getByRole("main")).toBeHidden();
  await expect(page.getByRole("heading", { name: t("print.goals"), exact: true })).toBeVisible();
  for (const size of await sizes(page)) expect(size).toEqual(A4);

  await choose(page, t("print.what.list"));
  await expect(page.getByRole("heading", { name: "Barnrådgivningen", exact: true })).toBeVisible();
  await expect(page.getByRole("listitem").first()).toBeVisible();
  for (const size of await sizes(page)) expect(size).toEqual(A4);

  await choose(page, t("print.what.wall"));
  const theme = page.getByRole("heading", { name: "Ensamhet", exact: true });
  await expect(theme).toBeVisible();
  // One sheet on its side, with all of the wall on it.
  expect(await sizes(page)).toEqual([A3_ON_ITS_SIDE]);

  // Another screen prints as itself: it does not come out empty.
  await page.emulateMedia({ media: null });
  await app.go("commitments");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("main")).toBeVisible();
});

/** Chooses on the screen, for paper has no buttons. */
async function choose(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ media: null });
  await page
    .getByRole("radiogroup", { name: t("print.what") })
    .getByText(what, { exact: true })
    .click();
  await page.emulateMedia({ media: "print" });
}

/** How large the pages are that come out of the printer, in millimetres. */
async function sizes(page: Page): Promise<number[][]> {
  const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString("latin1");
  const boxes = [...pdf.matchAll(/\/MediaBox ?\[([^\]]*)\]/g)];
  expect(boxes.length).toBeGreaterThan(0);
  return boxes.map(([, box = ""]) => {
    const [, , width = 0, height = 0] = box.trim().split(/\s+/).map(Number);
    return [Math.round(width / MM), Math.round(height / MM)];
  });
}
