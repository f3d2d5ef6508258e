import { ruleId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { loadRuleSet } from "../load-rule-set.ts";
import { quietRules } from "./quiet-rules.ts";

const CLOUD = "11111111-1111-4111-8111-111111111111";
const ANY = "22222222-2222-4222-8222-222222222222";
const COUNT = "33333333-3333-4333-8333-333333333333";
const rule = (id: string, logsource: string): string =>
  `title: T\nid: ${id}\nlogsource: ${logsource}\ndetection:\n  s: {eventName: x}\n  condition: s\nlevel: low\n`;
const set = loadRuleSet([
  { path: "a.yml", text: rule(CLOUD, "{product: aws, service: cloudtrail}") },
  { path: "b.yml", text: rule(ANY, "{category: any}") },
  {
    path: "c.yml",
    text: `title: C\nid: ${COUNT}\ncorrelation:\n  type: event_count\n  rules: [${CLOUD}]\n  timespan: 5m\n  condition: {gte: 2}\nlevel: low\n`,
  },
]);

describe("rules that nothing arrives for", () => {
  it("are those whose packs have read nothing, and correlations over them alone", () => {
    const quiet = quietRules(set, ["linux-auth"]);
    expect([...quiet.keys()]).toEqual([CLOUD, COUNT]);
    expect(quiet.get(ruleId(COUNT))).toMatch(/^no events of .* have arrived$/);
  });

  it("are none once one of the packs has read something", () => {
    expect(quietRules(set, ["aws-cloudtrail/records"]).size).toBe(0);
  });
});
