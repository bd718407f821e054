import { useState } from "react";

import type { Language } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { LANGUAGES } from "../../i18n/languages";
import { Button } from "../../parts/Button";
import { Checkbox, Choice } from "../../parts/Field";
import { Page, Panel } from "../../parts/Page";
import type { Theme } from "../../state/device";
import { isComplete, type You, YouFields } from "../start/YouFields";

export interface SettingsScreenProps {
  you: You;
  /** `here`: in this plan as well. */
  onYou: (you: You, here: boolean) => Promise<void>;
  mayEdit: boolean;
  language: Language;
  onLanguage: (language: Language) => void;
  theme: Theme;
  onTheme: (theme: Theme) => void;
}

export function SettingsScreen(props: SettingsScreenProps) {
  const { t } = useSpeech();
  const [you, setYou] = useState(props.you);
  const [here, setHere] = useState(true);
  const [checked, setChecked] = useState(false);
  const [saved, setSaved] = useState(false);

  async function save() {
    setChecked(true);
    if (!isComplete(you)) return;
    await props.onYou(you, here && props.mayEdit);
    setSaved(true);
  }

  return (
    <Page title={t("nav.settings")}>
      <Panel title={t("settings.me")}>
        <YouFields
          you={you}
          onChange={(next) => {
            setYou(next);
            setSaved(false);
          }}
          checked={checked}
        />
        <p>{t("settings.me_hint")}</p>
        {props.mayEdit && (
          <Checkbox isSelected={here} onChange={setHere}>
            {t("settings.this_plan")}
          </Checkbox>
        )}
        <div role="status">
          <Button look="primary" onPress={() => void save().catch(() => undefined)}>
            {t(saved ? "settings.saved" : "common.save")}
          </Button>
        </div>
      </Panel>
      <Panel>
        <Choice
          label={t("language.label")}
          value={props.language}
          onChange={props.onLanguage}
          options={LANGUAGES.map((one) => ({ value: one, label: t(`language.${one}`) }))}
        />
      </Panel>
      <Panel>
        <Choice
          label={t("settings.theme")}
          look="bar"
          value={props.theme}
          onChange={props.onTheme}
          options={(["system", "light", "dark"] as const).map((theme) => ({
            value: theme,
            label: t(`settings.theme.${theme}`),
          }))}
        />
      </Panel>
    </Page>
  );
}
