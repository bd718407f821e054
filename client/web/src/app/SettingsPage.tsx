import { SettingsScreen } from "../screens/settings/SettingsScreen";
import type { You } from "../screens/start/YouFields";
import { useYou } from "./StartPage";
import { useApp, useDevice, useSession } from "./context";
import { useMayEdit } from "./usePeople";

export default function SettingsPage() {
  const { device } = useApp();
  const session = useSession();
  const you = useYou();
  const mayEdit = useMayEdit();
  const language = useDevice((state) => state.language);
  const theme = useDevice((state) => state.theme);

  async function introduce({ name, organisation, role_title }: You, here: boolean) {
    await session.attempt(() => device.introduce({ name, organisation, role_title }));
    if (here) await session.execute({ command: "profile", name, organisation, role_title, language });
  }

  return (
    <SettingsScreen
      you={you}
      onYou={introduce}
      mayEdit={mayEdit}
      language={language}
      onLanguage={(next) => void device.setLanguage(next)}
      theme={theme}
      onTheme={(next) => device.setTheme(next)}
    />
  );
}
