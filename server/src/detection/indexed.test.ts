/** The index against the naive evaluator: every rule over every event, one by one, compiled alone and looking fields up by name. */
import { describe, expect, it } from "vitest";
import type { Event } from "@tyto/domain";
import { GatedRules } from "./gated-rules.ts";
import { factsOf } from "./logsource/facts.ts";
import { compileDetection } from "./match/compile.ts";
import type { Matcher } from "./match/compile.ts";
import { Subject } from "./match/subject.ts";
import type { RuleSet, RunnableRule } from "./rule-set.ts";
import { corpusRuleSet, CORPUS_IS_THERE, regressionEvents, sampleOfAttacks } from "./testing/corpus.ts";
import { matchesOf } from "./testing/matches.ts";

const IS_VERIFYING = process.env["TYTO_VERIFY"] === "1";

class NaiveRules {
  readonly #rules: readonly { readonly rule: RunnableRule; readonly matcher: Matcher }[];

  constructor(ruleSet: RuleSet) {
    this.#rules = ruleSet.eventRules.map((rule) => {
      const outcome = compileDetection(rule.detection, rule.slotOf);
      if (outcome.kind !== "compiled") throw new Error(`${rule.path} does not compile alone`);
      return { rule, matcher: outcome.matcher };
    });
  }

  matches(event: Event): readonly string[] {
    const facts = factsOf(event);
    return this.#rules
      .filter(({ rule, matcher }) => rule.logsource.admits(facts) && matcher.test(new Subject(event)))
      .map(({ rule }) => rule.summary.id)
      .sort();
  }
}

function differences(ruleSet: RuleSet, events: readonly Event[]): readonly string[] {
  const naive = new NaiveRules(ruleSet);
  const indexed = matchesOf(ruleSet, new GatedRules(ruleSet.eventRules));
  return events.flatMap((event, n) => {
    const [expected, actual] = [naive.matches(event), indexed(event)];
    const isEqual = expected.join() === actual.join();
    return isEqual ? [] : [`event ${n}: naive ${expected.join()}; indexed ${actual.join()}`];
  });
}

describe.skipIf(!CORPUS_IS_THERE)("the index (skipped without ../shared/corpus/sigma)", () => {
  it("finds what the naive evaluator finds in all regression events, with all rules", () => {
    const events = regressionEvents();
    expect(events.length).toBeGreaterThan(120);
    expect(differences(corpusRuleSet(), events)).toEqual([]);
  }, 3_600_000);

  it("finds what the naive evaluator finds in recordings of attacks, with all rules", () => {
    const events = sampleOfAttacks(IS_VERIFYING ? Infinity : 400);
    expect(differences(corpusRuleSet(), events)).toEqual([]);
  }, 3_600_000);
});
