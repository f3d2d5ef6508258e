import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  coverageCells,
  coverageCsv,
  eventId,
  micros,
  MICROS_PER_DAY,
  navigatorLayer,
  sequence,
  sourceId,
  unknownTechniques,
} from "@tyto/domain";
import type { Coverage, Event, FieldValue, OriginId } from "@tyto/domain";
import { loadRuleSet } from "../detection/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { createCoverage } from "./coverage.ts";

const NOW = micros(Date.UTC(2026, 2, 10) * 1_000);
const SOURCE = sourceId("00000000000000aa");

const rule = (id: string, rest: string): string => `title: =${id}
id: ${id}
level: high
${rest}
`;
const RULES = [
  rule(
    "arrives",
    "tags: [attack.t1110.001]\nlogsource: {product: linux}\ndetection: {sel: {user.name: a}, condition: sel}",
  ),
  rule(
    "silent",
    "tags: [attack.t1485]\nlogsource: {product: okta}\ndetection: {sel: {user.name: a}, condition: sel}",
  ),
  rule(
    "impossible",
    "tags: [attack.t1486]\nlogsource: {product: linux}\ndetection: {sel: {NoSuchField9: a}, condition: sel}",
  ),
  rule(
    "broken",
    "tags: [attack.t1110]\nlogsource: {product: linux}\ndetection: {sel: {A|foo: 1}, condition: sel}",
  ),
  rule(
    "old",
    "tags: [attack.t9999, attack.impact]\nlogsource: {product: linux}\ndetection: {sel: {user.name: b}, condition: sel}",
  ),
  `title: Base
id: base
name: base
tags: [attack.t1005]
logsource: {product: linux}
detection: {sel: {user.name: c}, condition: sel}
---
title: Counted
id: counted
tags: [attack.t1040]
correlation: {type: event_count, rules: [base], timespan: 5m, condition: {gte: 2}}
`,
];
const CASES = `- name: it matches
  expect: 1
  events: [{fields: {user.name: a}, pack: linux-auth}]
- name: it does not
  expect: 0
  events: [{fields: {user.name: z}, pack: linux-auth}]
`;

function event(place: number, fields: Readonly<Record<string, FieldValue>>): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, place),
    sequence: sequence(place),
    source: SOURCE,
    timestamp: micros(NOW - MICROS_PER_DAY),
    timeOrigin: "event",
    ingested: NOW,
    pack: "linux-auth",
    fields: Object.assign(Object.create(null) as Record<string, FieldValue>, fields),
    raw: Buffer.from("x"),
  };
}

describe("what the rules cover", { timeout: 120_000 }, () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  let coverage: Coverage;

  beforeAll(async () => {
    fixture = await temporaryEngine();
    expect(await fixture.engine.events.insert([event(1, { "user.name": "a" })])).toEqual([]);
    const ruleSet = loadRuleSet([
      ...RULES.map((text, index) => ({ path: `own/rules/${index}.yml`, text })),
      { path: "own/rules/0.cases.yml", text: CASES },
    ]);
    const port = createCoverage({
      content: () => ({ ruleSet, packs: ["linux-auth", "okta", "nginx"] }),
      control: {
        sources: () =>
          Promise.resolve([
            { id: SOURCE, input: "syslog-udp", name: "web", discriminator: "", firstSeenAt: NOW },
          ]),
        alerts: {
          groups: () =>
            Promise.resolve([
              {
                value: "arrives",
                count: 3,
                bySeverity: { low: 0, medium: 0, high: 3, critical: 0 },
                unassigned: 0,
                topScore: 1,
                firstSeen: NOW,
                lastSeen: NOW,
              },
            ]),
        } as unknown as Parameters<typeof createCoverage>[0]["control"]["alerts"],
      },
      engine: fixture.engine,
      now: () => NOW,
    });
    coverage = await port.report(7, { queryId: "coverage", signal: new AbortController().signal });
  }, 60_000);
  afterAll(() => fixture.remove());

  const score = (id: string): number | undefined =>
    coverageCells(coverage).find((cell) => cell.id === id)?.score;
  const ruleOf = (id: string) => coverage.rules.find((one) => one.id === id);

  it("calls a technique covered only when a rule is enabled, its telemetry arrives and its cases pass", () => {
    expect(ruleOf("arrives")).toMatchObject({
      isEnabled: true,
      telemetry: "arriving",
      isTested: true,
      alerts: 3,
      sources: [SOURCE],
    });
    expect(score("T1110.001")).toBe(3);
    // Enabled and arriving, but nothing proves it.
    expect(ruleOf("counted")).toMatchObject({ telemetry: "arriving", isTested: false });
    expect(score("T1040")).toBe(2);
  });

  it("says which telemetry is silent, which cannot come, and which packs would read it", () => {
    expect(ruleOf("silent")).toMatchObject({
      telemetry: "silent",
      packs: ["okta"],
      logsources: ["product okta"],
    });
    expect(ruleOf("impossible")).toMatchObject({ isEnabled: true, telemetry: "impossible" });
    expect([score("T1485"), score("T1486")]).toEqual([1, 1]);
  });

  it("names rules that do not run with the reason, and leaves out what only feeds others", () => {
    expect(ruleOf("broken")).toMatchObject({ isEnabled: false });
    expect(ruleOf("broken")?.reason).toBeTruthy();
    expect(ruleOf("base")).toBeUndefined();
  });

  it("counts a sub-technique's rules with its technique", () => {
    const cell = coverageCells(coverage).find(({ id }) => id === "T1110");
    expect(cell).toMatchObject({ enabled: 1, covering: 1, score: 3, subs: 4, coveredSubs: 1, alerts: 3 });
    expect(cell?.rules.map(({ id }) => id).sort()).toEqual(["arrives", "broken"]);
  });

  it("counts only the rules that fit", () => {
    const of = (filter: Parameters<typeof coverageCells>[1]): number =>
      coverageCells(coverage, filter).reduce((sum, { rules }) => sum + rules.length, 0);
    expect(of({ onlyEnabled: true })).toBe(5);
    expect(of({ source: SOURCE, tag: "attack.t1040" })).toBe(1);
    expect(of({ level: "critical" })).toBe(0);
    expect(of({ pack: "own" })).toBe(6);
  });

  it("names techniques that this version of ATT&CK does not have", () => {
    expect(unknownTechniques(coverage)).toEqual(["T9999"]);
  });

  it("writes a Navigator layer, and a table that no spreadsheet runs", () => {
    const cells = coverageCells(coverage);
    const layer = navigatorLayer(coverage, cells) as {
      readonly techniques: readonly { readonly techniqueID: string; readonly score: number }[];
    };
    expect(layer).toMatchObject({ versions: { attack: "18", layer: "4.5" }, domain: "enterprise-attack" });
    expect(layer.techniques.map(({ techniqueID, score: own }) => [techniqueID, own])).toContainEqual([
      "T1110.001",
      3,
    ]);
    expect(layer.techniques.every(({ score: own }) => own >= 0 && own <= 3)).toBe(true);
    const lines = coverageCsv(cells).split("\r\n");
    expect(lines.find((line) => line.startsWith("T1110.001,"))).toBe(
      "T1110.001,Password Guessing,credential-access,3,1,1,1,1,1,3,'=arrives",
    );
  });
});
