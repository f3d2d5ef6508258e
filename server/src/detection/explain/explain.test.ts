/** The explanation against the matcher: it may be slow, and may never say anything else. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Event, Explanation, ExplainedPart, RuleId } from "@tyto/domain";
import { readCases, ruleFileOf } from "../cases/read-cases.ts";
import type { CorrelationState } from "../correlation/inspect-group.ts";
import { createDetectionEngine } from "../engine.ts";
import { factsOf } from "../logsource/facts.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import { Subject } from "../match/subject.ts";
import type { RuleSet } from "../rule-set.ts";
import { A, event, load, ROWS } from "../semantics-cases.ts";
import type { RuleFile } from "../sigma/read-rule.ts";
import { CORPUS_IS_THERE, corpusRuleSet, regressionEventsOf, regressions } from "../testing/corpus.ts";
import { explainable, explainRule, findRule } from "./explain-rule.ts";
import { groundsOf } from "./explain-condition.ts";

const PACKS = resolve(import.meta.dirname, "../../../../packs");

/** What an explanation says, when nothing has been counted. */
function explained(ruleSet: RuleSet, one: Event, rule = ruleSet.report[0]?.id): Explanation {
  const stateOf = (id: RuleId): CorrelationState => createDetectionEngine(ruleSet).inspect(id);
  const explanation = rule === undefined ? undefined : explainRule({ ruleSet, rule, event: one, stateOf });
  if (explanation === undefined) throw new Error(JSON.stringify(ruleSet.diagnostics));
  return explanation;
}

/** An explanation whose own tree, evaluated by its items, gives the verdict of each part. */
function isConsistent(part: ExplainedPart): boolean {
  if (part.kind === "item") return true;
  const parts = part.of.map(({ isMet }) => isMet);
  const isMet =
    part.kind === "not" ? !parts[0] : part.kind === "and" ? parts.every(Boolean) : parts.some(Boolean);
  return isMet === part.isMet && part.of.every(isConsistent);
}

function conditionOf(explanation: Explanation): ExplainedPart {
  if (explanation.kind !== "event") throw new Error("a rule over events was expected");
  return explanation.condition;
}

describe("an explanation", () => {
  it.each(ROWS)("agrees with the matcher: %s", (_, detection, matching, other) => {
    const ruleSet = load(detection);
    for (const [isMatch, all] of [
      [true, matching],
      [false, other],
    ] as const) {
      for (const fields of all) {
        const explanation = explained(ruleSet, event(fields));
        expect([fields, explanation.isMatch, explanation.reason === ""]).toEqual([fields, isMatch, false]);
        expect(isConsistent(conditionOf(explanation))).toBe(true);
        expect(groundsOf(conditionOf(explanation)).length).toBeGreaterThan(0);
      }
    }
  });

  describe.skipIf(!CORPUS_IS_THERE)("over SigmaHQ's rules (skipped without ../shared/corpus/sigma)", () => {
    it("agrees with the matcher on the regression events, each with its own rule and a few others", () => {
      const ruleSet = corpusRuleSet();
      const ids = new Set<string>(regressions().map(({ id }) => id));
      const rules = ruleSet.eventRules.filter(({ summary }) => ids.has(summary.id));
      expect(rules.length).toBeGreaterThan(100);
      for (const [turn, { id }] of regressions().entries()) {
        const tried = rules.filter(({ summary }, n) => summary.id === id || n % 20 === turn % 20);
        for (const one of regressionEventsOf(id).slice(0, 2)) {
          const [facts, subject] = [factsOf(one), new Subject(one)];
          const different = tried.filter((rule) => {
            const expected = rule.logsource.admits(facts) && rule.matcher.test(subject);
            return explained(ruleSet, one, rule.summary.id).isMatch !== expected;
          });
          expect(different.map(({ summary }) => summary.title)).toEqual([]);
        }
      }
    }, 120_000);
  });

  it("keeps the names of selections, selectors and filters", () => {
    const text = `title: R
logsource: {product: linux}
detection: {sel_a: {A: 1}, sel_b: {A: 2}, other: {B: 1}, condition: 1 of sel_* and not other}
---
title: Not the backup
logsource: {product: linux}
filter: {rules: any, backup: {User: backup}, condition: not backup}
`;
    const ruleSet = loadRuleSet([{ path: "r.yml", text }]);
    const named = (part: ExplainedPart): readonly string[] => [
      ...(part.name === undefined ? [] : [`${part.name.kind} ${part.name.text}`]),
      ...(part.kind === "item" ? [] : part.of.flatMap(named)),
    ];
    const filtered = explained(ruleSet, event({ A: 1, User: "backup" }));
    expect(named(conditionOf(filtered))).toEqual([
      "selector 1 of sel_*",
      "selection sel_a",
      "selection sel_b",
      "selection other",
      "filter Not the backup",
      "selection backup",
    ]);
    expect(filtered.reason).toBe(
      'The filter "Not the backup" leaves the event out: User equals "backup" is true: the event has "backup"',
    );
    expect(explained(ruleSet, event({ A: 2 })).reason).toBe("The condition holds, by sel_b, other, backup");
  });

  it("says where a field was looked for, what was there, and which of many values were asked for", () => {
    const text = `title: R
logsource: {product: linux, category: process_creation}
detection: {sel: {Image|endswith: [/sh, /bash, /dash, /zsh, /ash, /ksh, /csh], CommandLine: x}, condition: sel}
`;
    const ruleSet = loadRuleSet([{ path: "r.yml", text }]);
    const fields = {
      "event.category": ["process"],
      "event.type": ["start"],
      "process.executable": "/bin/ksh",
    };
    const explanation = explained(ruleSet, event(fields));
    const [image, line] = groundsOf(conditionOf(explanation)).length === 1 ? imageAndLine(explanation) : [];
    expect(image).toMatchObject({
      isMet: true,
      decides: false,
      foundAt: "process.executable",
      seen: ["/bin/ksh"],
      wantedCount: 7,
    });
    expect(image?.kind === "item" ? image.wanted[0] : undefined).toEqual({ text: "/ksh", isThere: true });
    expect(image?.kind === "item" ? image.wanted.length : 0).toBe(5);
    expect(line).toMatchObject({ state: "absent", foundAt: null, decides: true });
    expect(explanation.reason).toBe(
      'sel: CommandLine equals "x" is false: the event has no process.command_line, winlog.event_data.CommandLine, CommandLine',
    );
  });

  it("names the part of the logsource that refuses, and what the event has instead", () => {
    const text =
      "title: R\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {A: 1}, condition: s}";
    const ruleSet = loadRuleSet([{ path: "r.yml", text }]);
    const explanation = explained(ruleSet, event({ A: 1, "host.os.type": "linux" }));
    expect(explanation).toMatchObject({ isMatch: false, gate: { isOpen: false, declared: null } });
    expect(explanation.reason).toMatch(
      /^The event is not of the rule's logsource, product windows: it asks for /,
    );
    const declared = explained(ruleSet, event({ A: 1, "tyto.logsource.product": "windows" }));
    expect(declared.reason).toBe(
      "The event is not of the rule's logsource, category process_creation (the event declares product windows): it asks for declared category process_creation, and the event has none",
    );
  });

  it("cuts long values and shows no more than a few", () => {
    const long = explained(load("sel: {A: x}"), event(A(["y".repeat(9_000), "a", "b", "c", "d", "e", "f"])));
    const condition = conditionOf(long);
    expect(condition).toMatchObject({ seenCount: 7 });
    expect(condition.kind === "item" ? condition.seen.map(({ length }) => length) : []).toEqual([
      201, 1, 1, 1, 1,
    ]);
  });
});

function imageAndLine(explanation: Explanation): readonly ExplainedPart[] {
  const condition = conditionOf(explanation);
  return condition.kind === "item" ? [] : condition.of;
}

describe("finding a rule", () => {
  const { report } = loadRuleSet([
    {
      path: "a/one.yml",
      text: "title: First Rule\nlogsource: {product: linux}\ndetection: {s: {A: 1}, condition: s}",
    },
    {
      path: "a/two.yml",
      text: "title: Bad\nlogsource: {product: linux}\ndetection: {s: {A|foo: 1}, condition: s}",
    },
    { path: "f.yml", text: "title: F\nlogsource: {product: linux}\nfilter: {s: {A: 1}, condition: not s}" },
  ]);

  it.each(["first rule", "a/one.yml", "one", "path:a/one.yml"])("by %s", (word) => {
    expect(findRule(report, word)).toMatchObject({ kind: "found", rule: { title: "First Rule" } });
  });

  it("says what was meant, and why a rule cannot be explained", () => {
    expect(findRule(report, "First Rul")).toMatchObject({
      kind: "unknown",
      hint: 'did you mean "First Rule"?',
    });
    expect(findRule(report, "banana split")).toMatchObject({ kind: "unknown" });
    expect(findRule(report, "two")).toEqual({
      kind: "rejected",
      message: 'the rule "Bad" does not run: it is invalid',
      hint: '"foo" is no modifier',
    });
    expect(findRule(report, "F")).toMatchObject({ kind: "filter" });
    expect(report.map((rule) => explainable(rule).kind)).toEqual(["found", "rejected", "filter"]);
  });
});

/** Our own rules with their cases, pack by pack. */
function ownRules(): readonly RuleFile[] {
  return readdirSync(PACKS, { recursive: true, encoding: "utf8" })
    .filter((name) => /\/rules\/.*\.yml$/.test(name))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(PACKS, path), "utf8") }));
}

describe("our own rules", () => {
  const files = ownRules();
  const ruleSet = loadRuleSet(files);
  const cases = files.flatMap((file) => {
    const path = ruleFileOf(file.path);
    const report = ruleSet.report.filter((rule) => rule.path === path);
    const rule = report.find(({ kind }) => kind === "correlation") ?? report[0];
    return rule === undefined
      ? []
      : readCases(file).cases.map((one) => [`${rule.title}: ${one.name}`, rule, one] as const);
  });

  it.each(cases)("%s", (_, rule, { events, expected }) => {
    const engine = createDetectionEngine(ruleSet);
    const now = (events.at(-1)?.timestamp ?? 0) + 86_400_000_000;
    engine.process(events, now as Event["timestamp"]);
    engine.finish(now as Event["timestamp"]);
    const explanations = events.map((one) =>
      explainRule({ ruleSet, rule: rule.id, event: one, stateOf: (id) => engine.inspect(id) }),
    );
    expect(explanations.every((one) => one !== undefined && one.reason !== "")).toBe(true);
    const matching = explanations.filter((one) => one?.isMatch === true).length;
    if (rule.kind === "event") expect(matching).toBe(expected);
    else expect(matching > 0).toBe(expected > 0);
  });
});
