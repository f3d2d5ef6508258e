import { describe, expect, it } from "vitest";
import { fieldRows, textOfValue } from "./field-values.ts";
import { foldRuns } from "./fold-runs.ts";

describe("field values", () => {
  it.each([
    ["a", "a"],
    [0, "0"],
    [false, "false"],
    [null, ""],
    [["a", 1], "a, 1"],
    [{ a: 1 }, '{"a":1}'],
    [[{ a: 1 }], '[{"a":1}]'],
  ])("%j reads %j", (value, expected) => {
    expect(textOfValue(value)).toBe(expected);
  });

  it("are listed by name, without the empty ones, with what a query can compare", () => {
    expect(fieldRows({ b: ["x"], a: 0, c: null, d: ["x", "y"], "": "" })).toEqual([
      { name: "a", text: "0", scalar: 0 },
      { name: "b", text: "x", scalar: "x" },
      { name: "d", text: "x, y", scalar: undefined },
    ]);
  });
});

describe("runs", () => {
  it("fold neighbours that say the same, and only neighbours", () => {
    const events = ["a", "a", "b", "a"].map((summary, id) => ({ id, summary }));
    expect(foldRuns(events).map((run) => [run.first.id, run.events.length])).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
    ]);
    expect(foldRuns([])).toEqual([]);
  });
});
