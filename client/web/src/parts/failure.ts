import { createContext, type ReactNode } from "react";

/** What went wrong, for dialogs to say it too: what stands on the page behind them is seen and heard by nobody. */
export const FailureContext = createContext<ReactNode>(null);
