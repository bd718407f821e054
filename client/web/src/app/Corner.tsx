import { Languages, Moon, Sun, SunMoon } from "lucide-react";

import { useSpeech } from "../i18n/intl";
import { LANGUAGES } from "../i18n/languages";
import { IconButton } from "../parts/Button";
import { Menu } from "../parts/Menu";
import type { Theme } from "../state/device";
import { useApp, useDevice } from "./context";

const THEMES = [
  { theme: "system", icon: SunMoon },
  { theme: "light", icon: Sun },
  { theme: "dark", icon: Moon },
] as const satisfies { theme: Theme; icon: typeof Sun }[];

/** The language of the screen, and its light. */
export function LanguageMenu() {
  const { device } = useApp();
  const language = useDevice((state) => state.language);
  const theme = useDevice((state) => state.theme);
  const { t } = useSpeech();
  return (
    <Menu
      label={t("language.label")}
      placement="bottom end"
      groups={[
        {
          title: t("language.label"),
          choices: LANGUAGES.map((one) => ({
            id: one,
            label: t(`language.${one}`),
            current: one === language,
            onChoose: () => void device.setLanguage(one),
          })),
        },
        {
          title: t("settings.theme"),
          choices: THEMES.map(({ theme: one, icon }) => ({
            id: `theme-${one}`,
            label: t(`settings.theme.${one}`),
            icon,
            current: one === theme,
            onChoose: () => device.setTheme(one),
          })),
        },
      ]}
    >
      <IconButton icon={Languages} label={t("language.label")} />
    </Menu>
  );
}
