import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { EntityUpdate, NoteCard } from "../core/api";
import { Announcer } from "./announcer";
import { type Change, RemoteWatch } from "./remote";
import { applyUpdates, EMPTY } from "./tables";
import { blankNote } from "../core/testing/blank";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("tables", () => {
  it("keep what no update names as the same object", () => {
    const before = applyUpdates(EMPTY, [note("a", "ett"), note("b", "två")]);
    const after = applyUpdates(before, [note("b", "tre")]);
    expect(after.notes.get("a")).toBe(before.notes.get("a"));
    expect(after.notes.get("b")?.text).toBe("tre");
    expect(before.notes.get("b")?.text).toBe("två");
    expect(after.clusters).toBe(before.clusters);
  });

  it("lose what is gone, and stay themselves when nothing was", () => {
    const before = applyUpdates(EMPTY, [note("a", "ett")]);
    expect(applyUpdates(before, [{ kind: "note", id: "a", view: null }]).notes.size).toBe(0);
    expect(applyUpdates(before, [{ kind: "note", id: "x", view: null }])).toBe(before);
    expect(applyUpdates(before, [{ kind: "tie", id: "x", view: null }])).toBe(before);
  });
});

describe("what others changed", () => {
  it("leaves out what this tab did, whichever is told first", () => {
    const reported: Change[][] = [];
    const watch = new RemoteWatch((changes) => reported.push(changes));
    watch.changed([{ kind: "note", id: "mine, told first" }]);
    watch.did([
      { kind: "note", id: "mine, told first" },
      { kind: "note", id: "mine, told last" },
    ]);
    watch.changed([
      { kind: "note", id: "mine, told last" },
      { kind: "note", id: "theirs" },
    ]);
    vi.runAllTimers();
    expect(reported).toEqual([[{ kind: "note", id: "theirs" }]]);
  });

  it("counts what this tab did long ago as theirs when it changes again", () => {
    const reported: Change[][] = [];
    const watch = new RemoteWatch((changes) => reported.push(changes));
    watch.did([{ kind: "note", id: "a" }]);
    vi.advanceTimersByTime(60_000);
    watch.changed([{ kind: "note", id: "a" }]);
    vi.runAllTimers();
    expect(reported).toEqual([[{ kind: "note", id: "a" }]]);
  });
});

describe("announcements", () => {
  it("are gathered, and each said once", () => {
    const announcer = new Announcer();
    const heard: string[] = [];
    announcer.subscribe(() => heard.push(announcer.current()));
    for (const sentence of ["6 nya lappar.", "Rektor lovade.", "6 nya lappar."]) announcer.say(sentence);
    vi.runAllTimers();
    expect(heard).toEqual(["6 nya lappar. Rektor lovade."]);
  });
});

function note(id: string, text: string): EntityUpdate {
  const view: NoteCard = {
    ...blankNote,
    id,
    text,
    texts: { sv: text },
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
  };
  return { kind: "note", id, view };
}
