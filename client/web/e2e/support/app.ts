import { expect, type Locator, type Page } from "@playwright/test";

import type { Screen } from "../../src/app/route";
import type { Size } from "./fixtures";
import type { Person } from "./people";
import { CommitmentsView } from "./commitments";
import { PeopleView } from "./roster";
import { WallView } from "./wall";
import { t } from "./words";

const REST: readonly Screen[] = ["history", "files", "status", "settings"];

/** One tab with the app, worked as people do: by what its parts are and how they are called. */
export class App {
  readonly wall: WallView;
  readonly commitments: CommitmentsView;
  readonly people: PeopleView;

  constructor(
    readonly page: Page,
    private readonly size: Size,
    private readonly url: string,
  ) {
    this.wall = new WallView(page);
    this.commitments = new CommitmentsView(page);
    this.people = new PeopleView(page);
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The truth about what was written, as it stands above every screen. */
  get status(): Locator {
    return this.page.getByRole("banner").getByRole("link", { name: t("status.open") });
  }

  async open(address = this.url): Promise<void> {
    await this.page.goto(address);
  }

  /** From the beginning to the sample plan. */
  async trySample(): Promise<void> {
    await this.open();
    await this.page.getByRole("button", { name: t("start.sample") }).click();
    await expect(this.status).toBeVisible();
  }

  /** Begins a plan at the relay that the app came from. */
  async begin(title: string, person: Person): Promise<void> {
    await this.open();
    await this.beginHere(title, person);
  }

  /** The same, where the beginning is on the screen already. */
  async beginHere(title: string, person: Person): Promise<void> {
    await this.page.getByRole("button", { name: t("start.new") }).click();
    const dialog = this.page.getByRole("dialog", { name: t("create.title") });
    await dialog.getByLabel(t("create.name")).fill(title);
    await sayWho(dialog, person);
    await dialog.getByRole("button", { name: t("create.do") }).click();
    await this.isInside();
  }

  /** Knocks by a link; answers the code that whoever lets one in sees too. */
  async knock(link: string, person: Person): Promise<string> {
    await this.open(link);
    const page = this.page.getByRole("main");
    await this.sayAndKnock(person);
    const door = page.getByRole("status").filter({ hasText: t("join.check_code") });
    await expect(door).toContainText(/\d/);
    const said = (await door.innerText()).match(/\d[\d\s]*\d/);
    return (said?.[0] ?? "").replace(/\s/g, "");
  }

  /** Comes in by a link while the door is open. */
  async comeIn(link: string, person: Person): Promise<void> {
    await this.open(link);
    await this.sayAndKnock(person);
    // Many come at once, and the two cores of a build machine have to start the app for each of them.
    await expect(this.status).toBeVisible({ timeout: 150_000 });
  }

  private async sayAndKnock(person: Person): Promise<void> {
    const page = this.page.getByRole("main");
    await sayWho(page, person);
    await page.getByRole("button", { name: t("join.do") }).click();
  }

  /** Inside, wherever that was begun. */
  async isInside(): Promise<void> {
    await expect(this.status).toBeVisible();
  }

  /** To another part of the plan, by its navigation. */
  async go(screen: Screen): Promise<void> {
    const places = this.page.getByRole("navigation", { name: t("nav.label") });
    if (this.size === "phone" && REST.includes(screen)) {
      await places.getByRole("link", { name: t("nav.more") }).click();
      await this.page
        .getByRole("main")
        .getByRole("link", { name: t(`nav.${screen}`) })
        .click();
    } else {
      await places.getByRole("link", { name: t(`nav.${screen}`) }).click();
    }
    await expect(this.page).toHaveTitle(new RegExp(`^${t(`nav.${screen}`)} · `));
  }

  /** Everything that was written here is at the relay. */
  async isAtRelay(): Promise<void> {
    await expect(this.status).toHaveAccessibleName(new RegExp(t("status.at_relay")));
  }

  /** The app itself is on this device: it starts without a connection. */
  async isKept(): Promise<void> {
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }

  /** Everything that was written here is on this device's disk. */
  async isSaved(): Promise<void> {
    await expect(this.status).toHaveAccessibleName(new RegExp(t("status.saved_here")));
  }
}

async function sayWho(form: Locator, { name, organisation, role }: Person): Promise<void> {
  await form.getByLabel(t("you.name"), { exact: true }).fill(name);
  await form.getByLabel(t("you.organisation"), { exact: true }).fill(organisation);
  await form.getByLabel(t("you.role"), { exact: true }).fill(role);
}
