import type { Coverage, CoverageRule } from "@tyto/domain";
import { coverageCells } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { cellInWords, columnsOf, countStates, shownCells } from "./cells.ts";
import { parseCoverageSearch } from "./coverage-url.ts";
import { matrixSvg } from "./matrix-svg.ts";

const rule = (id: string, technique: string, telemetry: CoverageRule["telemetry"]): CoverageRule => ({
  id,
  title: `<${id}>`,
  level: "high",
  pack: "own",
  tags: [`attack.${technique.toLowerCase()}`],
  techniques: [technique],
  tactics: [],
  isEnabled: true,
  reason: null,
  telemetry,
  isTested: true,
  alerts: 0,
  logsources: [],
  sources: [],
  packs: [],
});

const COVERAGE: Pick<Coverage, "tactics" | "techniques" | "rules"> = {
  tactics: [
    { id: "TA1", key: "one", name: "One" },
    { id: "TA2", key: "two", name: "Two & more" },
  ],
  techniques: [
    { id: "T1000", name: "Both", tactics: ["one", "two"] },
    { id: "T1000.001", name: "Part", tactics: ["one", "two"] },
    { id: "T1001", name: "Quiet", tactics: ["two"] },
    { id: "T1002", name: "Nothing", tactics: ["one"] },
  ],
  rules: [rule("a", "T1000.001", "arriving"), rule("b", "T1001", "silent")],
};

describe("the matrix", () => {
  const cells = coverageCells(COVERAGE);

  it("counts techniques by state, without their sub-techniques", () => {
    expect(countStates(cells)).toEqual({ covered: 1, arriving: 0, enabled: 1, none: 1 });
  });

  it.each([
    [{}, ["T1000", "T1001", "T1002"]],
    [{ subs: "shown" }, ["T1000", "T1000.001", "T1001", "T1002"]],
    [{ state: "enabled" }, ["T1001"]],
    [{ q: "t1002" }, ["T1002"]],
    [{ q: "<b>" }, ["T1001"]],
    [{ q: "nowhere" }, []],
  ] as const)("shows what %j asks for", (search, ids) => {
    expect(shownCells(cells, search).map(({ id }) => id)).toEqual(ids);
  });

  it("has a technique under each of its tactics", () => {
    expect(columnsOf(COVERAGE, shownCells(cells, {})).map((column) => column.cells.map(({ id }) => id))).toEqual([
      ["T1000", "T1002"],
      ["T1000", "T1001"],
    ]);
  });

  it("says in words what its shapes show", () => {
    expect(cells.map(cellInWords).slice(2)).toEqual([
      "Quiet, T1001: no telemetry; 1 rule, 1 enabled, 0 with telemetry, 1 tested",
      "Nothing, T1002: no rule runs; no rule",
    ]);
  });

  it("draws itself without running what it names", () => {
    const svg = matrixSvg(columnsOf(COVERAGE, cells), "<script>&");
    expect(svg).toContain("&lt;script&gt;&amp;");
    expect(svg).toContain("Two &amp; more");
    expect(svg).not.toContain("<script");
  });

  it("takes from the address only what it knows", () => {
    expect(parseCoverageSearch({ days: "30", state: "x", subs: "shown", technique: "T1000", other: "1" })).toEqual({
      days: "30",
      subs: "shown",
      technique: "T1000",
    });
  });
});
