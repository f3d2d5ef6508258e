/** All of SigmaHQ's rules, and the events that some of them must fire on, when the corpus is beside the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { OriginId } from "@tyto/domain";
import { createDetectionEngine } from "./engine.ts";
import { loadRuleSet } from "./load-rule-set.ts";
import type { RuleSet } from "./rule-set.ts";
import { JsonSplitter } from "./sigma-json/json-splitter.ts";
import { readSigmaEvent } from "./sigma-json/sigma-event.ts";

const CORPUS = resolve(import.meta.dirname, "../../../../shared/corpus/sigma");
const NOW = micros(1_800_000_000_000_000);

interface Regression {
  readonly id: string;
  readonly min_matches: number;
}

describe.skipIf(!existsSync(CORPUS))("SigmaHQ's rules (skipped without ../shared/corpus/sigma)", () => {
  let ruleSet: RuleSet;

  beforeAll(() => {
    const files = readdirSync(CORPUS)
      .filter((folder) => folder.startsWith("rules"))
      .flatMap((folder) =>
        readdirSync(join(CORPUS, folder), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".yml"))
          .map((name) => `${folder}/${name}`),
      );
    ruleSet = loadRuleSet(files.map((path) => ({ path, text: readFileSync(join(CORPUS, path), "utf8") })));
  });

  it("load, all but those that need values for a placeholder, and these are named", () => {
    const { report } = ruleSet;
    const refused = report.filter(({ status }) => status === "unsupported" || status === "invalid");
    expect(report).toHaveLength(3_780);
    expect(ruleSet.eventRules).toHaveLength(3_755);
    expect(refused).toHaveLength(25);
    expect(refused.every(({ reason }) => reason?.includes("placeholder") === true)).toBe(true);
    expect(report.filter(({ status }) => status === "runnable").length).toBeGreaterThan(3_740);
    const waiting = report.filter(({ status }) => status === "needs-field");
    expect(waiting.filter(({ reason }) => !/^no event has /.test(reason ?? ""))).toEqual([]);
  });

  it("fire on the events of the regression set, with the logsource gate on", () => {
    const text = readFileSync(join(CORPUS, "regression/index.json"), "utf8");
    const silent = (JSON.parse(text) as readonly Regression[]).filter(({ id, min_matches }) => {
      const splitter = new JsonSplitter();
      const objects = splitter.push(readFileSync(join(CORPUS, `regression/${id}.json`), "utf8"));
      const events = objects.flatMap((object, ordinal) => {
        const origin = "00000000000000aa" as OriginId;
        const event = readSigmaEvent({ text: object, origin, ordinal, pack: "", now: NOW });
        return event === undefined ? [] : [event];
      });
      const { changes } = createDetectionEngine(ruleSet).process(events, NOW);
      const fired = changes.filter((change) => change.kind === "upsert" && change.finding.rule.id === id);
      return fired.length < min_matches;
    });
    expect(silent).toEqual([]);
  });
});
