import { DoorOpen, Eraser } from "lucide-react";
import { useState } from "react";

import type { Language } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { LANGUAGES } from "../../i18n/languages";
import { Button } from "../../parts/Button";
import { Checkbox, Choice } from "../../parts/Field";
import { Page, Panel } from "../../parts/Page";
import type { Theme } from "../../state/device";
import { isComplete, type You, YouFields } from "../start/YouFields";
import { LeaveDialog, WipeDialog } from "./LeaveDialogs";
import style from "./Settings.module.css";

export interface SettingsScreenProps {
  you: You;
  /** `here`: in this plan as well. */
  onYou: (you: You, here: boolean) => Promise<void>;
  mayEdit: boolean;
  language: Language;
  onLanguage: (language: Language) => void;
  theme: Theme;
  onTheme: (theme: Theme) => void;
  plan: string;
  /** `null` where one is not in the plan (any more). */
  leave: {
    /** Nobody else could let anybody in. */
    onlyAdmin: boolean;
    /** Titles of one's open commitments. */
    promised: readonly string[];
    onLeave: () => Promise<void>;
  } | null;
  /** How many plans are on this device, and how many changes of this one are nowhere else. */
  plans: number;
  unsent: number;
  onWipe: () => Promise<void>;
}

const THEMES = ["system", "light", "dark"] as const;

export function SettingsScreen(props: SettingsScreenProps) {
  const { leave, plan, plans, unsent } = props;
  const { t } = useSpeech();
  const [open, setOpen] = useState<"leave" | "wipe" | null>(null);
  const close = () => setOpen(null);
  return (
    <Page title={t("nav.settings")}>
      <Me {...props} />
      <Panel title={t("language.label")}>
        <Choice
          label={t("language.label")}
          labelHidden
          look="grid"
          value={props.language}
          onChange={props.onLanguage}
          options={LANGUAGES.map((one) => ({
            value: one,
            label: <span lang={one}>{t(`language.${one}`)}</span>,
            text: t(`language.${one}`),
          }))}
        />
      </Panel>
      <Panel title={t("settings.theme")}>
        <Choice
          label={t("settings.theme")}
          labelHidden
          look="bar"
          value={props.theme}
          onChange={props.onTheme}
          options={THEMES.map((theme) => ({ value: theme, label: t(`settings.theme.${theme}`) }))}
        />
      </Panel>
      {leave && (
        <Panel title={t("settings.leave")}>
          <p className={style.soft}>{t(leave.onlyAdmin ? "settings.leave_only" : "settings.leave_hint")}</p>
          {!leave.onlyAdmin && (
            <div>
              <Button icon={DoorOpen} onPress={() => setOpen("leave")}>
                {t("settings.leave_do")}
              </Button>
            </div>
          )}
        </Panel>
      )}
      <Panel title={t("settings.wipe")}>
        <p className={style.soft}>{t("settings.wipe_hint")}</p>
        <div>
          <Button icon={Eraser} onPress={() => setOpen("wipe")}>
            {t("settings.wipe_do")}
          </Button>
        </div>
      </Panel>
      {open === "leave" && leave && (
        <LeaveDialog plan={plan} promised={leave.promised} onLeave={leave.onLeave} onClose={close} />
      )}
      {open === "wipe" && (
        <WipeDialog plans={plans} unsent={unsent} onWipe={props.onWipe} onClose={close} />
      )}
    </Page>
  );
}

/** Who this device's person says they are. */
function Me(props: SettingsScreenProps) {
  const { t } = useSpeech();
  const [you, setYou] = useState(props.you);
  const [here, setHere] = useState(true);
  const [checked, setChecked] = useState(false);
  const [saved, setSaved] = useState(false);
  const [busy, setBusy] = useState(false);

  async function save() {
    setChecked(true);
    if (!isComplete(you)) return;
    setBusy(true);
    try {
      await props.onYou(you, here && props.mayEdit);
      setSaved(true);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Panel title={t("settings.me")}>
      <YouFields
        you={you}
        onChange={(next) => {
          setYou(next);
          setSaved(false);
        }}
        checked={checked}
      />
      <p className={style.soft}>{t("settings.me_hint")}</p>
      {props.mayEdit && (
        <Checkbox isSelected={here} onChange={setHere}>
          {t("settings.this_plan")}
        </Checkbox>
      )}
      <div role="status">
        <Button look="primary" isPending={busy} onPress={() => void save().catch(() => undefined)}>
          {t(saved ? "settings.saved" : "common.save")}
        </Button>
      </div>
    </Panel>
  );
}
