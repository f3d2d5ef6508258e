/** Filter rules: specification 2.1, "Filters", and what it leaves open. */
import { describe, expect, it } from "vitest";
import { eventId, formatDiagnostic, micros, sequence, sourceId } from "@tyto/domain";
import type { EventFields, OriginId } from "@tyto/domain";
import { loadRuleSet } from "./load-rule-set.ts";
import { Subject } from "./match/subject.ts";
import type { RuleSet } from "./rule-set.ts";
import type { RuleFile } from "./sigma/read-rule.ts";

const ID = "11111111-1111-4111-8111-111111111111";
const RULE = `title: Rule
id: ${ID}
name: rule_one
logsource: {product: linux, category: process_creation}
detection:
  sel_image: {A: 1}
  sel_other: {B: 1}
  condition: 1 of sel_*
`;
const OTHER = RULE.replace(ID, ID.replaceAll("1", "2")).replace("rule_one", "rule_two");

function filter(body: string, logsource = "{product: linux}"): RuleFile {
  return {
    path: "filter.yml",
    text: `title: Filter\nlogsource: ${logsource}\nfilter:\n${body.replace(/^/gm, "  ")}\n`,
  };
}

function load(...files: readonly RuleFile[]): RuleSet {
  return loadRuleSet([{ path: "rule.yml", text: RULE }, { path: "other.yml", text: OTHER }, ...files]);
}

function matching(ruleSet: RuleSet, fields: EventFields): readonly string[] {
  const subject = new Subject({
    id: eventId("00000000000000aa" as OriginId, 1),
    sequence: sequence(1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(1),
    timeOrigin: "event",
    ingested: micros(1),
    pack: "unknown",
    fields,
    raw: new Uint8Array(),
  });
  return ruleSet.eventRules.filter((rule) => rule.matcher.test(subject)).map(({ path }) => path);
}

function said(ruleSet: RuleSet): readonly string[] {
  return ruleSet.diagnostics.map(formatDiagnostic);
}

function statusOf(ruleSet: RuleSet): string {
  const report = ruleSet.report.find(({ path }) => path === "filter.yml");
  return `${report?.kind ?? ""} ${report?.status ?? ""} ${String(report?.isRaising)} ${report?.reason ?? ""}`.trim();
}

const EXCLUDE = "user: {U: backup}\ncondition: not user";

describe("filter rules", () => {
  it.each([
    ["by id", `rules: [${ID}]`],
    ["by id in capitals", `rules: [${ID.toUpperCase()}]`],
    ["by name", "rules: [rule_one]"],
    ["by one name without a list", "rules: rule_one"],
  ])("narrow the rule that they name: %s", (_, rules) => {
    const ruleSet = load(filter(`${rules}\n${EXCLUDE}`));
    expect(said(ruleSet)).toEqual([]);
    expect(statusOf(ruleSet)).toBe("filter runnable false");
    expect(matching(ruleSet, { A: 1, U: "root" })).toEqual(["rule.yml", "other.yml"]);
    expect(matching(ruleSet, { A: 1, U: "Backup" })).toEqual(["other.yml"]);
    expect(matching(ruleSet, { U: "root" })).toEqual([]);
  });

  it.each([["rules: any\n"], ["rules: []\n"], ["rules:\n"], [""]])(
    "narrow every rule of their logsource with %j",
    (rules) => {
      const ruleSet = load(filter(`${rules}${EXCLUDE}`));
      expect(said(ruleSet)).toEqual([]);
      expect(matching(ruleSet, { B: 1, U: "backup" })).toEqual([]);
      expect(matching(ruleSet, { B: 1 })).toEqual(["rule.yml", "other.yml"]);
    },
  );

  it("come from any file, several of them on one rule, in any order", () => {
    const second = { ...filter("rules: any\nhost: {H: h1}\ncondition: not host"), path: "a.yml" };
    const ruleSet = loadRuleSet([second, filter(`rules: any\n${EXCLUDE}`), { path: "rule.yml", text: RULE }]);
    expect(matching(ruleSet, { A: 1, H: "h1" })).toEqual([]);
    expect(matching(ruleSet, { A: 1, U: "backup" })).toEqual([]);
    expect(matching(ruleSet, { A: 1, U: "x", H: "x" })).toEqual(["rule.yml"]);
  });

  it("keep their selections to themselves", () => {
    // In the rule's own names `1 of sel_*` would be met by every event that the rule matches.
    const own = load(filter("rules: any\nsel_user: {U: backup}\ncondition: not 1 of sel_*"));
    expect(matching(own, { A: 1, U: "x" })).toEqual(["rule.yml", "other.yml"]);
    expect(matching(own, { A: 1, U: "backup" })).toEqual([]);
    expect(said(load(filter("rules: any\nuser: {U: x}\ncondition: not sel_image and user")))).toEqual([
      'filter.yml:6:18: error: the rule has no selection called "sel_image"',
    ]);
  });

  it("stand in the detection that other evaluators read", () => {
    const [rule] = load(filter(`rules: [rule_one]\n${EXCLUDE}`)).eventRules;
    expect(rule?.detection).toMatchObject({ kind: "and", of: [{ kind: "or" }, { kind: "not" }] });
  });

  it("apply only where the rule's logsource says all that theirs says", () => {
    for (const [logsource, isApplied] of [
      ["{product: linux}", true],
      ["{category: process_creation}", true],
      ["{product: Linux, category: process_creation}", true],
      ["{product: linux, service: sshd}", false],
      ["{product: windows}", false],
    ] as const) {
      const ruleSet = load(filter(`rules: [rule_one]\n${EXCLUDE}`, logsource));
      expect([logsource, matching(ruleSet, { A: 1, U: "backup" })]).toEqual([
        logsource,
        isApplied ? ["other.yml"] : ["rule.yml", "other.yml"],
      ]);
      expect([logsource, said(ruleSet).length]).toEqual([logsource, isApplied ? 0 : 1]);
    }
    expect(said(load(filter(`rules: [rule_one]\n${EXCLUDE}`, "{product: windows}")))).toEqual([
      'filter.yml:4:11: warning: the filter does not apply to "rule_one": its logsource says something else ' +
        "(every key of the filter's logsource must stand in the rule's)",
    ]);
  });

  it("say when a condition excludes nothing, and that names lead nowhere", () => {
    expect(said(load(filter("rules: any\nuser: {U: backup}\ncondition: user")))).toEqual([
      "filter.yml:6:14: warning: the filter has no not: the rules will match only what it describes " +
        "(to leave events out, write condition: not selection)",
    ]);
    const astray = load(filter(`rules: [rule_onne, rule_two]\n${EXCLUDE}`));
    expect(said(astray)).toEqual([
      'filter.yml:4:11: warning: no loaded rule has the id or name "rule_onne" (did you mean "rule_one"?)',
    ]);
    expect(statusOf(astray)).toBe("filter runnable false");
    expect(matching(astray, { A: 1, U: "backup" })).toEqual(["rule.yml"]);
    const lost = load(filter(`rules: [nothing_like_it]\n${EXCLUDE}`));
    expect(statusOf(lost)).toBe("filter invalid false no rule that it names can be filtered");
    expect(said(load(filter(EXCLUDE, "{product: windows}")))[0]).toContain("no loaded rule has a logsource");
  });

  it("never reach correlations, and a rule that was rejected is named", () => {
    const count = `title: Count\nname: count\ncorrelation: {type: event_count, rules: [rule_one], group-by: [H], timespan: 5m, condition: {gte: 3}}\n`;
    const broken = `title: Broken\nname: broken\nlogsource: {product: linux}\ndetection: {a: {A: 1}, condition: b}\n`;
    const ruleSet = load(
      { path: "count.yml", text: count },
      { path: "broken.yml", text: broken },
      filter(`rules: [count, broken]\n${EXCLUDE}`),
    );
    expect(said(ruleSet).filter((line) => line.startsWith("filter"))).toEqual([
      'filter.yml:4:11: warning: "count" is a correlation (name the rules that it counts instead)',
      'filter.yml:4:18: warning: the rule "broken" was not loaded (see what is wrong with it)',
    ]);
  });

  it.each([
    ["rules: any\nuser: {U: x}", "missing-condition", "invalid"],
    ["rules: [{a: b}]\nuser: {U: x}\ncondition: not user", "wrong-shape", "invalid"],
    ["rules: any\nuser: {U|cidr: '1.2.3.4/99'}\ncondition: not user", "bad-network", "invalid"],
    ["rules: any\nuser: {U|re: '(?=a)'}\ncondition: not user", "unsupported-regex", "unsupported"],
    [
      "rules: any\nuser: {U|expand: '%admins%'}\ncondition: not user",
      "unresolved-placeholder",
      "unsupported",
    ],
  ])("that are wrong cost no rule anything: %j", (body, code, status) => {
    const ruleSet = load(filter(body));
    expect(ruleSet.diagnostics.map((one) => one.code)).toEqual([code]);
    expect(statusOf(ruleSet)).toContain(`filter ${status}`);
    expect(matching(ruleSet, { A: 1, U: "x" })).toEqual(["rule.yml", "other.yml"]);
  });

  it("are tried by the cases of the rules that they narrow", () => {
    const cases =
      "- {name: hit, expect: 1, events: [{fields: {A: 1}, pack: linux-auth}]}\n- {name: filtered, expect: 0, events: [{fields: {A: 1, U: backup}, pack: linux-auth}]}\n";
    const text = RULE.replace(", category: process_creation", "");
    const ruleSet = loadRuleSet(
      [{ path: "rule.yml", text }, { path: "rule.cases.yml", text: cases }, filter(EXCLUDE)],
      { needsCases: true },
    );
    expect(said(ruleSet)).toEqual([]);
    expect(ruleSet.report.map(({ kind, cases: { passed } }) => [kind, passed])).toEqual([
      ["event", 2],
      ["filter", 0],
    ]);
  });
});
