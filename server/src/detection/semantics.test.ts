/** The behaviours that `docs/reference/sigma.md` numbers, as one table: detection, event, and whether it matches. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Event } from "@tyto/domain";
import { factsOf } from "./logsource/facts.ts";
import { loadRuleSet } from "./load-rule-set.ts";
import { readPlaceholders } from "./sigma/read-placeholders.ts";
import { Subject } from "./match/subject.ts";
import { A, event, load, ROWS } from "./semantics-cases.ts";

function matches(detection: string, one: Event, placeholders?: Map<string, readonly string[]>): boolean {
  const ruleSet = load(detection, placeholders);
  const [rule] = ruleSet.eventRules;
  if (rule === undefined) throw new Error(JSON.stringify(ruleSet.diagnostics));
  return rule.logsource.admits(factsOf(one)) && rule.matcher.test(new Subject(one));
}

describe("Sigma semantics", () => {
  it.each(ROWS)("%s", (_, detection, matching, other) => {
    for (const fields of matching)
      expect([fields, matches(detection, event(fields))]).toEqual([fields, true]);
    for (const fields of other) expect([fields, matches(detection, event(fields))]).toEqual([fields, false]);
  });

  it("13 keywords search the raw line, but not the key names of raw JSON", () => {
    expect(matches("sel: ['rm -rf']", event({}, "bash: rm -RF /"))).toBe(true);
    expect(matches("sel: ['secret']", event({}, '{"secret":1}'))).toBe(false);
  });

  it("30 fills placeholders from the values it is given, with \\% for a percent sign", () => {
    const values = new Map([["admins", ["root", "adm*"]]]);
    expect(matches("sel: {A|expand: 'x-%admins%-100\\%'}", event(A("x-ADMIN-100%")), values)).toBe(true);
    expect(matches("sel: {A|expand: 'x-%admins%'}", event(A("x-ana")), values)).toBe(false);
  });

  it("30 reads values for placeholders from a file, and says what is wrong with one", () => {
    const { placeholders, diagnostics } = readPlaceholders({
      path: "p.yml",
      text: "admins: [root, 7]\none: x\n",
    });
    expect([[...placeholders], diagnostics]).toEqual([
      [
        ["admins", ["root", "7"]],
        ["one", ["x"]],
      ],
      [],
    ]);
    const codesOf = (text: string): readonly string[] =>
      readPlaceholders({ path: "p.yml", text }).diagnostics.map(({ code }) => code);
    expect(["- a", "a: []", "a: {b: c}", "a: [", "a:\n"].map(codesOf)).toEqual([
      ["wrong-shape"],
      ["wrong-value"],
      ["wrong-value"],
      ["bad-yaml"],
      ["wrong-value"],
    ]);
  });

  it("does not take percent signs for placeholders without expand", () => {
    expect(matches("sel: {A|contains: '%temp%'}", event(A("c:\\%TEMP%\\x")))).toBe(true);
  });

  it("does not read inherited properties as fields", () => {
    expect(matches("sel: {constructor|exists: true}", event({}))).toBe(false);
  });

  it("explains which terms met the rule", () => {
    const ruleSet = load("sel: {A|contains: ['x', 'b'], B: 2}\nf: {C: 1}\ncondition: sel and not f");
    const subject = new Subject(event({ A: ["q", "abc"], B: 2 }));
    expect(ruleSet.eventRules[0]?.matcher.explain(subject)).toEqual([
      { field: "A", value: "abc", modifier: "contains" },
      { field: "B", value: "2", modifier: "" },
    ]);
  });
});

describe("40 the logsource", () => {
  const one = { ...event(A("evil")), pack: "acme-mail" };
  it.each([
    ["{product: acme}", one, true],
    ["{product: other}", one, false],
    ["{product: acme, category: process_creation}", one, false],
    ["{service: acme-mail}", one, true],
    ["{product: other}", { ...one, fields: { ...one.fields, "tyto.logsource.product": "other" } }, true],
    ["{product: acme}", { ...one, fields: { ...one.fields, "tyto.logsource.product": "other" } }, false],
  ])("%s gates, and absent keys are wildcards", (logsource, subject, isMatch) => {
    const text = `title: T\nlogsource: ${logsource}\ndetection: {sel: ['evil'], condition: sel}\n`;
    const [rule] = loadRuleSet([{ path: "rule.yml", text }]).eventRules;
    const admits = rule?.logsource.admits(factsOf(subject)) === true;
    expect(admits && rule?.matcher.test(new Subject(subject)) === true).toBe(isMatch);
  });
});

describe("the reference page", () => {
  it("has a row for each of the 40 behaviours, and each has a case here", () => {
    const here = import.meta.dirname;
    const page = readFileSync(join(here, "../../../docs/reference/sigma.md"), "utf8");
    const rows = [...page.matchAll(/^\| (\d+(?:, \d+)*) \|/gm)].flatMap((match) =>
      (match[1] ?? "").split(", "),
    );
    const all = Array.from({ length: 40 }, (_, index) => String(index + 1));
    expect([...rows].sort((a, b) => Number(a) - Number(b))).toEqual(all);
    const tests =
      readFileSync(join(here, "semantics.test.ts"), "utf8") +
      readFileSync(join(here, "semantics-cases.ts"), "utf8");
    expect(all.filter((number) => !new RegExp(`"${number} `).test(tests))).toEqual([]);
  });
});

describe("rules that are wrong", () => {
  const WRONG: readonly (readonly [string, string, string])[] = [
    ["29 wildcards in Base64", "sel: {A|base64: 'a*'}", "wildcard-in-encoding"],
    ["27 too short for base64offset", "sel: {A|base64offset|contains: 'a'}", "value-too-short"],
    ["32 a selector without selections", "sel: {A: 1}\ncondition: sel and 1 of zzz*", "empty-selector"],
    ["33 an unknown selection", "sel: {A: 1}\ncondition: sle", "unknown-selection"],
    ["33 an unknown modifier", "sel: {A|contians: 1}", "unknown-modifier"],
    ["19 a text operand", "sel: {A|gte: '5'}", "wrong-value"],
    ["23 exists of a text", "sel: {A|exists: 'yes'}", "wrong-value"],
    ["25 no network", "sel: {A|cidr: '192.0.2.0/33'}", "bad-network"],
    ["flags without re", "sel: {A|i: 'x'}", "modifier-without-re"],
    ["38 a part that is no whole number", "sel: {A|hour: '5'}", "wrong-value"],
    ["38 a part with a shape", "sel: {A|hour|contains: 5}", "contradicting-modifiers"],
    ["38 a part and an expression", "sel: {A|hour|re: 5}", "contradicting-modifiers"],
    ["38 two parts", "sel: {A|hour|day: 5}", "contradicting-modifiers"],
    ["two shapes", "sel: {A|contains|endswith: 'x'}", "contradicting-modifiers"],
    ["an empty list", "sel: {A: []}", "empty-list"],
    ["an empty map", "sel: {}", "empty-selection"],
    ["a map as a value", "sel: {A: {b: 1}}", "wrong-shape"],
    ["an open parenthesis", "sel: {A: 1}\ncondition: (sel", "bad-condition"],
    ["two names side by side", "sel: {A: 1}\ncondition: sel sel", "bad-condition"],
    ["2 of", "sel: {A: 1}\ncondition: 2 of sel*", "bad-quantifier"],
    ["an empty condition", "sel: {A: 1}\ncondition: ''", "empty-condition"],
    ["39 a key twice", "sel: {A: 1}\nsel: {A: 2}", "bad-yaml"],
  ];

  it.each(WRONG)("%s", (_, detection, code) => {
    const { report, diagnostics, eventRules } = load(detection);
    expect(report[0]?.status).toBe("invalid");
    expect(diagnostics.filter(({ severity }) => severity === "error").map((one) => one.code)).toContain(code);
    expect(eventRules).toEqual([]);
  });

  const REFUSED: readonly (readonly [string, string, string])[] = [
    ["30 a placeholder without values", "sel: {A|expand: '%admins%'}", "unresolved-placeholder"],
    ["33 a pipe in the condition", "sel: {A: 1}\ncondition: sel | count() by B > 5", "pipe-aggregation"],
    ["a timeframe", "sel: {A: 1}\ntimeframe: 5m\ncondition: sel", "timeframe"],
    ["look-around", "sel: {A|re: '(?=a)b'}", "unsupported-regex"],
    ["a back-reference", "sel: {A|re: '(a)\\1'}", "unsupported-regex"],
  ];

  it.each(REFUSED)("refuses by name: %s", (_, detection, code) => {
    const { report, diagnostics, eventRules } = load(detection);
    expect(report[0]).toMatchObject({ status: "unsupported" });
    expect(report[0]?.reason).not.toBe("");
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(eventRules).toEqual([]);
  });

  it("names file, line and column, and what was meant", () => {
    const text =
      "title: T\nlogsource: {product: linux}\ndetection:\n  sel:\n    A|contians: 1\n  condition: sel\n";
    const { diagnostics } = loadRuleSet([{ path: "a/b.yml", text }]);
    expect(diagnostics[0]).toEqual({
      severity: "error",
      code: "unknown-modifier",
      message: '"contians" is no modifier',
      at: { file: "a/b.yml", line: 5, column: 5 },
      hint: 'did you mean "contains"?',
    });
  });

  it("counts columns inside a condition", () => {
    const text =
      "title: T\nlogsource: {product: linux}\ndetection:\n  sel: {A: 1}\n  condition: sel and nto\n";
    const { diagnostics } = loadRuleSet([{ path: "r.yml", text }]);
    expect(diagnostics[0]?.at).toEqual({ file: "r.yml", line: 5, column: 22 });
  });

  it.each(["global", "reset", "repeat"])("39 refuses action: %s by name", (action) => {
    const text = `action: ${action}\ntitle: T\nlogsource: {product: linux}\ndetection: {s: {A: 1}, condition: s}\n`;
    expect(loadRuleSet([{ path: "r.yml", text }])).toMatchObject({
      eventRules: [],
      report: [{ status: "unsupported" }],
      diagnostics: [{ code: "unsupported-action" }],
    });
  });

  it("39 lets the other rules of the file load", () => {
    const good = "title: G\nlogsource: {product: linux}\ndetection: {sel: {A: 1}, condition: sel}\n";
    const { report } = loadRuleSet([{ path: "r.yml", text: `title: B\n---\n${good}---\n[1, 2]\n` }]);
    expect(report.map(({ status }) => status)).toEqual(["invalid", "needs-field", "invalid"]);
  });
});

describe("hostile rule files", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    .concat(
      Array.from(
        { length: 9 },
        (_, n) =>
          `b${n}: &b${n} [${Array(10)
            .fill(n === 0 ? "*a" : `*b${n - 1}`)
            .join(",")}]`,
      ),
    )
    .join("\n");
  it.each([
    ["an alias bomb", bomb],
    ["nesting a hundred thousand deep", `title: ${"[".repeat(100_000)}`],
    ["a file of three megabytes", `title: ${"x".repeat(3_000_000)}`],
    [
      "a condition of nested parentheses",
      `title: T\nlogsource: {product: linux}\ndetection:\n  s: {A: 1}\n  condition: ${"(".repeat(5_000)}s`,
    ],
    ["binary", "\u0000\u0001\ufffd\u001b["],
    ["nothing", ""],
    ["a comment alone", "# nothing here\n"],
    ["a lone scalar", "x"],
  ])("%s is one invalid rule", (_, text) => {
    const started = performance.now();
    const { report, diagnostics } = loadRuleSet([{ path: "evil.yml", text }]);
    expect(report.every(({ status }) => status === "invalid")).toBe(true);
    expect(report.length).toBeGreaterThan(0);
    expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    // Far from a time to be proud of: work that grew faster than the text would take hours.
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("runs a quadratic expression in linear time", () => {
    const one = event(A(`:assumed-role${"a".repeat(60_000)}`));
    const started = performance.now();
    expect(matches("sel: {A|re: '.+:assumed-role/aws:.+'}", one)).toBe(false);
    expect(matches("sel: {A|re: '(a+)+$'}", event(A(`${"a".repeat(20_000)}!`)))).toBe(false);
    // Far from a time to be proud of: work that grew faster than the text would take hours.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
