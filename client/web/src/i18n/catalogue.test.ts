import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, TYPE, type MessageFormatElement } from "@formatjs/icu-messageformat-parser";
import { describe, expect, it } from "vitest";

import { en } from "./catalogue/en";
import { fi } from "./catalogue/fi";
import { sv } from "./catalogue/sv";
import { svSE } from "./catalogue/sv-SE";
import { LANGUAGES, catalogueOf } from "./languages";

const keys = Object.keys(sv).sort();
const source = join(import.meta.dirname, "..");

/** Words of other trades, which domain.md 2 keeps off the screen. */
const AVOIDED =
  /\b(tickets?|sprints?|assignees?|user stor(y|ies)|sync conflicts?|merge|node|konflikt\w*|synkronisering\w*)\b/i;

it.each([
  ["fi", fi],
  ["en", en],
])("%s says everything that Swedish says, and nothing more", (_, catalogue) => {
  expect(Object.keys(catalogue).sort()).toEqual(keys);
});

it("the Swedish of Sweden holds only what it says in another way", () => {
  for (const [key, text] of Object.entries(svSE)) {
    expect(keys).toContain(key);
    expect(text).not.toBe(sv[key as keyof typeof sv]);
  }
});

describe.each(LANGUAGES)("in %s", (language) => {
  const catalogue = catalogueOf(language);

  it.each(Object.entries(sv))("%s takes the same values as at home", (key, home) => {
    const text = catalogue[key as keyof typeof sv];
    expect(text.trim()).toBe(text);
    expect(text).not.toBe("");
    expect([...argumentsOf(parse(text))].sort()).toEqual([...argumentsOf(parse(home))].sort());
  });

  it("no word of another trade is on the screen", () => {
    const found = Object.entries(catalogue).filter(([, text]) => AVOIDED.test(text));
    expect(found).toEqual([]);
  });
});

it("every message is used somewhere", () => {
  const code = sources(source).join("\n");
  const families = [...code.matchAll(/`([a-z_.]+)\.\$\{/g)].map(([, family = ""]) => `${family}.`);
  const unused = keys.filter(
    (key) => !code.includes(`"${key}"`) && !families.some((family) => key.startsWith(family)),
  );
  expect(unused).toEqual([]);
});

function argumentsOf(elements: MessageFormatElement[]): Set<string> {
  const names = new Set<string>();
  for (const element of elements) {
    if (element.type === TYPE.literal || element.type === TYPE.pound) continue;
    names.add(element.value);
    if (element.type === TYPE.tag) for (const name of argumentsOf(element.children)) names.add(name);
    if (element.type === TYPE.plural || element.type === TYPE.select) {
      for (const option of Object.values(element.options)) {
        for (const name of argumentsOf(option.value)) names.add(name);
      }
    }
  }
  return names;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes("catalogue") && !path.startsWith("dev"))
    .map((path) => readFileSync(join(folder, path), "utf8"));
}
