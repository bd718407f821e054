import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "screens", "src/core/**"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers in texts are what templates are for.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An arrow that hands an event on may be one expression.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    // These run in Node.
    files: ["scripts/**/*.mjs"],
    languageOptions: {
      globals: {
        console: false,
        fetch: false,
        performance: false,
        process: false,
        setTimeout: false,
        URL: false,
      },
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks, "jsx-a11y": a11y },
    rules: {
      ...hooks.configs.recommended.rules,
      ...a11y.flatConfigs.recommended.rules,
      // Focus follows what the person did: a dialog opens on its first field, a new note on its text.
      "jsx-a11y/no-autofocus": "off",
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/core/**", "src/main.tsx", "src/app/core.ts"],
    rules: {
      // Screens get plain values and say what was done; only the app's shell talks to the core.
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/core/client*", "**/core/worker*"],
              message: "Only src/app/core.ts starts the core.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["e2e/**"],
    rules: {
      // Playwright reads from the pattern what a fixture needs; `{}` is how one says: nothing.
      "no-empty-pattern": ["error", { allowObjectPatternsAsParameters: true }],
    },
  },
  {
    files: ["*.js", "scripts/**"],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
  },
  prettier,
);
