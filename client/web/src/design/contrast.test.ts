import { readFileSync } from "node:fs";

import { clampChroma, parse, wcagContrast } from "culori";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);

const TEXT = 4.5;
const GRAPHIC = 3;
const GROUNDS = ["ground", "surface", "raised", "sunken", "rail"];
const NOTES = ["butter", "birch", "sky", "rose", "heather", "clay", "paper"].map((name) => `note-${name}`);
const ORGANISATIONS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `org-${number}`);
const MEANINGS = ["spruce", "lingon", "amber", "lichen", "fjord"];

const pairs: [front: string, back: string, least: number][] = [
  ...GROUNDS.flatMap((back) => ["ink", "ink-soft", ...MEANINGS].map(on(back, TEXT))),
  ...MEANINGS.flatMap((name) => [name, "ink"].map(on(`${name}-wash`, TEXT))),
  ...["on-spruce"].flatMap((front) => ["spruce", "spruce-strong"].map((back) => on(back, TEXT)(front))),
  ...["on-lingon"].flatMap((front) => ["lingon", "lingon-strong"].map((back) => on(back, TEXT)(front))),
  ...NOTES.flatMap((back) => ["note-ink", "note-ink-soft"].map(on(back, TEXT))),
  ...NOTES.flatMap((back) => ORGANISATIONS.map(on(back, GRAPHIC))),
  ...[...GROUNDS, "wall"].flatMap((back) => ["focus", "line-strong"].map(on(back, GRAPHIC))),
  ...["ink", "ink-soft"].map(on("wall", TEXT)),
];

describe.each(["light", "dark"] as const)("in the %s", (mode) => {
  it.each(pairs)("%s is read on %s at %d : 1", (front, back, least) => {
    expect(wcagContrast(shown(front, mode), shown(back, mode))).toBeGreaterThanOrEqual(least);
  });
});

it("nothing written is smaller than 14 px", () => {
  const sizes = [...css.matchAll(/--text-\d+: ([\d.]+)rem/g)].map(([, rem]) => Number(rem) * 16);
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(14);
});

function on(back: string, least: number) {
  return (front: string): [string, string, number] => [front, back, least];
}

/** The colour as an sRGB screen shows it. */
function shown(name: string, mode: "light" | "dark") {
  const text = colours.get(name)?.[mode];
  const colour = text === undefined ? undefined : parse(text);
  if (colour === undefined) throw new Error(`tokens.css has no colour ${name}`);
  return clampChroma(colour, "oklch", "rgb");
}
