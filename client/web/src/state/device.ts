/** What this device is to the app: whose it is, which plans are on it, and how the screen looks. */
import { createStore, type StoreApi } from "zustand/vanilla";

import type { Core, CoreEvent, Identity, Language, PlanInfo } from "../core/api";
import { languageFor } from "../i18n/languages";

export type Theme = "system" | "light" | "dark";

export interface DeviceState {
  loaded: boolean;
  identity: Identity | null;
  /** Nobody said who they are yet; the identity stands in while the sample is tried. */
  guest: boolean;
  plans: PlanInfo[];
  /** The language of the screen, also before anybody said who they are. */
  language: Language;
  theme: Theme;
  /** The engine is gone. */
  fatal: string | null;
}

/** What the browser keeps for the screen alone; nothing of a plan is in it. */
export interface Keep {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const THEME_KEY = "samverka.theme";
const LANGUAGE_KEY = "samverka.language";
const GUEST_KEY = "samverka.guest";

export class DeviceSession {
  readonly store: StoreApi<DeviceState>;

  constructor(
    readonly core: Core,
    private readonly keep: Keep,
    wishes: readonly string[],
  ) {
    const kept = keep.getItem(LANGUAGE_KEY);
    const theme = keep.getItem(THEME_KEY);
    this.store = createStore(() => ({
      loaded: false,
      identity: null,
      guest: keep.getItem(GUEST_KEY) === "yes",
      plans: [],
      language: languageFor(kept === null ? wishes : [kept]),
      theme: theme === "light" || theme === "dark" ? theme : "system",
      fatal: null,
    }));
  }

  async start(): Promise<void> {
    this.core.subscribe((event) => this.hear(event));
    const [identity, plans] = await Promise.all([this.core.identity(), this.core.plans()]);
    const language = identity?.language ?? this.store.getState().language;
    this.store.setState({ loaded: true, identity, plans, language });
  }

  /** Says who this device's person is. */
  async introduce(you: Pick<Identity, "name" | "organisation" | "role_title">): Promise<void> {
    const trimmed = {
      name: you.name.trim(),
      organisation: you.organisation.trim(),
      role_title: you.role_title.trim(),
    };
    await this.setIdentity({ ...trimmed, language: this.store.getState().language });
    this.keep.setItem(GUEST_KEY, "no");
    this.store.setState({ guest: false });
  }

  /** Lets somebody try the sample before saying who they are. */
  async introduceGuest(name: string): Promise<void> {
    if (this.store.getState().identity) return;
    const { language } = this.store.getState();
    await this.setIdentity({ name, organisation: "", role_title: "", language });
    this.keep.setItem(GUEST_KEY, "yes");
    this.store.setState({ guest: true });
  }

  async setIdentity(identity: Identity): Promise<void> {
    await this.core.setIdentity(identity);
    this.keep.setItem(LANGUAGE_KEY, identity.language);
    this.store.setState({ identity, language: identity.language });
  }

  /** The screen's language; views follow once the identity has it too. */
  async setLanguage(language: Language): Promise<void> {
    const { identity } = this.store.getState();
    this.keep.setItem(LANGUAGE_KEY, language);
    if (identity) await this.setIdentity({ ...identity, language });
    else this.store.setState({ language });
  }

  setTheme(theme: Theme): void {
    this.keep.setItem(THEME_KEY, theme);
    this.store.setState({ theme });
  }

  async refreshPlans(): Promise<void> {
    this.store.setState({ plans: await this.core.plans() });
  }

  private hear(event: CoreEvent): void {
    if (event.type === "fatal") this.store.setState({ fatal: event.reason });
    if (event.type === "plans" || event.type === "ready" || event.type === "join") {
      this.refreshPlans().catch((failure: unknown) => {
        this.store.setState({ fatal: failure instanceof Error ? failure.message : String(failure) });
      });
    }
  }
}
