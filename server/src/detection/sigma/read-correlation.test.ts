import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "@tyto/domain";
import { readRules } from "./read-rule.ts";
import type { CorrelationRule } from "./rule.ts";

/** The lines of `correlation`, in the shape of one that is right: a line given again takes the place of the first. */
function documentOf(lines: Readonly<Record<string, string | null>>): string {
  const all = {
    type: "event_count",
    rules: "[a, b]",
    timespan: "5m",
    condition: "{gte: 3}",
    ...lines,
  };
  const written = Object.entries(all).flatMap(([key, value]) =>
    value === null ? [] : [`  ${key}: ${value}`],
  );
  return ["title: Correlation", "name: self", "correlation:", ...written, ""].join("\n");
}

function read(lines: Readonly<Record<string, string | null>>): ReturnType<typeof readRules>[number] {
  const [rule] = readRules({ path: "c.yml", text: documentOf(lines) }, new Map());
  if (rule === undefined) throw new Error("nothing was read");
  return rule;
}

function ruleOf(lines: Readonly<Record<string, string | null>>): CorrelationRule {
  const one = read(lines);
  expect(one.diagnostics.map(formatDiagnostic)).toEqual([]);
  if (one.outcome !== "read" || one.rule.kind !== "correlation") throw new Error(one.outcome);
  return one.rule;
}

const SECOND = 1_000_000;

describe("a correlation's condition", () => {
  it.each([
    ["event_count", "{gt: 4}", [{ operator: "gt", value: 4 }], []],
    [
      "event_count",
      "{gt: 4, lte: 9}",
      [
        { operator: "gt", value: 4 },
        { operator: "lte", value: 9 },
      ],
      [],
    ],
    ["value_count", "{neq: 2, field: User}", [{ operator: "neq", value: 2 }], ["User"]],
    ["value_count", "{gte: 2, field: [A, B]}", [{ operator: "gte", value: 2 }], ["A", "B"]],
    ["value_sum", "{gte: -1.5, field: bytes}", [{ operator: "gte", value: -1.5 }], ["bytes"]],
    ["temporal", "{gte: 1}", [{ operator: "gte", value: 1 }], []],
    ["temporal", null, [{ operator: "gte", value: 2 }], []],
    ["temporal_ordered", null, [{ operator: "gte", value: 2 }], []],
  ] as const)("of type %s may be %s", (type, condition, bounds, fields) => {
    expect(ruleOf({ type, condition }).condition).toEqual({ kind: "bounds", bounds, fields, percentile: 50 });
  });

  it("may name a percentile", () => {
    const rule = ruleOf({ type: "value_percentile", condition: "{gte: 3, field: n, percentile: 99.5}" });
    expect(rule.condition).toMatchObject({ percentile: 99.5 });
  });

  it("may be an expression over rules: or < and < not < parentheses", () => {
    const { condition } = ruleOf({
      type: "temporal",
      rules: "[a, b, c]",
      condition: "a or b AND not (c or a)",
    });
    const name = (reference: string) => expect.objectContaining({ kind: "reference", reference }) as unknown;
    expect(condition).toEqual({
      kind: "expression",
      expression: {
        kind: "or",
        of: [
          name("a"),
          { kind: "and", of: [name("b"), { kind: "not", of: { kind: "or", of: [name("c"), name("a")] } }] },
        ],
      },
    });
  });

  it("names its rules itself when no list does", () => {
    const { rules } = ruleOf({ type: "temporal", rules: null, condition: "x and (y or x)" });
    expect(rules.map(({ reference }) => reference)).toEqual(["x", "y"]);
  });
});

describe("a timespan", () => {
  it.each([
    ["30s", 30],
    ["5m", 300],
    ["2h", 7_200],
    ["3d", 259_200],
    ["1w", 604_800],
    ["1M", 2_629_746],
  ])("of %s has %i seconds", (timespan, seconds) => {
    expect(ruleOf({ timespan }).timespanMicros).toBe(seconds * SECOND);
  });
});

describe("aliases", () => {
  it("say per rule which field is meant", () => {
    const { aliases } = ruleOf({ "group-by": "[who]", aliases: "{who: {a: User, b: Account}}" });
    expect(aliases).toMatchObject([
      {
        name: "who",
        fields: [
          { reference: "a", field: "User" },
          { reference: "b", field: "Account" },
        ],
      },
    ]);
  });
});

const many = (count: number): string => `[${Array.from({ length: count }, (_, n) => `r${n}`).join(", ")}]`;

describe("what is wrong", () => {
  it.each<readonly [lines: Readonly<Record<string, string | null>>, at: string, says: string]>([
    [{ type: "event_cuont" }, "4:9", `"event_cuont" is no type of correlation`],
    [{ type: null }, "4:3", `"" is no type of correlation`],
    [{ timespan: "5 minutes" }, "6:13", `"5 minutes" is no timespan`],
    [{ timespan: "0m" }, "6:13", `"0m" is no timespan`],
    [{ timespan: "5q" }, "6:13", `"5q" is no timespan`],
    [{ timespan: null }, "4:3", "the correlation has no timespan"],
    [{ timespan: "1y" }, "6:13", "timespans over 31 days are not supported"],
    [{ timespan: "999999999M" }, "6:13", "timespans over 31 days are not supported"],
    [{ rules: "[]" }, "4:3", "the correlation names no rules to count"],
    [{ rules: "[self]" }, "5:11", "the correlation names itself among its rules"],
    [{ rules: "[{a: b}, c]" }, "5:11", "rules lists ids or names of rules"],
    [
      { rules: many(101) },
      "5:10",
      "a correlation of type event_count may name 100 rules; this one names 101",
    ],
    [{ condition: null }, "4:3", "the correlation has no condition"],
    [{ condition: "{}" }, "7:3", "the correlation has no condition"],
    [{ condition: "{field: x}" }, "7:14", "the correlation's condition has no operator"],
    [{ condition: "{more: 3}" }, "7:15", `"more" is no operator of a correlation`],
    [{ condition: "{gte: many}" }, "7:20", "gte takes a whole number"],
    [{ condition: "{gte: 1.5}" }, "7:20", "gte takes a whole number"],
    [{ condition: "{gte: -1}" }, "7:20", "gte takes a whole number"],
    [{ condition: "{gte: 9999}" }, "7:15", "counts over 2500 are not supported"],
    [{ condition: "{gte: 0}" }, "7:14", "a count of none is not supported: no event would cause it"],
    [{ condition: "{lt: 1}" }, "7:14", "a count of none is not supported: no event would cause it"],
    [{ condition: "{gt: 5, lt: 6}" }, "7:14", "no number meets the condition"],
    [
      { condition: "a and b" },
      "7:14",
      "a correlation of type event_count takes operators, not an expression over rules",
    ],
    [{ type: "value_sum" }, "7:14", "a correlation of type value_sum needs the field it measures"],
    [
      { type: "value_avg", condition: "{gte: 1, field: [a, b]}" },
      "7:30",
      "a correlation of type value_avg measures one field",
    ],
    [{ type: "value_sum", condition: "{gte: .inf, field: a}" }, "7:20", "gte takes a number"],
    [{ type: "value_sum", condition: "{gt: 2, lt: 1, field: a}" }, "7:14", "no number meets the condition"],
    [
      { type: "value_percentile", condition: "{gte: 1, field: a, percentile: 101}" },
      "7:45",
      "percentile takes a number over 0, up to 100",
    ],
    [{ type: "temporal", condition: "{gte: 3}" }, "7:14", "no number of its 2 rules meets the condition"],
    [{ type: "temporal", condition: "a and nota" }, "7:20", `"nota" is not among the correlation's rules`],
    [{ type: "temporal", condition: "a and" }, "7:14", "the condition ends too early"],
    [{ type: "temporal", condition: "(a and b" }, "7:14", "this parenthesis is never closed"],
    [{ type: "temporal", condition: "a b" }, "7:16", `"b" stands where and, or, or the end should`],
    [
      { type: "temporal", condition: `"${"(".repeat(60)}a"` },
      "7:64",
      "parentheses are nested deeper than 50",
    ],
    [
      { type: "temporal_ordered", rules: many(33), condition: null },
      "5:10",
      "a correlation of type temporal_ordered may name 32 rules; this one names 33",
    ],
    [
      { type: "temporal_ordered", rules: many(9), condition: "{gte: 2}" },
      "5:11",
      "a temporal_ordered correlation that does not ask for all of its rules may name 8",
    ],
    [{ aliases: "[a]" }, "8:12", "aliases is a map of names to maps of rules to fields"],
    [
      { "group-by": "[who]", aliases: "{who: a}" },
      "9:13",
      `the alias "who" must be a map of rules to fields`,
    ],
    [{ "group-by": "[who]", aliases: "{who: {a: [x]}}" }, "9:22", `the alias "who" names no field for "a"`],
    [
      { aliases: "{who: {a: x}}" },
      "8:13",
      `the alias "who" is used neither in group-by nor as the condition's field`,
    ],
    [{ "group-bye": "[x]" }, "8:3", `a correlation has no key "group-bye"`],
  ])("%o is said with its place", (lines, at, says) => {
    const found = read(lines).diagnostics.map((one) => [
      `${one.at.line ?? 0}:${one.at.column ?? 0}`,
      one.message,
    ]);
    expect(found).toContainEqual([at, says]);
  });
});
