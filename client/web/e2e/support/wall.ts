import { expect, type Locator, type Page } from "@playwright/test";

import { t } from "./words";

/** The wall as a list, with the same powers as the sheets of paper. */
export class WallView {
  constructor(private readonly page: Page) {}

  private get main(): Locator {
    return this.page.getByRole("main");
  }

  async asList(): Promise<void> {
    await this.mode(t("wall.as_list"));
  }

  async asWall(): Promise<void> {
    await this.mode(t("wall.as_wall"));
  }

  private async mode(name: string): Promise<void> {
    const choice = this.page.getByRole("radiogroup", { name: t("wall.view") }).getByRole("radio", { name });
    if (!(await choice.isChecked())) await choice.check({ force: true });
    await expect(choice).toBeChecked();
  }

  /** The line in which notes are written, of the loose ones or of a cluster. */
  line(cluster?: string): Locator {
    const name = cluster === undefined ? t("wall.add") : t("wall.add_in", { cluster });
    return this.main.getByRole("textbox", { name, exact: true });
  }

  /** Writes notes, each in a line of its own. */
  async add(texts: readonly string[], cluster?: string): Promise<void> {
    const line = this.line(cluster);
    for (const text of texts) {
      await line.fill(text);
      await line.press("Enter");
      await expect(this.note(text)).toBeVisible();
    }
  }

  /** A note by what it says. */
  note(text: string): Locator {
    return this.main.getByRole("button", { name: text, exact: true });
  }

  noteIn(cluster: string, text: string): Locator {
    return this.cluster(cluster).getByRole("button", { name: text, exact: true });
  }

  /** Every note that shows. */
  get rows(): Locator {
    return this.main.getByRole("listitem").filter({ has: this.page.getByRole("button", { name: menuOf() }) });
  }

  async openFirstMenu(): Promise<void> {
    await this.main.getByRole("button", { name: menuOf() }).first().click();
    await expect(this.page.getByRole("menu")).toBeVisible();
  }

  /** The notes whose text has all of these in it. */
  noteWith(...parts: string[]): Locator {
    return parts.reduce((rows, part) => rows.filter({ hasText: part }), this.rows);
  }

  /** Opens a note's text for writing; answers where one writes. */
  async write(text: string): Promise<Locator> {
    await this.note(text).click();
    return this.area;
  }

  get area(): Locator {
    return this.main.getByRole("textbox", { name: t("note.text"), exact: true });
  }

  cluster(title: string): Locator {
    return this.main.getByRole("region", { name: title, exact: true });
  }

  /** Chooses something from a note's menu. */
  async choose(note: string, choice: string): Promise<void> {
    await this.main
      .getByRole("button", { name: t("note.actions", { text: note.slice(0, 60) }), exact: true })
      .click();
    await this.page.getByRole("menuitem", { name: choice, exact: true }).click();
  }

  /** Puts a note under a new theme. */
  async cover(note: string, title: string): Promise<void> {
    await this.choose(note, t("note.new_cluster"));
    await this.nameIt(t("cluster.create"), title);
    await expect(this.noteIn(title, note)).toBeVisible();
  }

  async rename(cluster: string, title: string): Promise<void> {
    await this.main
      .getByRole("button", { name: t("cluster.actions", { title: cluster }), exact: true })
      .click();
    await this.page.getByRole("menuitem", { name: t("cluster.rename") }).click();
    await this.nameIt(t("common.save"), title);
  }

  private async nameIt(button: string, title: string): Promise<void> {
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: t("cluster.name") }).fill(title);
    await dialog.getByRole("button", { name: button, exact: true }).click();
    await expect(dialog).toBeHidden();
  }
}

/** The beginning of the name of every note's menu. */
function menuOf(): RegExp {
  return new RegExp(`^${t("note.actions", { text: "" }).trim()}`);
}
