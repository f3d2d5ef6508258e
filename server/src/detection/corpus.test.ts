/** All of SigmaHQ's rules, and the events that some of them must fire on, when the corpus is beside the repository. */
import { describe, expect, it } from "vitest";
import { createDetectionEngine } from "./engine.ts";
import {
  CORPUS_IS_THERE,
  CORPUS_NOW,
  corpusRuleSet,
  regressionEventsOf,
  regressions,
} from "./testing/corpus.ts";

describe.skipIf(!CORPUS_IS_THERE)("SigmaHQ's rules (skipped without ../shared/corpus/sigma)", () => {
  it("load, all but those that need values for a placeholder, and these are named", () => {
    const { report, eventRules } = corpusRuleSet();
    const refused = report.filter(({ status }) => status === "unsupported" || status === "invalid");
    expect(report).toHaveLength(3_780);
    expect(eventRules).toHaveLength(3_755);
    expect(refused).toHaveLength(25);
    expect(refused.every(({ reason }) => reason?.includes("placeholder") === true)).toBe(true);
    expect(report.filter(({ status }) => status === "runnable").length).toBeGreaterThan(3_740);
    const waiting = report.filter(({ status }) => status === "needs-field");
    expect(waiting.filter(({ reason }) => !/^no event has /.test(reason ?? ""))).toEqual([]);
  });

  it("fire on the events of the regression set, with the logsource gate on", () => {
    const engine = createDetectionEngine(corpusRuleSet());
    const silent = regressions().filter(({ id, min_matches }) => {
      const { changes } = engine.process(regressionEventsOf(id), CORPUS_NOW);
      const fired = changes.filter((change) => change.kind === "upsert" && change.finding.rule.id === id);
      return fired.length < min_matches;
    });
    expect(silent).toEqual([]);
  });
});
