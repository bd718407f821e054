import type { Screen } from "../src/app/route";
import type { App } from "./support/app";
import { expect, test } from "./support/fixtures";
import { Keys } from "./support/keys";
import { NURSE, PRINCIPAL } from "./support/people";
import { t } from "./support/words";

const TEN = Array.from({ length: 10 }, (_, index) => `Lapp nummer ${index + 1}`);
const THEME = "Tio tankar";

async function goByKeys(app: App, keys: Keys, screen: Screen): Promise<void> {
  await keys.push(
    app.page
      .getByRole("navigation", { name: t("nav.label") })
      .getByRole("link", { name: t(`nav.${screen}`) }),
  );
  await expect(app.page).toHaveTitle(new RegExp(`^${t(`nav.${screen}`)} · `));
}

test("the keyboard alone joins, and admits a member", async ({ device }) => {
  const host = (await device("principal")).app;
  await host.begin("Ingen ensam", PRINCIPAL);
  await host.go("people");
  const link = await host.people.invite();

  const guest = (await device("nurse")).app;
  await guest.open(link);
  const theirs = new Keys(guest.page);
  await expect(guest.page.getByLabel(t("you.name"), { exact: true })).toBeFocused();
  await theirs.type(NURSE.name);
  await theirs.to(guest.page.getByLabel(t("you.organisation"), { exact: true }));
  await theirs.type(NURSE.organisation);
  await theirs.to(guest.page.getByLabel(t("you.role"), { exact: true }));
  await theirs.type(NURSE.role);
  await theirs.press("Enter");

  const ours = new Keys(host.page);
  await ours.push(host.people.knock(NURSE.name).getByRole("button", { name: t("people.admit") }));
  await expect(host.people.member(NURSE.name)).toBeVisible();
  await guest.isInside();
});

test("the keyboard alone writes ten notes in the list and puts them under a theme", async ({ device }) => {
  const { app } = await device("principal");
  await app.begin("Ingen ensam", PRINCIPAL);
  const keys = new Keys(app.page);
  const list = app.page.getByRole("radio", { name: t("wall.as_list") });
  await keys.to(app.page.getByRole("radio", { name: t("wall.as_wall") }));
  await keys.press("ArrowRight");
  await expect(list).toBeChecked();

  await keys.to(app.wall.line());
  for (const note of TEN) {
    await keys.type(note);
    await keys.press("Enter");
    await expect(app.wall.note(note)).toBeVisible();
    // The first loose note brings a section with a line of its own, and the keyboard has to be in it.
    await expect(app.wall.line()).toBeFocused();
  }
  await keys.push(app.button(t("select.start")));
  for (const note of TEN) {
    const box = app.page.getByRole("checkbox", { name: t("note.select", { text: note }), exact: true });
    await keys.push(box, "Space");
    await expect(box).toBeChecked();
  }
  await keys.push(app.page.getByRole("toolbar").getByRole("button", { name: t("cluster.new_title") }));
  await expect(app.page.getByRole("textbox", { name: t("cluster.name") })).toBeFocused();
  await keys.type(THEME);
  await keys.press("Enter");
  for (const note of TEN) {
    await expect(app.wall.noteIn(THEME, note)).toBeVisible();
  }
});

test("the keyboard alone writes ten notes on the wall and puts them under a theme", async ({ device }) => {
  const { app } = await device("principal");
  await app.begin("Ingen ensam", PRINCIPAL);
  const keys = new Keys(app.page);
  const wall = app.page.getByRole("application", { name: t("canvas.label") });
  await expect(wall).toBeVisible();
  await keys.press("n");
  for (const [index, note] of TEN.entries()) {
    await expect(app.wall.area).toBeFocused();
    await keys.type(note);
    // The tabulator leads to the next note.
    await keys.press(index === TEN.length - 1 ? "Escape" : "Tab");
    await expect(wall).toContainText(note);
  }
  await keys.press("ControlOrMeta+a", "g");
  await expect(app.page.getByRole("textbox", { name: t("cluster.name") })).toBeFocused();
  await keys.type(THEME);
  await keys.press("Enter");
  await expect(app.page.getByRole("region", { name: t("canvas.sheet", { title: THEME }) })).toBeVisible();
  await app.wall.asList();
  for (const note of TEN) {
    await expect(app.wall.noteIn(THEME, note)).toBeVisible();
  }
});

test("the keyboard alone makes a commitment and promises it", async ({ device }) => {
  const { app } = await device("principal");
  await app.begin("Ingen ensam", PRINCIPAL);
  const keys = new Keys(app.page);
  await goByKeys(app, keys, "commitments");
  await keys.push(app.button(t("commitments.new")));
  const { form } = app.commitments;
  await expect(form.getByRole("textbox", { name: t("form.title") })).toBeFocused();
  await keys.type("Ordna kompisbord");
  await keys.to(form.getByRole("textbox", { name: t("form.done_when") }));
  await keys.type("Borden har stått i tre veckor");
  await keys.push(form.getByRole("button", { name: t("action.promise") }));
  await expect(app.commitments.card).toContainText("Ordna kompisbord");
  await expect(app.commitments.card.getByText(t("state.promised")).first()).toBeVisible();
});
