import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { offline } from "./vite/offline.ts";

export default defineConfig({
  // The app may be served from any folder of a relay.
  base: "./",
  plugins: [react(), offline()],
  worker: { format: "es" },
  // The development pages read the sample plan, which lies with the examples.
  server: { fs: { allow: ["../.."] } },
  build: {
    target: "es2023",
    // A strict content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  css: { modules: { generateScopedName: "[name]_[local]_[hash:base64:4]" } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
