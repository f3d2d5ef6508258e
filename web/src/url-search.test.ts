import { describe, expect, it } from "vitest";
import { parseAlertsSearch, rangeOf, takeFilters, toggleInList } from "./features/alerts/alerts-url.ts";
import { columnsOf, parseSearchSearch, searchRangeOf } from "./features/search/search-url.ts";
import { formatUrlSearch, parseUrlSearch, pickText } from "./url-search.ts";

describe("the query string", () => {
  it.each([
    {},
    { q: "failed root", from: "-24h", to: "now" },
    { q: 'user.name:"a b" or -x:1 & y=2 # %20 +', mode: "kql" },
    { severity: "high,critical", from: "2026-11-20T09:00:00.000Z" },
    { q: "22" },
    { q: "Ünïcode ‮ ✓" },
  ])("comes back as it went: %j", (search) => {
    expect(parseUrlSearch(formatUrlSearch(search))).toEqual(search);
  });

  it("is readable: no JSON, commas and colons as themselves", () => {
    expect(formatUrlSearch({ severity: "high,critical", q: "user.name:root", tab: undefined, e: "" })).toBe(
      "?severity=high,critical&q=user.name:root",
    );
  });

  it("keeps only the named strings", () => {
    expect(pickText({ a: "1", b: "", c: 3, d: "x" }, ["a", "b", "c"])).toEqual({ a: "1" });
  });
});

describe("the queue's state", () => {
  it("drops what it does not know", () => {
    expect(parseAlertsSearch({ status: "new", sort: "colour", tab: "chain", x: "1" })).toEqual({
      status: "new",
      tab: "chain",
    });
  });

  it("has no time range unless the URL has one", () => {
    expect(rangeOf({})).toBeUndefined();
    expect(rangeOf({ from: "-1h" })).toEqual({ from: "-1h", to: "now" });
  });

  it("toggles values of a list", () => {
    expect(toggleInList(undefined, "high")).toBe("high");
    expect(toggleInList("high,low", "high")).toBe("low");
    expect(toggleInList("low", "low")).toBeUndefined();
  });

  it.each([
    ["severity:high brute force", { filters: { severity: "high" }, text: "brute force" }],
    ['entity:"srv 1" status:new', { filters: { entity: "srv 1", status: "new" }, text: "" }],
    ["colour:red http://example.com", { filters: {}, text: "colour:red http://example.com" }],
    ["severity: high", { filters: {}, text: "severity: high" }],
  ])("takes filters out of %j", (typed, expected) => {
    expect(takeFilters(typed)).toEqual(expected);
  });
});

describe("the search page's state", () => {
  it("is every event of the last day when the URL says nothing", () => {
    expect(parseSearchSearch({ mode: "sql" })).toEqual({});
    expect(searchRangeOf({})).toEqual({ from: "-24h", to: "now" });
    expect(columnsOf({})).toEqual([]);
    expect(columnsOf({ cols: "user.name,source.ip" })).toEqual(["user.name", "source.ip"]);
  });
});
