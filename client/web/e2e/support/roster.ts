import { expect, type Locator, type Page } from "@playwright/test";

import { t } from "./words";

/** Who is in, who knocks, and the links. */
export class PeopleView {
  constructor(private readonly page: Page) {}

  /** Makes a link for several people with rights to write; answers it. `look` is called at each dialog. */
  async invite(look: (where: string) => Promise<void> = () => Promise.resolve()): Promise<string> {
    await this.page
      .getByRole("main")
      .getByRole("button", { name: t("people.invite"), exact: true })
      .first()
      .click();
    const dialog = this.page.getByRole("dialog", { name: t("people.invite_title") });
    await look("inviting");
    await dialog.getByRole("button", { name: t("people.invite_make") }).click();
    const ready = this.page.getByRole("dialog", { name: t("people.invite_ready") });
    const link = await ready.getByRole("textbox", { name: t("people.invite_link") }).inputValue();
    await look("invited");
    await ready.getByRole("button", { name: t("common.close") }).click();
    await expect(ready).toBeHidden();
    return link;
  }

  /** Somebody at the door. */
  knock(name: string): Locator {
    const door = this.page.getByRole("region", { name: t("people.knocking") });
    return door.getByRole("listitem").filter({ hasText: name });
  }

  /** Lets somebody in whose code is the one that they see. */
  async admit(name: string, code: string): Promise<void> {
    const knock = this.knock(name);
    await expect(knock).toBeVisible();
    const shown = (await knock.innerText()).replace(/\s/g, "");
    expect(shown).toContain(code);
    await knock.getByRole("button", { name: t("people.admit") }).click();
    await expect(this.member(name)).toBeVisible();
  }

  member(name: string): Locator {
    return this.page.getByRole("main").getByRole("button", { name: new RegExp(`^${name}`) });
  }
}
