import { expect, it } from "vitest";

import { fitText } from "./fit";
import { NOTE_SIZE } from "./layout";

/** Every letter half as wide as it is high. */
const measure = (text: string, size: number) => (text.length * size) / 2;

it("a short text is as large as fits", () => {
  expect(fitText("Orken", measure)).toEqual({ size: 28, height: NOTE_SIZE });
});

it("a longer one shrinks to a floor", () => {
  const { size, height } = fitText(
    "Familjer får den första kontakten inom två veckor efter ett samtal",
    measure,
  );
  expect(size).toBeLessThan(28);
  expect(height).toBe(NOTE_SIZE);
});

it("then the note grows", () => {
  const { size, height } = fitText("ett ord till ".repeat(30), measure);
  expect(size).toBe(16);
  expect(height).toBeGreaterThan(NOTE_SIZE);
});

it("a long word makes the text small before it is cut", () => {
  expect(fitText("Tystnadsplikten", measure).size).toBeLessThan(24);
});
