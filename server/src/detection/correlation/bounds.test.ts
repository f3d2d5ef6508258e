/** What 0006 says of lists, of hits without a value, of sentences, and of what is forgotten, in chains as well. */
import { eventId, micros, MICROS_PER_DAY, MICROS_PER_SECOND, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, Finding, FindingKey, OriginId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { createDetectionEngine } from "../engine.ts";
import type { SigmaEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import type { DetectionOutput } from "../ports.ts";
import type { RuleSet } from "../rule-set.ts";
import type { CorrelationLimits } from "./retained-groups.ts";

const START = 1_770_000_000_000_000;
const NOW = micros(START + 400 * MICROS_PER_DAY);

function load(...correlations: readonly string[]): RuleSet {
  const base = ["a", "b"].map(
    (kind) =>
      `title: ${kind}\nname: ${kind}\nlogsource: {category: test}\ndetection: {s: {kind: ${kind}}, condition: s}\n`,
  );
  const text = [...base, ...correlations].join("---\n");
  const ruleSet = loadRuleSet([{ path: "rules.yml", text }]);
  expect(ruleSet.report.filter(({ status }) => status === "invalid")).toEqual([]);
  return ruleSet;
}

let ordinal = 0;
function event(second: number, kind: string, fields: EventFields = { who: "x" }): Event {
  const timestamp = micros(START + second * MICROS_PER_SECOND);
  return {
    id: eventId("00000000000000aa" as OriginId, ++ordinal),
    sequence: sequence(ordinal),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "",
    fields: { "tyto.logsource.category": "test", kind, ...fields },
    raw: new Uint8Array(),
  };
}

/** One engine after another over the same durable state. */
class Bench {
  readonly findings = new Map<FindingKey, Finding>();
  readonly state = new Map<string, string>();
  readonly #ruleSet: RuleSet;
  readonly #limits: Partial<CorrelationLimits>;
  engine: SigmaEngine;

  constructor(ruleSet: RuleSet, limits: Partial<CorrelationLimits> = {}) {
    this.#ruleSet = ruleSet;
    this.#limits = limits;
    this.engine = createDetectionEngine(ruleSet, { limits });
  }

  feed(events: readonly Event[]): this {
    return this.#take(this.engine.process(events, NOW));
  }

  finish(): this {
    return this.#take(this.engine.finish(NOW));
  }

  restart(): this {
    this.engine = createDetectionEngine(this.#ruleSet, { limits: this.#limits });
    this.engine.restore([...this.state].map(([key, value]) => ({ key, value })));
    return this;
  }

  #take({ changes, state }: DetectionOutput): this {
    for (const change of changes) {
      if (change.kind === "upsert") this.findings.set(change.finding.key, change.finding);
      else this.findings.delete(change.key);
    }
    for (const entry of state) {
      if (entry.kind === "put") this.state.set(entry.key, entry.value);
      else this.state.delete(entry.key);
    }
    return this;
  }

  of(title: string): readonly Finding[] {
    return [...this.findings.values()].filter(({ rule }) => rule.title === title);
  }
}

describe("hits", () => {
  const ALIAS =
    "title: Both\ncorrelation: {type: temporal, rules: [a, b], group-by: [who], timespan: 1m, aliases: {who: {a: user.name, b: user.target.name}}}\n";

  it.each([
    ["a value of the list on one side", [["ana", "ben"], "ben"], ["ben"]],
    [
      "several values in common",
      [
        ["ana", "ben", "cleo"],
        ["cleo", "ana"],
      ],
      ["ana", "cleo"],
    ],
    ["no value in common", [["ana", "ben"], "cleo"], []],
    ["an empty list", [[], "ana"], []],
  ] as const)("belong to the groups of all values of an alias: %s", (_name, [users, owner], groups) => {
    const found = new Bench(load(ALIAS))
      .feed([event(0, "a", { "user.name": users }), event(9, "b", { "user.target.name": owner })])
      .of("Both");
    expect(found.map(({ group }) => group.map(({ value }) => value).join()).sort()).toEqual(groups);
  });

  const SUM =
    "title: Much\ncorrelation: {type: value_sum, rules: [a], group-by: [who], timespan: 1m, condition: {field: bytes, gte: 10}}\n" +
    'tyto: {sentence: "{who} took {value} in {count}"}\n';

  it.each([
    ["value_sum", { who: "x" }, { who: "x", bytes: "many" }],
    ["value_count", { who: "x" }, { who: "x", bytes: [] }],
  ] as const)("of %s without what is measured are none, and counted", (type, missing, wrong) => {
    const bench = new Bench(load(SUM.replace("value_sum", type)));
    bench.feed([event(0, "a", missing), event(1, "a", wrong), event(2, "a", { who: "x", bytes: 12 })]);
    expect(bench.engine.counters.valuelessHits).toBe(2);
    expect(bench.of("Much").map(({ count }) => count)).toEqual(type === "value_sum" ? [1] : []);
  });

  it("give a sentence its value: the highest measure in any window of the episode", () => {
    const bytes = [4, 6, 9, 5].map((value, n) => event(n * 40, "a", { who: "x", bytes: value }));
    const [finding] = new Bench(load(SUM)).feed(bytes).of("Much");
    // Windows of a minute hold 4+6, 6+9 and 9+5.
    expect(finding?.sentence).toBe("**x** took **15** in **4 times** in 2 minutes");
  });
});

const many = (from: number, count: number, kind = "a"): readonly Event[] =>
  Array.from({ length: count }, (_, n) => event(from + n / 10, kind));

describe("a group of closed windows", () => {
  const FEW =
    "title: Few\ncorrelation: {type: event_count, rules: [a], group-by: [who], timespan: 10s, condition: {lte: 60}}\n";
  const limits = { maxHitsPerGroup: 40 };

  it("takes no hit beyond twice the cap while its window is open, and counts them", () => {
    const bench = new Bench(load(FEW), limits).feed(many(0, 95)).finish();
    expect(bench.engine.counters.hitsOverGroupCap).toBe(15);
    expect(bench.of("Few")).toEqual([]);
  });

  it("forgets windows that were judged, keeps what it said of them, and goes on", () => {
    const bench = new Bench(load(FEW), limits);
    for (let n = 0; n < 20; n++) bench.feed(many(n * 20, 30)).restart();
    bench.finish();
    expect(bench.of("Few").map(({ count }) => count)).toEqual(Array<number>(20).fill(30));
    expect([...bench.state.keys()].filter((key) => key.startsWith("hit|")).length).toBeLessThanOrEqual(70);
    expect(bench.engine.counters.lateHits).toBe(0);
  });
});

describe("a chain", () => {
  const INNER =
    "title: Inner\nname: inner\ncorrelation: {type: event_count, rules: [a], group-by: [who], timespan: 1m, condition: {gte: 3}}\n";
  const OUTER =
    "title: Outer\ncorrelation: {type: temporal_ordered, rules: [inner, b], group-by: [who], timespan: 5m}\n";
  const COUNT =
    "title: Outer\ncorrelation: {type: event_count, rules: [inner], group-by: [who], timespan: 5m, condition: {gte: 2}}\n";

  it("goes on with its finding when inner windows are forgotten by age, over restarts", () => {
    const ruleSet = load(INNER, COUNT);
    const through = new Bench(ruleSet, { latenessMicros: 120 * MICROS_PER_SECOND });
    const restarted = new Bench(ruleSet, { latenessMicros: 120 * MICROS_PER_SECOND });
    for (let minute = 0; minute < 40; minute++) {
      const batch = [0, 10, 20, 30].map((second) => event(minute * 60 + second, "a"));
      through.feed(batch);
      restarted.feed(batch).restart();
    }
    expect(through.of("Outer").map(({ count }) => count)).toEqual([160]);
    expect(restarted.of("Outer")).toEqual(through.of("Outer"));
    // Seven minutes of hits: the chain's timespans and the lateness; not forty.
    expect([...through.state.keys()].filter((key) => key.startsWith("hit|")).length).toBeLessThan(50);
  });

  it("does not rest on what its inner group has forgotten: a late last step finds nothing", () => {
    const bench = new Bench(load(INNER, OUTER), { latenessMicros: 120 * MICROS_PER_SECOND });
    bench.feed([0, 10, 20].map((second) => event(second, "a")));
    bench.feed([event(3_000, "a")]);
    bench.feed([event(60, "b")]);
    expect(bench.of("Outer")).toEqual([]);
    expect(
      bench
        .restart()
        .feed([event(70, "b")])
        .of("Outer"),
    ).toEqual([]);
  });

  it("stays within the cap of a group, counts what it forgets, and says the same after restarts", () => {
    const ruleSet = load(INNER, COUNT);
    const limits = { maxHitsPerGroup: 40 };
    const through = new Bench(ruleSet, limits);
    const restarted = new Bench(ruleSet, limits);
    for (let n = 0; n < 30; n++) {
      const batch = many(n, 10);
      through.feed(batch);
      restarted.feed(batch).restart();
    }
    expect(through.engine.counters.hitsOverGroupCap).toBeGreaterThan(200);
    expect(through.state.size).toBeLessThanOrEqual(42);
    // What stood on forgotten windows ends there, and another finding begins; triage joins them.
    expect(through.of("Outer").length).toBeGreaterThan(1);
    expect(through.of("Outer").length).toBeLessThan(300 / 10);
    expect(restarted.of("Outer")).toEqual(through.of("Outer"));
  });

  it("is given up with the inner group that all together left no room for", () => {
    const bench = new Bench(load(INNER, COUNT), { maxHits: 12 });
    for (let n = 0; n < 6; n++) {
      bench.feed([0, 1, 2, 3].map((second) => event(n * 10 + second, "a", { who: `w${n}` })));
    }
    expect(bench.engine.counters.groupsOverTotalCap).toBeGreaterThan(0);
    expect([...bench.state.keys()].filter((key) => key.startsWith("hit|")).length).toBeLessThanOrEqual(12);
    const before = [...bench.findings.values()];
    expect([...bench.restart().feed([]).findings.values()]).toEqual(before);
  });
});
