/** Rule files and events that mean harm, or are simply broken: a diagnostic with a place, bounded time, and the others go on. */
import { describe, expect, it } from "vitest";
import { eventId, micros, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, FieldValue, OriginId } from "@tyto/domain";
import { createDetectionEngine } from "./engine.ts";
import { loadRuleSet } from "./load-rule-set.ts";

const GOOD = "title: G\nlogsource: {product: linux}\ndetection: {sel: {A|contains: evil}, condition: sel}\n";

function rule(selection: string, condition = "sel"): string {
  return `title: T\nlogsource: {product: linux}\ndetection:\n  sel: ${selection}\n  condition: ${condition}\n`;
}

const MANY = Array.from({ length: 100_000 }, (_, n) => `      - v${n}\n`).join("");

describe("a hostile rule file", () => {
  it.each([
    ["tabs for indentation", "title: T\ndetection:\n\tsel: 1\n", "bad-yaml"],
    ["a key twice", `title: T\n${GOOD}`, "bad-yaml"],
    ["a hundred thousand values", rule(`\n    A:\n${MANY}`), "rule-too-large"],
    ["ten megabytes", `title: ${"x".repeat(10_000_000)}`, "rule-too-large"],
    [
      "deep nesting",
      Array.from({ length: 200 }, (_, n) => `${" ".repeat(n)}a:\n`).join(""),
      "rule-too-large",
    ],
    ["an unknown modifier", rule("{A|contians: x}"), "unknown-modifier"],
    ["an empty condition", rule("{A: x}", "''"), "empty-condition"],
    ["an expression that explodes", rule("{A|re: '((a{1,900}){1,900}){1,900}'}"), "unsupported-regex"],
    ["binary", "\u0000\u0001\ufffd[\u001b", "wrong-shape"],
    ["two thousand documents", "a: 1\n---\n".repeat(2_000), "too-many-documents"],
  ])("with %s says where, and the other rules load", (_, text, code) => {
    const started = performance.now();
    const { report, diagnostics, eventRules } = loadRuleSet([
      { path: "evil.yml", text },
      { path: "good.yml", text: GOOD },
    ]);
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(diagnostics.every(({ at }) => at.file === "evil.yml" && at.line !== undefined)).toBe(true);
    expect(report[0]?.status).toMatch(/invalid|unsupported/);
    expect(eventRules.map(({ path }) => path)).toEqual(["good.yml"]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

function nested(depth: number): FieldValue {
  let value: FieldValue = "evil";
  for (let n = 0; n < depth; n++) value = n % 2 === 0 ? [value] : { a: value };
  return value;
}

function event(fields: EventFields): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, 1),
    sequence: sequence(1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(1),
    timeOrigin: "event",
    ingested: micros(1),
    pack: "linux-auth",
    fields,
    raw: new TextEncoder().encode("x"),
  };
}

describe("a hostile event", () => {
  const rules = [
    "{A|contains: evil}",
    "['keyword']",
    "{A|re: '(a+)+$'}",
    "{A.b.c: 1}",
    "{A|cidr: '10.0.0.0/8'}",
    "{A|gte: 5}",
    "{A|hour: 5}",
    "{A|fieldref: B}",
    "{A: '*a*b?c*d*'}",
  ];
  const files = rules.map((selection, n) => ({ path: `r${n}.yml`, text: rule(selection) }));
  const engine = createDetectionEngine(loadRuleSet(files));
  it.each<readonly [string, EventFields]>([
    ["one megabyte", { A: "a".repeat(1_000_000) }],
    ["ten thousand fields", Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, `v${n}`]))],
    ["ten thousand elements", { A: Array.from({ length: 10_000 }, (_, n) => `10.1.${n}`) }],
    ["nesting a hundred deep", { A: nested(100) }],
    ["wrong types", { A: [null, true, Number.NaN, 1e308, {}, [], [[]], "\ud800"], B: { c: [null] } }],
    ["names of inherited properties", { constructor: "x", toString: 1, A: "evil" }],
  ])("of %s costs bounded time and no exception", (_, fields) => {
    const started = performance.now();
    expect(() => engine.process([event(fields)], micros(2))).not.toThrow();
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
