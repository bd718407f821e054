/** A page for development alone: every screen fed from canned views. The build does not know it. */
import "../design/base.css";

import { createRoot } from "react-dom/client";

import { App } from "../app/App";
import { cannedCore } from "./canned";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App core={cannedCore()} />);
