import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Choice, TextField } from "../../parts/Field";
import { isComplete, type You, YouFields } from "./YouFields";

export interface NewPlan {
  title: string;
  relays: string[];
  token?: string;
  you: You;
}

interface CreatePlanProps {
  open: boolean;
  you: You;
  /** The relay that this page came from, if it came from one. */
  home: string | null;
  busy: boolean;
  onClose: () => void;
  onCreate: (plan: NewPlan) => void;
}

type Where = "home" | "other" | "local";

export function CreatePlan({ open, you: known, home, busy, onClose, onCreate }: CreatePlanProps) {
  const { t } = useSpeech();
  const [title, setTitle] = useState("");
  const [you, setYou] = useState(known);
  const [where, setWhere] = useState<Where>(home === null ? "local" : "home");
  const [relay, setRelay] = useState("");
  const [token, setToken] = useState("");
  const [checked, setChecked] = useState(false);
  const relays = where === "home" && home !== null ? [home] : where === "other" ? [relay.trim()] : [];

  function create() {
    setChecked(true);
    if (title.trim() === "" || !isComplete(you) || relays.some((url) => !isRelay(url))) return;
    const code = token.trim();
    onCreate({ title: title.trim(), relays, you, ...(code === "" ? {} : { token: code }) });
  }

  return (
    <Dialog
      title={t("create.title")}
      open={open}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" onPress={create} isPending={busy}>
            {t("create.do")}
          </Button>
        </>
      }
    >
      <TextField
        label={t("create.name")}
        hint={t("create.name_hint")}
        value={title}
        onChange={setTitle}
        error={checked && title.trim() === "" ? t("you.missing") : undefined}
        autoFocus
      />
      <YouFields you={you} onChange={setYou} checked={checked} />
      <Choice
        label={t("create.where")}
        value={where}
        onChange={setWhere}
        options={[
          ...(home === null
            ? []
            : [
                {
                  value: "home" as const,
                  label: t("create.where_here", { host: hostOf(home) }),
                  hint: t("create.where_here_hint"),
                },
              ]),
          { value: "other", label: t("create.where_other") },
          { value: "local", label: t("create.where_local") },
        ]}
      />
      {where === "other" && (
        <TextField
          label={t("create.relay")}
          hint={t("create.relay_hint")}
          type="url"
          value={relay}
          onChange={setRelay}
          error={checked && !isRelay(relay.trim()) ? t("create.relay_hint") : undefined}
        />
      )}
      {where !== "local" && (
        <TextField label={t("create.token")} optional value={token} onChange={setToken} />
      )}
    </Dialog>
  );
}

/** The name by which people know a relay. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function isRelay(url: string): boolean {
  return /^(?:https?|wss?):\/\//.test(url) && URL.canParse(url);
}
