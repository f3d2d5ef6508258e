import { describe, expect, it } from "vitest";
import { parseCondition } from "./condition.ts";
import { NAMED_PATTERNS } from "./named-patterns.ts";
import { hasNestedRepetition, literalPrefix } from "./pattern.ts";
import { parseTemplate } from "./template.ts";

describe("nested repetition", () => {
  it.each([
    ["(?:a+)+", true],
    ["(?:a*b)*", true],
    ["(?:(?:x|y+)z){2,}", true],
    ["(?:[^\\]+]+)*", true],
    ["(?:a{1,9})+", false],
    ["(?:a+){1,9}", false],
    ["a+b+", false],
    ["(?:\\+a)+", false],
    ["(?:[+*])+", false],
    ["(?:a+)?", false],
  ])("in %s: %s", (source, expected) => {
    expect(hasNestedRepetition(source)).toBe(expected);
  });

  it("is in none of the named patterns", () => {
    expect([...NAMED_PATTERNS].filter(([, source]) => hasNestedRepetition(source))).toEqual([]);
  });
});

it.each([
  ["^Failed password for %{X:y}$", "Failed password for "],
  ["^\\[core:%{X:y}", "[core:"],
  ["^ab?c$", "a"],
  ["^(?:a|b)$", ""],
  ["^a\\d+$", "a"],
])("knows the literal beginning of %s", (pattern, prefix) => {
  expect(literalPrefix(pattern)).toBe(prefix);
});

describe("conditions", () => {
  it.each([
    "a.b exists",
    'a == "x" and (b != 3 or not c missing)',
    "a in ['x', 2, true] and b not in [1]",
    'a cidr "10.0.0.0/8" or a cidr ["192.0.2.0/24", "2001:db8::/32"]',
    "`odd name` startsWith 'x' and n >= -1.5 and t is list",
  ])("reads %s", (text) => {
    expect(parseCondition(text).kind).toBe("condition");
  });

  it.each([
    "",
    "a",
    "a ==",
    "a == b",
    "a in 'x'",
    "(a exists",
    "a exists b exists",
    "a is thing",
    "a ~ 'x'",
    "and",
  ])("says where %j goes wrong", (text) => {
    expect(parseCondition(text).kind).toBe("problem");
  });

  it("binds and closer than or", () => {
    expect(parseCondition("a exists or b exists and c exists")).toMatchObject({
      condition: { kind: "or", all: [{ kind: "exists", field: "a" }, { kind: "and" }] },
    });
  });
});

it.each([
  ["plain", { kind: "constant", value: "plain" }],
  ["{a.b}", { kind: "field", field: "a.b" }],
  ["{{x}}", { kind: "constant", value: "{x}" }],
  ["a {b", undefined],
])("reads the template %s", (text, expected) => {
  expect(parseTemplate(text)).toEqual(expected);
});
