import { ruleId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { loadRuleSet } from "./load-rule-set.ts";
import { raisingRules } from "./rule-set.ts";
import { switchRules } from "./switch-rules.ts";

const BASE = "11111111-1111-4111-8111-111111111111";
const COUNT = "22222222-2222-4222-8222-222222222222";
const OTHER = "33333333-3333-4333-8333-333333333333";
const event = (id: string, image: string): string => `title: Rule ${image}
id: ${id}
logsource: {product: linux, category: process_creation}
detection:
  sel: {Image: '${image}'}
  condition: sel
level: low
`;
const set = loadRuleSet([
  { path: "a.yml", text: event(BASE, "/bin/a") },
  { path: "b.yml", text: event(OTHER, "/bin/b") },
  {
    path: "c.yml",
    text: `title: Many
id: ${COUNT}
correlation:
  type: event_count
  rules: [${BASE}]
  group-by: [host.name]
  timespan: 5m
  condition: {gte: 3}
  generate: true
level: high
`,
  },
]);
const silenced = (...ids: readonly string[]) => switchRules(set, { silent: new Set(ids), levels: new Map() });
const raising = (...ids: readonly string[]) => raisingRules(silenced(...ids)).map(({ id }) => id);

describe("rules that are switched off", () => {
  it("leaves a set without switches as it is", () => {
    expect(silenced()).toBe(set);
  });

  it("raises nothing, and does not run at all when nothing needs it", () => {
    expect(raising(OTHER)).toEqual([ruleId(BASE), ruleId(COUNT)]);
    expect(silenced(OTHER).eventRules.map(({ summary }) => summary.id)).toEqual([BASE]);
  });

  it("goes on being counted by a correlation that is on", () => {
    expect(raising(BASE)).toEqual([ruleId(OTHER), ruleId(COUNT)]);
    expect(silenced(BASE).eventRules.find(({ summary }) => summary.id === BASE)?.feeds).toHaveLength(1);
  });

  it("takes a silent correlation's feeds away, and its rules with it when they are off as well", () => {
    expect(silenced(COUNT).correlations).toEqual([]);
    expect(silenced(COUNT).eventRules.flatMap(({ feeds }) => feeds)).toEqual([]);
    expect(silenced(COUNT, BASE).eventRules.map(({ summary }) => summary.id)).toEqual([OTHER]);
  });

  it("puts a level in place of the rule's own", () => {
    const levelled = switchRules(set, { silent: new Set(), levels: new Map([[COUNT, "critical"]]) });
    expect(raisingRules(levelled).map(({ level }) => level)).toEqual(["low", "low", "critical"]);
  });
});
