import { expect, test } from "./support/fixtures";
import { meeting, toList } from "./support/meeting";
import { t } from "./support/words";

const NOTE = "Ingen ska äta ensam";
const THEME = "Ensamhet";
const PROMISE = "Ordna kompisbord";

test("two who were apart edited the same note, theme and promise: nothing is missing, and both answers show", async ({
  device,
  relay,
}) => {
  const { host, guest } = await meeting(device);
  await host.app.wall.add([NOTE]);
  await host.app.wall.cover(NOTE, THEME);
  await host.app.go("commitments");
  await host.app.commitments.promise(PROMISE, "Borden har stått");
  await expect(guest.app.wall.cluster(THEME)).toBeVisible();
  await guest.app.go("commitments");
  await expect(guest.app.commitments.row(PROMISE)).toBeVisible();

  await relay.stop();
  await guest.offline(true);
  for (const [who, words, date] of [
    [host, "i matsalen", "24032027"],
    [guest, "på gården", "14042027"],
  ] as const) {
    const { app } = who;
    await app.commitments.open(PROMISE);
    const form = await app.commitments.edit();
    const done = form.getByRole("textbox", { name: t("form.done_when") });
    await done.press("ControlOrMeta+End");
    await done.pressSequentially(` ${words}`);
    await app.commitments.followUp(date);
    await app.commitments.save();
    await expect(app.commitments.card).toContainText(`Borden har stått ${words}`);

    await toList(app);
    const area = await app.wall.write(NOTE);
    await area.press("ControlOrMeta+End");
    await area.pressSequentially(` ${words}`);
    await area.press("Escape");
    await expect(app.wall.note(`${NOTE} ${words}`)).toBeVisible();
    await app.wall.rename(THEME, `${THEME} ${words}`);
    await expect(app.wall.cluster(`${THEME} ${words}`)).toBeVisible();
    await expect(app.status).toHaveAccessibleName(new RegExp(t("status.saved_here")));
    await expect(app.status).toHaveAccessibleName(new RegExp(t("status.offline")));
  }

  await relay.start();
  await guest.offline(false);
  for (const { app } of [host, guest]) {
    await expect(app.wall.noteWith(NOTE, "i matsalen", "på gården")).toHaveCount(1);
    await expect(
      app.page
        .getByRole("region", { name: /i matsalen/ })
        .and(app.page.getByRole("region", { name: /på gården/ })),
    ).toBeVisible();
    await app.isAtRelay();
    await app.go("commitments");
    await app.commitments.open(PROMISE);
    await expect(app.commitments.card.getByText(/Borden har stått.*i matsalen/)).toContainText("på gården");
    const question = app.commitments.question(t("question.title", { field: t("fact.follow_up") }));
    await expect(question).toContainText("24.3");
    await expect(question).toContainText("14.4");
  }

  // One of them says which answer holds; then it is a question to nobody.
  const question = host.app.commitments.question(t("question.title", { field: t("fact.follow_up") }));
  await question.getByRole("button", { name: /24\.3/ }).click();
  for (const { app } of [host, guest]) {
    await expect(app.commitments.question(t("question.title", { field: t("fact.follow_up") }))).toBeHidden();
    await expect(app.commitments.card).toContainText("24.3");
  }
});
