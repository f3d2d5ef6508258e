import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "@tyto/domain";
import { loadRuleSet } from "./load-rule-set.ts";
import type { RuleFile } from "./sigma/read-rule.ts";

const BASE = `title: Base
id: 11111111-1111-4111-8111-111111111111
name: base
logsource: {category: authentication}
detection: {sel: {event.outcome: failure}, condition: sel}
`;
const COUNT = `title: Count
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [base]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 3}
`;
const file = (path: string, text: string): RuleFile => ({ path, text });
const event = "{event.category: [authentication], event.outcome: failure, source.ip: 192.0.2.1}";

function statusOf(files: readonly RuleFile[], path: string): string {
  const report = loadRuleSet(files).report.find((one) => one.path === path);
  return `${report?.status ?? "absent"}: ${report?.reason ?? ""}`;
}

describe("correlations", () => {
  it("find the rules they count by name or id, in any file", () => {
    expect(statusOf([file("c.yml", COUNT), file("b.yml", BASE)], "c.yml")).toBe("runnable: ");
    const byId = COUNT.replace("[base]", "[11111111-1111-4111-8111-111111111111]");
    expect(statusOf([file("b.yml", BASE), file("c.yml", byId)], "c.yml")).toBe("runnable: ");
  });

  it("silence the rules they count, unless they generate", () => {
    const raising = (count: string): readonly boolean[] =>
      loadRuleSet([file("b.yml", BASE), file("c.yml", count)]).report.map(({ isRaising }) => isRaising);
    expect(raising(COUNT)).toEqual([false, true]);
    expect(raising(`${COUNT}  generate: true\n`)).toEqual([true, true]);
    expect(raising(`${COUNT}generate: true\n`)).toEqual([true, true]);
  });

  it.each([
    ["type: event_count", "type: count", 'invalid: "count" is no type of correlation'],
    ["{gte: 3}", "{gte: 0}", "unsupported: a count of none is not supported: no event would cause it"],
    ["{gte: 3}", "{gte: 9999}", "unsupported: counts over 2500 are not supported"],
    ["{gte: 3}", "{gte: many}", "invalid: gte takes a whole number"],
    ["{gte: 3}", "{more: 3}", 'invalid: "more" is no operator of a correlation'],
    ["5m", "5 minutes", 'invalid: "5 minutes" is no timespan'],
    ["5m", "32d", "unsupported: timespans over 31 days are not supported"],
    ["[base]", "[bsae]", 'invalid: no loaded rule has the id or name "bsae"'],
    ["[base]", "[]", "invalid: the correlation names no rules to count"],
  ])("with %s as %s are refused by name", (from, to, expected) => {
    expect(statusOf([file("b.yml", BASE), file("c.yml", COUNT.replace(from, to))], "c.yml")).toBe(expected);
  });

  const chain = (id: string, name: string, rules: string): string =>
    COUNT.replace("22222222", id)
      .replace("title: Count", `title: Count\nname: ${name}`)
      .replace("[base]", rules);

  it("fall with the rule they count, and those above them fall as well", () => {
    const broken = BASE.replace("condition: sel", "condition: nope");
    const files = [file("b.yml", broken), file("c.yml", chain("22222222", "inner", "[base]"))];
    expect(statusOf(files, "c.yml")).toContain("was not loaded");
    const above = file("d.yml", chain("33333333", "outer", "[inner]"));
    expect(statusOf([above, ...files], "d.yml")).toContain('the rule "inner" that it counts was not loaded');
  });

  it("count one another's, and only the last one raises", () => {
    const files = [
      file("d.yml", chain("33333333", "outer", "[inner]")),
      file("c.yml", chain("22222222", "inner", "[base]")),
      file("b.yml", BASE),
    ];
    const { report } = loadRuleSet(files);
    expect(report.map(({ status, isRaising }) => [status, isRaising])).toEqual([
      ["runnable", true],
      ["runnable", false],
      ["runnable", false],
    ]);
  });

  it("in a circle are all refused, and what is outside of it goes on", () => {
    const files = [
      file("b.yml", BASE),
      file("x.yml", chain("22222222", "x", "[base, y]")),
      file("y.yml", chain("33333333", "y", "[z]")),
      file("z.yml", chain("44444444", "z", "[x]")),
      file("good.yml", chain("55555555", "good", "[base]")),
    ];
    for (const path of ["x.yml", "y.yml", "z.yml"]) {
      expect(statusOf(files, path)).toBe("invalid: correlations name one another in a circle: x → y → z → x");
    }
    expect(statusOf(files, "good.yml")).toBe("runnable: ");
  });

  it("may stand eight deep on one another and no deeper, however many ways lead down", () => {
    const files = [file("b.yml", BASE)];
    for (let n = 0; n < 12; n++) {
      const below = n === 0 ? "[base]" : n === 1 ? "[c0, base]" : `[c${n - 1}, c${n - 2}]`;
      files.push(file(`${n}.yml`, chain(`${10_000_000 + n}`, `c${n}`, below)));
    }
    expect(statusOf(files, "8.yml")).toBe("runnable: ");
    expect(statusOf(files, "9.yml")).toBe("unsupported: correlations of correlations may be 8 deep");
    expect(statusOf(files, "11.yml")).toContain("was not loaded");
  });

  it("refuse an alias for a rule that they do not name, and warn of one that is missing", () => {
    const aliased = (aliases: string): readonly RuleFile[] => [
      file("b.yml", BASE),
      file(
        "c.yml",
        COUNT.replace("[source.ip]", "[who]").replace("  timespan", `  aliases: ${aliases}\n  timespan`),
      ),
    ];
    expect(statusOf(aliased("{who: {bsae: user.name}}"), "c.yml")).toContain(
      "is not among the correlation's rules",
    );
    expect(statusOf(aliased("{who: {base: user.name}}"), "c.yml")).toBe("runnable: ");
  });
});

describe("identity", () => {
  it("takes a rule whose name is its id", () => {
    const named = BASE.replace("name: base", "name: 11111111-1111-4111-8111-111111111111");
    expect(statusOf([file("b.yml", named)], "b.yml")).toBe("runnable: ");
  });

  it("refuses a second rule of the same id or name", () => {
    expect(statusOf([file("a.yml", BASE), file("b.yml", BASE)], "b.yml")).toContain("is also that of a.yml");
    const other = BASE.replace("11111111", "33333333");
    expect(statusOf([file("a.yml", BASE), file("b.yml", other)], "b.yml")).toContain("the name base");
  });

  it("names a rule without an id by its path, and by its place in the file", () => {
    const text = "title: T\nlogsource: {product: linux}\ndetection: {sel: {A: 1}, condition: sel}\n";
    const { report } = loadRuleSet([file("x/y.yml", `${text}---\n${text}`)]);
    expect(report.map(({ id }) => id)).toEqual(["path:x/y.yml", "path:x/y.yml#1"]);
    expect(report[1]?.yaml).not.toContain("---");
  });
});

describe("case files", () => {
  const cases = (expected: number): string =>
    `- {name: three, expect: ${expected}, events: [{at: 0s, times: 3, every: 1s, fields: ${event}}]}\n` +
    `- {name: two, expect: 0, events: [{at: 0s, times: 2, every: 1s, fields: ${event}}]}\n`;
  const files = (expected: number): readonly RuleFile[] => [
    file("b.yml", BASE),
    file("b.cases.yml", `- {name: one, expect: 1, events: [{fields: ${event}}]}\n`),
    file("c.yml", COUNT),
    file("c.cases.yml", cases(expected)),
  ];

  it("are run, and a rule that fails one does not load", () => {
    expect(statusOf(files(1), "c.yml")).toBe("runnable: ");
    expect(statusOf(files(2), "c.yml")).toBe('invalid: its case "three" fails');
    const { correlations, diagnostics } = loadRuleSet(files(2));
    expect(correlations).toEqual([]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      'c.cases.yml:1:3: error: the case "three" fails: as listed: 1 findings instead of 2',
    ]);
  });

  it("take the correlation with them when its base fails", () => {
    const broken = files(1).map((one) =>
      one.path === "b.cases.yml" ? file(one.path, one.text.replace("expect: 1", "expect: 0")) : one,
    );
    expect(statusOf(broken, "c.yml")).toContain("was not loaded");
  });

  it.each([
    ["count: 3, evidence: 3", undefined],
    ["count: [3], evidence: [3]", undefined],
    ["count: 2", "as listed: a count of 3 instead of 2"],
    ["evidence: 4", "as listed: 3 events of evidence instead of 4"],
  ])("may say what a correlation's finding counts and lists: %s", (said, failure) => {
    const text = `${BASE}---
title: Three
correlation: {type: event_count, rules: [base], timespan: 1m, condition: {gte: 3}}
`;
    const event = "{at: 1s, times: 3, fields: {event.category: [authentication], event.outcome: failure}}";
    const cases = `- {name: three, expect: 1, ${said}, events: [${event}]}\n`;
    const { diagnostics } = loadRuleSet([file("a.yml", text), file("a.cases.yml", cases)]);
    const messages = diagnostics.map(({ message }) => message);
    expect(messages).toEqual(failure === undefined ? [] : [`the case "three" fails: ${failure}`]);
  });

  it.each([
    ["count: [1, 2]", "count is a whole number for each of the 1 findings"],
    ["evidence: some", "evidence is a whole number for each of the 1 findings"],
    ["count: 1", 'the case "one" fails: count and evidence are said of a correlation\'s findings'],
  ])("name a wrong %s with its place", (said, message) => {
    const cases = `- {name: one, expect: 1, ${said}, events: [{fields: ${"{event.category: [authentication], event.outcome: failure}"}}]}\n`;
    const { diagnostics } = loadRuleSet([file("b.yml", BASE), file("b.cases.yml", cases)]);
    expect(diagnostics.some((one) => one.message === message && one.at.line === 1)).toBe(true);
  });

  it("must hold a match and a near miss where cases are needed", () => {
    const { report } = loadRuleSet(files(1), { needsCases: true });
    expect(report.map(({ path, status, reason }) => [path, status, reason])).toEqual([
      ["b.yml", "invalid", "its cases are wrong: no case expects nothing (a near miss)"],
      ["c.yml", "invalid", 'the rule "base" that it counts was not loaded'],
    ]);
    const [alone] = loadRuleSet([file("b.yml", BASE)], { needsCases: true }).report;
    expect(alone?.reason).toBe("the rule has no case file");
  });

  it.each([
    ["- {name: x}", "bad-case"],
    ["- {name: x, expect: 1, events: [{field: {}}]}", "unknown-key"],
    ["- {name: x, expect: 1, events: [{at: soon, fields: {}}]}", "bad-duration"],
    ["- {name: x, expect: 1, events: [{times: 100000, fields: {}}]}", "bad-case"],
    ["name: x", "wrong-shape"],
    ["- [", "bad-yaml"],
  ])("that are wrong (%s) say where", (text, code) => {
    const { report, diagnostics } = loadRuleSet([file("b.yml", BASE), file("b.cases.yml", text)]);
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(report[0]?.status).toBe("invalid");
  });
});

describe("our own rules", () => {
  const packs = resolve(import.meta.dirname, "../../../packs");
  const own = readdirSync(packs, { recursive: true, encoding: "utf8" })
    .filter((name) => /^[^/]+\/rules\/.+\.ya?ml$/.test(name))
    .map((path) => file(path, readFileSync(join(packs, path), "utf8")));
  const namespaces = ["linux.auth", "aws.cloudtrail", "winlog", "tyto_server"];
  const { report, diagnostics } = loadRuleSet(own, { needsCases: true, namespaces });

  it("all load, pass their cases, and can run on what our packs write or name the pack they wait for", () => {
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    const waiting = report.filter(({ status }) => status !== "runnable");
    // Fields of Entra stand in rules that other products' events meet as well.
    const named = /^no loaded pack sends |^no field of ours is known as azure\./;
    expect(waiting.filter(({ reason }) => !named.test(reason ?? ""))).toEqual([]);
    expect(report.length - waiting.length).toBeGreaterThanOrEqual(150);
  });

  it("carry a UUID, a level, what they may get wrong, and ATT&CK when they raise something", () => {
    for (const { path, id, yaml, tags, level, isRaising } of report) {
      expect([path, id]).toEqual([path, expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)]);
      for (const key of ["level", "description", "falsepositives", "status"]) {
        expect([path, yaml]).toEqual([path, expect.stringMatching(new RegExp(`^${key}:`, "m"))]);
      }
      // The canary is no attack.
      const isOfAttack = isRaising && level !== "informational";
      if (isOfAttack) expect([path, tags.some((tag) => /^attack\.t\d{4}/.test(tag))]).toEqual([path, true]);
    }
  });
});
