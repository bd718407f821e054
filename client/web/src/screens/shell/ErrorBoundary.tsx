import { Component, type ReactNode } from "react";

import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import style from "./ErrorBoundary.module.css";

interface BoundaryProps {
  /** When this changes, the screen is tried again. */
  at: string;
  children: ReactNode;
}

/** Keeps a fault in one screen from taking the app with it. What was written is in the core, which goes on. */
export class ErrorBoundary extends Component<BoundaryProps, { failure: unknown; at: string }> {
  override state = { failure: null as unknown, at: this.props.at };

  static getDerivedStateFromError(failure: unknown) {
    return { failure };
  }

  static getDerivedStateFromProps(props: BoundaryProps, state: { at: string }) {
    return props.at === state.at ? null : { failure: null, at: props.at };
  }

  override render() {
    return this.state.failure === null ? this.props.children : <Failed failure={this.state.failure} />;
  }
}

/** Says what happened, that nothing is lost, and what to do. */
export function Failed({ failure, sentence }: { failure: unknown; sentence?: string }) {
  const { t } = useSpeech();
  return (
    <div className={style.failed} role="alert">
      <h1>{t("error.title")}</h1>
      <p>{sentence ?? t("error.body")}</p>
      <Button look="primary" onPress={() => window.location.reload()}>
        {t("error.reload")}
      </Button>
      <details>
        <summary>{t("error.details")}</summary>
        <pre>{failure instanceof Error ? failure.message : String(failure)}</pre>
      </details>
    </div>
  );
}
