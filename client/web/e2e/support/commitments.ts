import { expect, type Locator, type Page } from "@playwright/test";

import { t } from "./words";

/** The promises, and one of them. */
export class CommitmentsView {
  constructor(private readonly page: Page) {}

  /** The lines of the list. */
  get rows(): Locator {
    return this.page
      .getByRole("region", { name: t("nav.commitments") })
      .getByRole("listitem")
      .getByRole("link");
  }

  /** The line of a commitment. */
  row(title: string): Locator {
    return this.rows.filter({ hasText: title });
  }

  /** All of one commitment. */
  get card(): Locator {
    return this.page.getByRole("article");
  }

  get form(): Locator {
    return this.page.getByRole("alertdialog");
  }

  /** Writes a new one and says at once that one does it. */
  async promise(title: string, doneWhen: string): Promise<void> {
    await this.page.getByRole("button", { name: t("commitments.new") }).click();
    await this.form.getByRole("textbox", { name: t("form.title") }).fill(title);
    await this.promiseIt(doneWhen);
    await expect(this.card).toContainText(title);
  }

  /** The form that is open, with what it says already: what will show that it is done, and the promise. */
  async promiseIt(doneWhen: string): Promise<void> {
    await this.form.getByRole("textbox", { name: t("form.done_when") }).fill(doneWhen);
    await this.form.getByRole("button", { name: t("action.promise") }).click();
    await expect(this.form).toBeHidden();
  }

  /** In the form that is open: the day on which people look at it together; `24032027` as one types it. */
  async followUp(day: string): Promise<void> {
    const field = this.form.getByRole("radiogroup", { name: t("fact.follow_up") });
    await field.getByText(t("due.day")).click();
    await this.form.getByRole("spinbutton").first().click();
    await this.page.keyboard.type(day);
  }

  async open(title: string): Promise<void> {
    await this.row(title).click();
    await expect(this.card).toContainText(title);
  }

  /** Opens its words for writing; answers the form. */
  async edit(): Promise<Locator> {
    await this.card.getByRole("button", { name: t("card.edit") }).click();
    return this.form;
  }

  async save(): Promise<void> {
    await this.form.getByRole("button", { name: t("common.save") }).click();
    await expect(this.form).toBeHidden();
  }

  /** A question about which people have to agree. */
  question(title: string): Locator {
    return this.card.getByRole("group", { name: title });
  }
}
