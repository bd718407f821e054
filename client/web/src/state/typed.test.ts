import { expect, it, vi } from "vitest";

import { NotesTyped } from "./notesTyped";
import { type Shelf, Typed } from "./typed";

/** One browser: its storage, and its pages that are alive. */
function browser() {
  const kept = new Map<string, string>();
  const alive = new Set<string>();
  const shelf: Shelf = {
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      key: (index) => [...kept.keys()][index] ?? null,
      get length() {
        return kept.size;
      },
      removeItem: (key) => kept.delete(key),
      setItem: (key, value) => kept.set(key, value),
    },
    live: (page) => {
      alive.add(page);
      return Promise.resolve();
    },
    inTurn: (work) => Promise.resolve(work(alive)),
  };
  return { kept, alive, shelf };
}

function plan(texts: Record<string, string>) {
  return {
    text: (note: string) => texts[note],
    write: vi.fn((note: string, _: string, text: string) => {
      texts[note] = text;
      return Promise.resolve();
    }),
    add: vi.fn(() => Promise.resolve()),
  };
}

it("what a page typed is taken over when it is gone, once, and not before", async () => {
  const { shelf, alive, kept } = browser();
  const first = await Typed.start(shelf, "first");
  first.put("plan", "note/1/sv", { base: "", sent: null, text: "Kaffe" });
  first.put("other", "note/2/sv", { base: "", sent: null, text: "Te" });
  const second = await Typed.start(shelf, "second");
  expect(await second.takeOver("plan")).toEqual(new Map());
  alive.delete("first");
  const left = await second.takeOver("plan");
  expect([...left.keys()]).toEqual(["note/1/sv"]);
  const third = await Typed.start(shelf, "third");
  expect(await third.takeOver("plan")).toEqual(new Map());
  second.drop("plan", "note/1/sv");
  expect([...kept.keys()]).toEqual(["samverka.typed/first/other/note/2/sv"]);
});

it("forgets what was typed in a plan that was removed", async () => {
  const { shelf, kept } = browser();
  const typed = await Typed.start(shelf, "page");
  typed.put("plan", "form/goal", "Färre");
  typed.put("gone", "form/goal", "Fler");
  kept.set("samverka.theme", "dark");
  typed.tidy(["plan"]);
  expect([...kept.keys()]).toEqual(["samverka.typed/page/plan/form/goal", "samverka.theme"]);
});

it("brings a note's last words in around what others wrote", async () => {
  const { shelf } = browser();
  const typed = await Typed.start(shelf, "page");
  const notes = new NotesTyped(typed, "plan");
  const left = new Map([["note/1/sv", { seen: ["kaffe"], text: "kaffe och tolk" }]]);
  const door = plan({ "1": "Ring: kaffe" });
  await notes.bringIn(left, door);
  expect(door.text("1")).toBe("Ring: kaffe och tolk");
});

it("writes nothing twice where the words on their way had arrived", async () => {
  const { shelf } = browser();
  const notes = new NotesTyped(await Typed.start(shelf, "page"), "plan");
  const door = plan({ "1": "a", "2": "ab", "3": "abcd" });
  const writing = { seen: ["a", "ab", "abc"], text: "abcd" };
  await notes.bringIn(new Map([["note/1/sv", writing]]), door);
  await notes.bringIn(new Map([["note/2/sv", writing]]), door);
  await notes.bringIn(new Map([["note/3/sv", writing]]), door);
  expect(["1", "2", "3"].map((note) => door.text(note))).toEqual(["abcd", "abcd", "abcd"]);
  expect(door.write).toHaveBeenCalledTimes(2);
});

it("knows of every text that the plan has shown, whether one typed while it was on its way or after", async () => {
  const { shelf, kept } = browser();
  const safe = new NotesTyped(await Typed.start(shelf, "page"), "plan").safe("1", "sv");
  safe.put({ base: "", sent: null, text: "K" });
  safe.wrote("K");
  safe.put({ base: "K", sent: null, text: "Ka" });
  safe.put({ base: "K", sent: "Ka", text: "Kaf" });
  safe.wrote("Ka");
  safe.put({ base: "Ka", sent: null, text: "Kaff" });
  expect([...kept.values()].map((one) => JSON.parse(one) as unknown)).toEqual([
    { seen: ["", "K", "Ka"], text: "Kaff" },
  ]);
});

it("makes a note anew that the plan never had, unless it was empty", async () => {
  const { shelf } = browser();
  const notes = new NotesTyped(await Typed.start(shelf, "page"), "plan");
  const door = plan({});
  const left = (text: string) => new Map([["note/1/sv", { seen: [""], text }]]);
  await notes.bringIn(left("Kaffe"), door);
  await notes.bringIn(left(" "), door);
  expect(door.add.mock.calls).toEqual([["sv", "Kaffe"]]);
});

it("lets go only of what the plan has durably", async () => {
  const { shelf, kept } = browser();
  const notes = new NotesTyped(await Typed.start(shelf, "page"), "plan");
  const safe = notes.safe("1", "sv");
  safe.put({ base: "", sent: null, text: "K" });
  safe.wrote("K");
  // The plan shows "K" and may lose it still: a page that ends now leaves both to begin from.
  safe.put({ base: "K", sent: "K", text: "Ka" });
  expect([...kept.values()].map((one) => JSON.parse(one) as unknown)).toEqual([
    { seen: ["", "K"], text: "Ka" },
  ]);
  notes.durable();
  expect([...kept.values()].map((one) => JSON.parse(one) as unknown)).toEqual([{ seen: ["K"], text: "Ka" }]);
  safe.wrote("Ka");
  notes.durable();
  expect(kept.size).toBe(0);
});
