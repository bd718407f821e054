import { expect, it } from "vitest";

import { rebase, spliceOf } from "./rebase";

const base = "Tre kvällscaféer i norra byarna";

it("what others wrote before and after one's own words comes in around them", () => {
  const mine = "Tre kvällscaféer med läxhjälp i norra byarna";
  expect(rebase(base, `Vi håller: ${base}`, mine).text).toBe(`Vi håller: ${mine}`);
  expect(rebase(base, `${base} i mars`, mine).text).toBe(`${mine} i mars`);
});

it("both stay where both wrote at one place", () => {
  const { text } = rebase("kaffe", "kaffe och tolk", "kaffe och läxhjälp");
  expect(text).toContain("läxhjälp");
  expect(text).toContain("tolk");
});

it("words that others took out go, unless one has written over them", () => {
  expect(rebase(base, "Tre kvällscaféer", "Fyra kvällscaféer i norra byarna").text).toBe("Fyra kvällscaféer");
  expect(rebase("a b c", "a c", "a B c").text).toBe("a B c");
});

it("the cursor stays at the word where it was", () => {
  const mine = "Tre kvällscaféer nu i norra byarna";
  const at = mine.indexOf("nu") + 2;
  const { text, cursor } = rebase(base, `Vi: ${base}`, mine, at);
  expect(text.slice(0, cursor)).toBe("Vi: Tre kvällscaféer nu");
});

it("nothing changes where nobody else wrote", () => {
  expect(rebase("a", "a", "b", 1)).toEqual({ text: "b", cursor: 1 });
  expect(rebase("a", "c", "a", 1)).toEqual({ text: "c", cursor: 1 });
});

it("a splice never cuts a character in two", () => {
  expect(spliceOf("😀", "😁")).toEqual({ at: 0, removed: 2, put: "😁" });
  expect(spliceOf("🐀", "😀")).toEqual({ at: 0, removed: 2, put: "😀" });
});
