import { describe, expect, it } from "vitest";

import type { ClusterCard, Command, NoteCard } from "../../core/api";
import { linesOf, WallCommands } from "./commands";
import { freeBeside, layoutOf, NOTE_SIZE, sheetAt } from "./layout";
import { wallView } from "./sections";
import { blankCluster, blankNote } from "../../core/testing/blank";

const compare = (left: string, right: string) => left.localeCompare(right, "sv");

describe("a board as a list", () => {
  it("has loose notes first, clusters in the order of the alphabet, the parked and the deleted apart", () => {
    const notes = [
      note("1", { cluster: "b" }),
      note("2", {}),
      note("3", { state: "parked" }),
      note("4", { state: "archived" }),
      note("5", { cluster: "gone" }),
    ];
    const view = wallView(
      tables(notes, [cluster("b", "Övergångar"), cluster("a", "Ensamhet")]),
      null,
      compare,
    );
    expect(view.sections.map((section) => section.cluster?.title ?? null)).toEqual([
      null,
      "Ensamhet",
      "Övergångar",
    ]);
    expect(ids(view.sections[0]?.notes)).toEqual(["2", "5"]);
    expect(ids(view.parked)).toEqual(["3"]);
    expect(ids(view.tray)).toEqual(["4"]);
  });

  it("leaves out clusters that became part of others, and empty ones that were put away", () => {
    const clusters = [
      { ...cluster("a", "En dörr in"), target: "b" },
      cluster("b", "Ensamhet"),
      { ...cluster("c", "Tomt"), fields: { state: "archived" } },
    ];
    const view = wallView(tables([note("1", { cluster: "b" })], clusters), null, compare);
    expect(view.clusters.map(({ id }) => id)).toEqual(["b"]);
  });
});

describe("the wall", () => {
  const clusters = [0, 1, 2, 3, 4, 5].map((index) => cluster(`c${index}`, `Tema ${index}`));
  const many = Array.from({ length: 40 }, (_, index) => note(`n${index}`, { cluster: `c${index % 7}` }));
  const laid = (notes: NoteCard[]) =>
    layoutOf(wallView(tables(notes, clusters), null, compare), () => NOTE_SIZE);

  it("gives notes that nobody placed a place of their own, where nothing overlaps", () => {
    const places = [...laid(many).notes.values()];
    expect(places).toHaveLength(40);
    for (const [index, at] of places.entries()) {
      for (const other of places.slice(index + 1)) {
        const apart = Math.abs(at.x - other.x) >= NOTE_SIZE || Math.abs(at.y - other.y) >= NOTE_SIZE;
        expect(apart).toBe(true);
      }
    }
  });

  it("leaves every other note where it is when one is moved", () => {
    const before = laid(many).notes;
    const moved = many.map((one) => (one.id === "n8" ? { ...one, x: 2000, y: -300 } : one));
    const after = laid(moved).notes;
    expect(after.get("n8")).toEqual({ x: 2000, y: -300 });
    for (const { id } of many) if (id !== "n8") expect(after.get(id)).toEqual(before.get(id));
  });

  it("knows on which sheet something is dropped: the smallest under it", () => {
    const sheets = new Map([
      ["large", { x: 0, y: 0, width: 900, height: 900 }],
      ["small", { x: 100, y: 100, width: 200, height: 200 }],
    ]);
    expect(sheetAt(sheets, { x: 150, y: 150 })).toBe("small");
    expect(sheetAt(sheets, { x: 500, y: 500 })).toBe("large");
    expect(sheetAt(sheets, { x: 950, y: 500 })).toBeNull();
  });

  it("puts the next note beside the last, or below when there is no room", () => {
    const size = { width: NOTE_SIZE, height: NOTE_SIZE };
    expect(freeBeside({ x: 0, y: 0 }, [{ x: 0, y: 0, ...size }])).toEqual({ x: 196, y: 0 });
    const row = [0, 196, 392].map((x) => ({ x, y: 0, ...size }));
    expect(freeBeside({ x: 0, y: 0 }, row)).toEqual({ x: 0, y: 196 });
  });
});

describe("own acts", () => {
  it("are taken back, the last one first", async () => {
    const { wall, sent, notes } = door([note("1", { x: 0, y: 0 })]);
    await wall.move([{ id: "1", x: 10.4, y: 20 }]);
    change(notes, "1", { x: 10, y: 20 });
    await wall.colour(["1"], "sky");
    change(notes, "1", { colour: "sky" });
    sent.length = 0;
    await wall.undo();
    await wall.undo();
    expect(sent).toEqual([edit("1", { colour: null }), edit("1", { x: 0, y: 0 })]);
    expect(wall.canUndo()).toBe(false);
  });

  it("stay where somebody else has changed the same since", async () => {
    const { wall, sent, notes } = door([note("1", {}), note("2", {})]);
    await wall.colour(["1", "2"], "sky");
    change(notes, "1", { colour: "sky" });
    change(notes, "2", { colour: "rose" });
    sent.length = 0;
    await wall.undo();
    expect(sent).toEqual([edit("1", { colour: null })]);
  });

  it("change nothing where nothing differs", async () => {
    const { wall, sent } = door([note("1", { state: "parked" })]);
    await wall.park(["1"]);
    await wall.write("1", "sv", "lapp 1", "");
    expect(sent).toEqual([]);
    expect(wall.canUndo()).toBe(false);
  });
});

it("pasted lines become notes, without the marks of a list", () => {
  expect(linesOf("- Ensamhet\n\n2) En dörr in\r\n  3.5 dagar i veckan  \n• Orken")).toEqual([
    "Ensamhet",
    "En dörr in",
    "3.5 dagar i veckan",
    "Orken",
  ]);
});

function door(list: NoteCard[]) {
  const notes = new Map(list.map((one) => [one.id, one]));
  const sent: Command[] = [];
  const wall = new WallCommands(
    {
      execute: (command) => {
        sent.push(command);
        return Promise.resolve({ entities: [], remarks: [] });
      },
      note: (id) => notes.get(id),
      textKey: () => "sv",
      language: () => "sv-FI",
    },
    "b",
  );
  return { wall, sent, notes };
}

function change(notes: Map<string, NoteCard>, id: string, fields: Partial<NoteCard>) {
  const before = notes.get(id);
  if (before) notes.set(id, { ...before, ...fields });
}

function edit(id: string, fields: Record<string, string | number | null>) {
  return { command: "edit", entity: { kind: "note", id }, fields };
}

function ids(notes: NoteCard[] | undefined) {
  return notes?.map(({ id }) => id);
}

function tables(notes: NoteCard[], clusters: ClusterCard[]) {
  return {
    notes: new Map(notes.map((one) => [one.id, one])),
    clusters: new Map(clusters.map((one) => [one.id, one])),
  };
}

function note(id: string, fields: Partial<NoteCard>): NoteCard {
  return {
    ...blankNote,
    id,
    text: `lapp ${id}`,
    texts: { sv: `lapp ${id}` },
    cluster: null,
    state: "revealed",
    colour: null,
    author: null,
    board: "b",
    promoted_to: [],
    archived_and_edited: false,
    x: null,
    y: null,
    width: null,
    height: null,
    fields: {},
    ...fields,
  };
}

function cluster(id: string, title: string): ClusterCard {
  return {
    ...blankCluster,
    id,
    board: "b",
    title,
    titles: { sv: title },
    target: id,
    x: null,
    y: null,
    fields: {},
  };
}
