import { expect, type Locator, type Page } from "@playwright/test";

import { t } from "./words";

/** The promises, and one of them. */
export class CommitmentsView {
  constructor(private readonly page: Page) {}

  /** The line of a commitment in the list. */
  row(title: string): Locator {
    const list = this.page.getByRole("region", { name: t("nav.commitments") });
    return list.getByRole("link").filter({ hasText: title });
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
    await this.form.getByLabel(t("form.title")).fill(title);
    await this.form.getByLabel(t("form.done_when")).fill(doneWhen);
    await this.form.getByRole("button", { name: t("action.promise") }).click();
    await expect(this.card).toContainText(title);
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
