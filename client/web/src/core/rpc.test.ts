import { describe, expect, it } from "vitest";

import type { CoreEvent } from "./api";
import { CoreError } from "./error";
import { Caller, RawJson, carryOut } from "./rpc";

/** A caller whose calls are carried out at once on `methods`. */
function connected(methods: object) {
  const events: CoreEvent[] = [];
  const caller = new Caller(
    (call) => {
      void carryOut(methods, call).then((answer) => {
        caller.take(answer);
      });
    },
    (told) => events.push(...told),
  );
  return { caller, events };
}

describe("calls", () => {
  it("come back as values, or as JSON that was read on arrival", async () => {
    const { caller } = connected({
      double: (n: number) => 2 * n,
      view: () => new RawJson('{"title":"Plan"}'),
    });

    expect(await caller.call("double", [21])).toBe(42);
    expect(await caller.call("view", [])).toEqual({ title: "Plan" });
  });

  it("come back as errors that say of which kind they are", async () => {
    const refused = () => {
      throw new CoreError("refused", "this takes the role admin");
    };
    const { caller } = connected({ refused });

    await expect(caller.call("refused", [])).rejects.toMatchObject({
      code: "refused",
      message: "this takes the role admin",
    });
    await expect(caller.call("nothing", [])).rejects.toMatchObject({ code: "internal" });
  });

  it("all fail once when the worker is gone, and so do later ones", async () => {
    const events: CoreEvent[] = [];
    const caller = new Caller(
      () => undefined,
      (told) => events.push(...told),
    );
    const waiting = caller.call("never", []);

    caller.breakDown("it is gone");
    caller.breakDown("it is gone again");

    await expect(waiting).rejects.toMatchObject({ code: "internal" });
    await expect(caller.call("later", [])).rejects.toMatchObject({ message: "it is gone" });
    expect(events).toEqual([{ type: "fatal", reason: "it is gone" }]);
  });
});
