import { expect, type Locator, type Page } from "@playwright/test";

/** More stops than any screen here has between two things. */
const STOPS_MAX = 150;

/** Hands that never leave the keyboard. */
export class Keys {
  constructor(private readonly page: Page) {}

  /** Steps with the tabulator until something has the focus. */
  async to(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let stops = 0; stops < STOPS_MAX; stops += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not get to ${String(target)}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Steps to something and presses it. */
  async push(target: Locator, key = "Enter"): Promise<void> {
    await this.to(target);
    await this.press(key);
  }
}
