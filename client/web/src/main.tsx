import "./design/base.css";

import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { startCore } from "./app/core";
import { localDate } from "./i18n/dates";
import { SpeechProvider } from "./i18n/intl";
import { languageFor } from "./i18n/languages";
import { Unsupported } from "./screens/shell/Unsupported";

const root = document.getElementById("root");
const core = startCore();
if (root) {
  createRoot(root).render(
    "missing" in core ? (
      <SpeechProvider language={languageFor(navigator.languages)} today={localDate(new Date())}>
        <Unsupported missing={core.missing} />
      </SpeechProvider>
    ) : (
      <App core={core} />
    ),
  );
}
