import { expect, it, vi } from "vitest";

import type { Json } from "../core/api";
import { Drafts } from "./drafts";

/** A core whose writes end when they are told to. */
function slow(before: Record<string, Json> = {}) {
  const written: [string, Json][] = [];
  const ends: (() => void)[] = [];
  return {
    written,
    end: () => ends.shift()?.(),
    core: {
      drafts: () => Promise.resolve(before),
      keepDraft: (_: string, name: string, draft: Json) => {
        written.push([name, draft]);
        return new Promise<void>((resolve) => ends.push(resolve));
      },
    },
  };
}

function read(core: Parameters<typeof Drafts.read>[0], fail: (failure: unknown) => void = vi.fn()) {
  return Drafts.read(core, { put: vi.fn(), drop: vi.fn() }, "plan", new Map(), fail);
}

it("writes at once, and the newest after that, but nothing between", async () => {
  const { core, written, end } = slow();
  const drafts = await read(core);
  for (const what of ["R", "Ri", "Rin", "Ring"]) drafts.set("commitment", { what });
  expect(written).toEqual([["commitment", { what: "R" }]]);
  const settled = drafts.settled();
  end();
  await vi.waitFor(() => expect(written).toHaveLength(2));
  end();
  await settled;
  expect(written[1]).toEqual(["commitment", { what: "Ring" }]);
  expect(drafts.get("commitment")).toEqual({ what: "Ring" });
});

it("gives back what was left, and forgets what was handed over", async () => {
  const { core, written, end } = slow({ goal: { title: "Färre ensamma" } });
  const drafts = await read(core);
  expect(drafts.get("goal")).toEqual({ title: "Färre ensamma" });
  drafts.set("goal", null);
  drafts.set("note", null);
  expect(drafts.get("goal")).toBeNull();
  end();
  await drafts.settled();
  expect(written).toEqual([["goal", null]]);
});

it("tells when one cannot be kept, and keeps it on the screen", async () => {
  const fail = vi.fn();
  const core = { drafts: () => Promise.resolve({}), keepDraft: () => Promise.reject(new Error("full")) };
  const drafts = await read(core, fail);
  drafts.set("note", "Kaffe");
  await drafts.settled();
  expect(fail).toHaveBeenCalledWith(new Error("full"));
  expect(drafts.get("note")).toBe("Kaffe");
});

it("takes over what a page had not kept when it ended", async () => {
  const { core, written, end } = slow({ goal: "Fär" });
  const typed = { put: vi.fn(), drop: vi.fn() };
  const left = new Map<string, Json>([
    ["form/goal", "Färre"],
    ["note/1/sv", { base: "", sent: null, text: "Kaffe" }],
  ]);
  const drafts = await Drafts.read(core, typed, "plan", left, vi.fn());
  expect(drafts.get("goal")).toBe("Färre");
  expect(typed.drop).not.toHaveBeenCalled();
  end();
  await drafts.settled();
  expect(written).toEqual([["goal", "Färre"]]);
  expect(typed.drop).toHaveBeenCalledWith("plan", "form/goal");
});
