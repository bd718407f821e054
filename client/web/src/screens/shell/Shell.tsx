import { CircleEllipsis, FileText, Flag, Handshake, History, Settings, ShieldCheck, StickyNote, Users } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useRef } from "react";

import type { Screen } from "../../app/route";
import { useSpeech } from "../../i18n/intl";
import type { MessageKey } from "../../i18n/keys";
import style from "./Shell.module.css";
import { classes } from "../../parts/classes";

interface Place {
  screen: Screen;
  label: MessageKey;
  icon: LucideIcon;
}

const MAIN: Place[] = [
  { screen: "wall", label: "nav.wall", icon: StickyNote },
  { screen: "commitments", label: "nav.commitments", icon: Handshake },
  { screen: "goals", label: "nav.goals", icon: Flag },
  { screen: "people", label: "nav.people", icon: Users },
];

const REST: Place[] = [
  { screen: "history", label: "nav.history", icon: History },
  { screen: "files", label: "nav.files", icon: FileText },
  { screen: "status", label: "nav.status", icon: ShieldCheck },
  { screen: "settings", label: "nav.settings", icon: Settings },
];

const MORE: Place = { screen: "more", label: "nav.more", icon: CircleEllipsis };

export interface ShellProps {
  screen: Screen;
  hrefOf: (screen: Screen) => string;
  /** How many things of a screen wait for this person. */
  badges: Partial<Record<Screen, number>>;
  /** The plan's name, to change plans by. */
  switcher: ReactNode;
  /** What stands at the same place on every screen. */
  corner: ReactNode;
  /** Questions and failures above the screen. */
  notices?: ReactNode;
  /** The screen takes all the room and does its own scrolling. */
  fills?: boolean;
  children: ReactNode;
}

/** The frame of a plan: its parts at the side (on phones, below), its name and its status above. */
export function Shell(props: ShellProps) {
  const { screen, switcher, corner, notices, fills, children } = props;
  const { t } = useSpeech();
  const main = useRef<HTMLElement>(null);
  const onPhone = REST.some((place) => place.screen === screen) ? MORE.screen : screen;
  return (
    <div className={style.shell}>
      <button type="button" className={style.skip} onClick={() => main.current?.focus()}>
        {t("nav.skip")}
      </button>
      <nav className={style.rail} aria-label={t("nav.label")}>
        <div className={style.brand} aria-hidden>
          <Mark />
          <span className={style.brandName}>{t("app.name")}</span>
        </div>
        <ul className={style.places}>
          {MAIN.map((place) => (
            <PlaceLink key={place.screen} place={place} current={screen} {...props} />
          ))}
        </ul>
        <ul className={classes(style.places, style.rest)}>
          {REST.map((place) => (
            <PlaceLink key={place.screen} place={place} current={screen} {...props} />
          ))}
        </ul>
      </nav>
      <div className={style.column}>
        <header className={style.bar}>
          {switcher}
          <div className={style.corner}>{corner}</div>
        </header>
        <main ref={main} tabIndex={-1} className={classes(style.main, fills && style.fills)} id="main">
          <div className={style.notices}>{notices}</div>
          {children}
        </main>
      </div>
      <nav className={style.bottom} aria-label={t("nav.label")}>
        <ul>
          {[...MAIN, MORE].map((place) => (
            <PlaceLink key={place.screen} place={place} current={onPhone} {...props} />
          ))}
        </ul>
      </nav>
    </div>
  );
}

interface PlaceLinkProps extends Pick<ShellProps, "hrefOf" | "badges"> {
  place: Place;
  current: Screen;
}

function PlaceLink({ place, current, hrefOf, badges }: PlaceLinkProps) {
  const { t } = useSpeech();
  const Icon = place.icon;
  const count = badges[place.screen] ?? 0;
  return (
    <li>
      <a
        href={hrefOf(place.screen)}
        className={style.place}
        aria-current={place.screen === current ? "page" : undefined}
      >
        <span className={style.icon}>
          <Icon aria-hidden />
          {count > 0 && <span className={style.dot} aria-hidden />}
        </span>
        <span className={style.label}>{t(place.label)}</span>
        {count > 0 && (
          <span className={style.count}>
            <span aria-hidden>{count}</span>
            <span className={style.heard}>{t("nav.needs_you", { count })}</span>
          </span>
        )}
      </a>
    </li>
  );
}

/** Two notes that share a corner. */
export function Mark() {
  return (
    <svg viewBox="0 0 40 40" className={style.mark} aria-hidden>
      <rect x="3" y="4" width="22" height="22" rx="2" className={style.sheetA} transform="rotate(-5 14 15)" />
      <rect x="14" y="13" width="22" height="22" rx="2" className={style.sheetB} transform="rotate(4 25 24)" />
      <path d="M18.5 24.5l4.5 4.5 8.5-9" className={style.tick} />
    </svg>
  );
}
