import { describe, expect, it } from "vitest";

import { socketAddress, waitMs } from "./relay";

describe("socketAddress", () => {
  it("keeps to TLS where the relay does", () => {
    expect(socketAddress("https://rela.example:8443/samverka/")).toBe(
      "wss://rela.example:8443/samverka/sync",
    );
    expect(socketAddress("http://127.0.0.1:8787")).toBe("ws://127.0.0.1:8787/sync");
  });

  it("knows what is no address", () => {
    expect(socketAddress("rela.example")).toBeNull();
    expect(socketAddress("ftp://rela.example")).toBeNull();
  });
});

describe("waitMs", () => {
  it("grows and stays within half a minute", () => {
    expect(waitMs(0, 0)).toBe(250);
    expect(waitMs(0, 1)).toBe(500);
    expect(waitMs(3, 1)).toBe(4_000);
    expect(waitMs(1_000, 1)).toBe(30_000);
    expect(waitMs(1_000, 0)).toBe(15_000);
  });
});
