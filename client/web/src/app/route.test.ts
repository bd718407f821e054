import { expect, it } from "vitest";

import { parseRoute, type Route, writeRoute } from "./route";

const PLAN = "0123456789abcdef";

it.each<Route>([
  { at: "start" },
  { at: "join", link: "AbC_-/x" },
  { at: "plan", plan: PLAN, screen: "wall", id: null, query: {} },
  { at: "plan", plan: PLAN, screen: "commitments", id: "c 04/å", query: { list: "mine", org: "o-skola" } },
])("an address says where one is and is read back: %j", (route) => {
  expect(parseRoute(writeRoute(route))).toEqual(route);
});

it("an address that says nothing leads to the start", () => {
  for (const hash of ["", "#", "#/", "#/plan", "#/plan/<script>/wall", "#/else"]) {
    expect(parseRoute(hash)).toEqual({ at: "start" });
  }
});

it("an unknown screen is the wall, and a broken id is taken as it stands", () => {
  expect(parseRoute(`#/plan/${PLAN}/elsewhere/%E0%A4%A`)).toEqual({
    at: "plan",
    plan: PLAN,
    screen: "wall",
    id: "%E0%A4%A",
    query: {},
  });
});

it("filters that are not set are not in the address", () => {
  const route: Route = {
    at: "plan",
    plan: PLAN,
    screen: "commitments",
    id: null,
    query: { list: "", org: "x" },
  };
  expect(writeRoute(route)).toBe(`#/plan/${PLAN}/commitments?org=x`);
});
