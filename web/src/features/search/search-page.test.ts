import type { FacetList, SearchReply, TailBatch } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { joinReplies } from "../../api/search.ts";
import { fieldLines } from "../events/field-values.ts";
import { chartOf } from "./auto-chart.ts";
import { columnsNamed } from "./columns-named.ts";
import { compareFacets, windowBefore } from "./compare-facets.ts";
import { facetNames } from "./facet-names.ts";
import { patternQuery } from "./pattern-query.ts";
import { moved, namesIn, namesText, parseSearchSearch } from "./search-url.ts";
import { NO_TAIL, received, resumed, waitingRows } from "./tail-buffer.ts";

const reply = (types: readonly string[], rows: readonly (readonly unknown[])[]): SearchReply => ({
  columns: types.map((type, at) => ({ name: `c${at}`, type })),
  rows: rows.map((row) => [...row]),
  stats: { rowsRead: 10, bytesRead: 100, elapsedMs: 5, partial: false },
  kql: "Events",
  from: "a",
  to: "b",
});

describe("windows of a search", () => {
  it("join with the newer rows first, and their cost adds up", () => {
    const joined = joinReplies(reply(["long"], [[2]]), { ...reply(["long"], [[1]]), from: "z" });
    expect(joined.rows).toEqual([[2], [1]]);
    expect(joined).toMatchObject({
      from: "z",
      to: "b",
      stats: { rowsRead: 20, bytesRead: 200, elapsedMs: 10 },
    });
  });
});

describe("a live tail", () => {
  const batch = (count: number, skipped = 0): TailBatch => ({
    columns: [{ name: "id", type: "string" }],
    rows: Array.from({ length: count }, (_, at) => [`${at}`]),
    skipped,
  });

  it("shows the newest first and keeps a bounded number", () => {
    let state = NO_TAIL;
    for (let at = 0; at < 20; at++) state = received(state, batch(200, 3), false);
    expect(state.rows).toHaveLength(2_000);
    expect(state.skipped).toBe(60);
  });

  it("stands still while it is paused, and catches up", () => {
    let state = received(NO_TAIL, batch(2), false);
    state = received(state, batch(3, 1), true);
    expect([state.rows.length, waitingRows(state)]).toEqual([2, 4]);
    state = resumed(state);
    expect([state.rows.length, state.skipped, waitingRows(state)]).toEqual([5, 1, 0]);
  });

  it("counts what waited too long as skipped", () => {
    let state = NO_TAIL;
    for (let at = 0; at < 70; at++) state = received(state, batch(1), true);
    expect([state.waiting.length, state.skipped]).toEqual([60, 10]);
  });
});

describe("the chart of a table", () => {
  it.each([
    [["long"], [[3]], "stat"],
    [
      ["datetime", "long"],
      [
        ["2026-01-01T00:00:00Z", 1],
        ["2026-01-01T01:00:00Z", 2],
      ],
      "line",
    ],
    [
      ["string", "long"],
      [
        ["a", 1],
        ["b", 2],
      ],
      "bar",
    ],
    [["string"], [["a"]], "none"],
    [["long"], [], "none"],
  ] as const)("of %j is a %s", (types, rows, kind) => {
    expect(chartOf(reply(types, rows)).kind).toBe(kind);
  });

  it("has a line for each name, the largest first", () => {
    const chart = chartOf(
      reply(
        ["datetime", "string", "long"],
        [
          ["2026-01-01T01:00:00Z", "b", 1],
          ["2026-01-01T00:00:00Z", "a", 5],
          ["2026-01-01T00:00:00Z", "b", 2],
        ],
      ),
    );
    expect(
      chart.kind === "line" &&
        chart.series.map(({ name, points }) => [name, points.map(({ value }) => value)]),
    ).toEqual([
      ["a", [5]],
      ["b", [2, 1]],
    ]);
  });
});

const facets = (
  rows: number,
  items: Readonly<Record<string, Readonly<Record<string, number>>>>,
): FacetList => ({
  rows,
  isSampled: false,
  items: Object.entries(items).map(([field, values]) => ({
    field,
    rows,
    distinct: Object.keys(values).length,
    values: Object.entries(values).map(([value, count]) => ({ value, count })),
  })),
});

describe("comparing two times", () => {
  it("puts the largest difference first and leaves chance out", () => {
    const found = compareFacets(
      facets(100, { "user.name": { root: 90, ana: 10 }, pack: { linux: 100 } }),
      facets(200, { "user.name": { root: 20, ana: 180 }, pack: { linux: 199 } }),
    );
    expect(found.map(({ value, inside, outside }) => [value, inside, outside])).toEqual([
      ["root", 0.9, 0.1],
      ["ana", 0.1, 0.9],
    ]);
  });

  it("takes the same length before", () => {
    expect(windowBefore({ from: "2026-01-01T02:00:00Z", to: "2026-01-01T03:00:00Z" })).toEqual({
      from: "2026-01-01T01:00:00.000Z",
      to: "2026-01-01T02:00:00.000Z",
    });
  });
});

describe("facets", () => {
  it("stand pinned first, then those that tell rows apart, then names without counts", () => {
    const { items } = facets(100, { same: { x: 100 }, two: { a: 50, b: 50 } });
    const names = facetNames({
      filled: ["raw", "more", "two"],
      facets: items,
      pins: ["acme.zone"],
      words: "",
    });
    expect(names).toEqual(["acme.zone", "two", "same", "more"]);
    expect(facetNames({ filled: ["more"], facets: items, pins: [], words: "TW" })).toEqual(["two"]);
  });
});

describe("a pattern as a filter", () => {
  const pattern = { literals: ["Failed password for", 'say "x"'], regex: "^Failed .*$" };
  it.each([
    ["text", "", "in", '"Failed password for" "say \\"x\\""'],
    ["text", "a or b", "out", '(a or b) -("Failed password for" "say \\"x\\"")'],
    [
      "kql",
      "Events",
      "in",
      'Events\n| where iff(isnotempty(message), message, raw) matches regex "^Failed .*$"',
    ],
  ] as const)("%s %j %s", (mode, query, sense, expected) => {
    expect(patternQuery(mode, query, { ...pattern, sense })).toBe(expected);
  });

  it("of values alone says nothing in words", () => {
    expect(patternQuery("text", "x", { literals: [], regex: "", sense: "in" })).toBe("x");
  });
});

describe("the search page's address", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(
      parseSearchSearch({ q: "x", tab: "patterns", live: "1", by: "log.level", tabs: "x", more: "2" }),
    ).toEqual({
      q: "x",
      tab: "patterns",
      live: "1",
      by: "log.level",
    });
  });

  it("orders columns", () => {
    expect(namesIn("a,b,,a")).toEqual(["a", "b"]);
    expect(namesText(moved(["a", "b", "c"], 2, 0))).toBe("c,a,b");
    expect(moved(["a"], 0, 1)).toEqual(["a"]);
    expect(namesText([])).toBeUndefined();
  });
});

describe("fields to add as columns", () => {
  it("begin with the name itself, and end with a vendor's own", () => {
    const fields = ["source.ip", "client.source.ip", "user.name"];
    expect(columnsNamed("source.ip", fields, [])).toEqual(["source.ip", "client.source.ip"]);
    expect(columnsNamed("source.ip", fields, ["source.ip"])).toEqual(["client.source.ip"]);
    expect(columnsNamed("acme.zone", fields, [])).toEqual(["acme.zone"]);
    expect(columnsNamed("acme", fields, [])).toEqual([]);
  });
});

describe("values of a list", () => {
  it("have a line each, so that each can be asked for", () => {
    expect(
      fieldLines({ a: ["x", "y"], b: 1, c: [{ d: 1 }, "x"] }).map(({ row, at }) => [row.name, row.text, at]),
    ).toEqual([
      ["a", "x", 0],
      ["a", "y", 1],
      ["b", "1", 0],
      ["c", '[{"d":1},"x"]', 0],
    ]);
  });
});
