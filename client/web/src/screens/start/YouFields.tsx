import { useSpeech } from "../../i18n/intl";
import { TextField } from "../../parts/Field";

export interface You {
  name: string;
  organisation: string;
  role_title: string;
}

/** Whether everything that the others have to know is there. */
export function isComplete(you: You): boolean {
  return [you.name, you.organisation, you.role_title].every((part) => part.trim() !== "");
}

interface YouFieldsProps {
  you: You;
  onChange: (you: You) => void;
  /** Whether to say what is missing. */
  checked: boolean;
  autoFocus?: boolean;
}

/** Name, organisation, role; nothing else is asked. */
export function YouFields({ you, onChange, checked, autoFocus }: YouFieldsProps) {
  const { t } = useSpeech();
  const missing = (part: string) => (checked && part.trim() === "" ? t("you.missing") : undefined);
  return (
    <>
      <TextField
        label={t("you.name")}
        hint={t("you.name_hint")}
        value={you.name}
        onChange={(name) => onChange({ ...you, name })}
        error={missing(you.name)}
        autoComplete="name"
        autoFocus={autoFocus}
      />
      <TextField
        label={t("you.organisation")}
        hint={t("you.organisation_hint")}
        value={you.organisation}
        onChange={(organisation) => onChange({ ...you, organisation })}
        error={missing(you.organisation)}
        autoComplete="organization"
      />
      <TextField
        label={t("you.role")}
        hint={t("you.role_hint")}
        value={you.role_title}
        onChange={(role_title) => onChange({ ...you, role_title })}
        error={missing(you.role_title)}
        autoComplete="organization-title"
      />
    </>
  );
}
