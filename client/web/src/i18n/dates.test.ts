import { describe, expect, it } from "vitest";

import { lastDayOf, monthOf, sayDate, sayDue, weekOf } from "./dates";
import { languageFor } from "./languages";
import { speechOf } from "./intl";

describe("dates", () => {
  it("are written as each country writes them", () => {
    expect(sayDate("2027-03-31", "sv-FI")).toBe("31.3.2027");
    expect(sayDate("2027-03-31", "fi")).toBe("31.3.2027");
    expect(sayDate("2027-03-31", "sv-SE")).toBe("2027-03-31");
    expect(sayDate("2027-03-31", "en")).toBe("31 Mar 2027");
  });

  it("leave out the year that it is", () => {
    expect(sayDate("2027-04-14", "sv-FI", "2027-02-10")).toBe("14.4");
    expect(sayDate("2027-04-14", "sv-SE", "2027-02-10")).toBe("14/4");
    expect(sayDate("2028-04-14", "sv-FI", "2027-02-10")).toBe("14.4.2028");
  });

  it("may be weeks", () => {
    expect(sayDue("2027-W08", "sv-FI", "2027-02-10")).toBe("v. 8");
    expect(sayDue("2027-W08", "fi", "2026-02-10")).toBe("vko 8/2027");
    expect(sayDue("soon", "en")).toBe("soon");
  });

  it("know their week and its last day, also at the turn of the year", () => {
    expect(weekOf("2027-02-22")).toEqual({ year: 2027, week: 8 });
    expect(weekOf("2027-01-01")).toEqual({ year: 2026, week: 53 });
    expect(weekOf("2024-12-30")).toEqual({ year: 2025, week: 1 });
    expect(lastDayOf({ year: 2027, week: 8 })).toBe("2027-02-28");
    expect(monthOf("2027-W08")).toBe("2027-02");
  });
});

describe("languages", () => {
  it("are chosen from what the browser asks for", () => {
    expect(languageFor(["de", "sv"])).toBe("sv-FI");
    expect(languageFor(["sv-SE"])).toBe("sv-SE");
    expect(languageFor(["fi-FI"])).toBe("fi");
    expect(languageFor(["de"])).toBe("sv-FI");
  });

  it("sort by their own alphabet", () => {
    const { compare } = speechOf("sv-FI", "2027-01-20");
    expect(["Östra", "Ensamhet", "Ängen", "Åsen", "v. 10", "v. 9"].sort(compare)).toEqual([
      "Ensamhet",
      "v. 9",
      "v. 10",
      "Åsen",
      "Ängen",
      "Östra",
    ]);
  });
});
