import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_HOUR, MICROS_PER_SECOND, sequence, sourceId } from "@tyto/domain";
import type { Event, Finding, FindingChange, FindingKey, OriginId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import type { RuleSet } from "../rule-set.ts";

const START = 1_770_000_000_000_000;
const NOW = micros(START + 72 * MICROS_PER_HOUR);
const SPAN = 10;
const ORIGIN = "00000000000000aa" as OriginId;
const LETTERS = ["a", "b", "c"] as const;

const base = (letter: string): string => `title: ${letter}
name: ${letter}
logsource: {category: test}
detection: {s: {kind|contains: ${letter}}, condition: s}
`;

function load(...correlations: readonly string[]): RuleSet {
  const text = [...LETTERS.map(base), ...correlations].join("---\n");
  const ruleSet = loadRuleSet([{ path: "rules.yml", text }]);
  const wrong = ruleSet.report.filter(({ status }) => status === "invalid" || status === "unsupported");
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong));
  return ruleSet;
}

const correlation = (name: string, type: string, rules: string, condition: string): string => `title: ${name}
name: ${name}
correlation: {type: ${type}, rules: [${rules}], group-by: [who], timespan: ${SPAN}s, condition: ${condition}}
`;

interface Sketch {
  readonly second: number;
  readonly kind: string;
  readonly value: number;
}

function eventOf({ second, kind, value }: Sketch, index: number): Event {
  const timestamp = micros(START + second * MICROS_PER_SECOND);
  return {
    id: eventId(ORIGIN, index + 1_000),
    sequence: sequence(index + 1),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "",
    fields: { "tyto.logsource.category": "test", kind, value, who: "x" },
    raw: new Uint8Array(),
  };
}

/** Whether a window's events meet a condition, as plainly as it can be said. */
type Meets = (window: readonly Sketch[]) => boolean;

const numbers = (window: readonly Sketch[]): number[] =>
  window.map(({ value }) => value).sort((x, y) => x - y);
const sum = (window: readonly Sketch[]): number => numbers(window).reduce((total, one) => total + one, 0);
const has = (window: readonly Sketch[], letter: string): boolean =>
  window.some(({ kind }) => kind.includes(letter));
const kinds = (window: readonly Sketch[]): number => LETTERS.filter((letter) => has(window, letter)).length;

/** Every way to give each step an event of its own, none earlier than the one before. */
function inOrder(
  window: readonly Sketch[],
  steps: readonly string[],
  after = -1,
  used: readonly Sketch[] = [],
): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  return window.some(
    (one) =>
      one.kind.includes(step) &&
      one.second >= after &&
      !used.includes(one) &&
      inOrder(window, rest, one.second, [...used, one]),
  );
}

const median = (window: readonly Sketch[]): number => {
  const all = numbers(window);
  const half = all.length / 2;
  return ((all[Math.ceil(half) - 1] ?? 0) + (all[Math.floor(half)] ?? 0)) / 2;
};
const percentile = (window: readonly Sketch[]): number => {
  const all = numbers(window);
  return all.find((one) => all.filter((other) => other <= one).length >= 0.75 * all.length) ?? 0;
};

const OPEN: readonly (readonly [name: string, type: string, condition: string, meets: Meets])[] = [
  ["events", "event_count", "{gte: 3}", (w) => w.length >= 3],
  ["values", "value_count", "{gt: 2, field: value}", (w) => new Set(numbers(w)).size > 2],
  ["sum", "value_sum", "{gte: 6, field: value}", (w) => sum(w) >= 6],
  ["mean", "value_avg", "{gte: 2, field: value}", (w) => sum(w) / w.length >= 2],
  ["median", "value_median", "{gt: 1, field: value}", (w) => median(w) > 1],
  ["percentile", "value_percentile", "{gte: 3, field: value, percentile: 75}", (w) => percentile(w) >= 3],
  ["together", "temporal", "null", (w) => kinds(w) === 3],
  ["two of them", "temporal", "{gte: 2}", (w) => kinds(w) >= 2],
  ["expression", "temporal", "a and (b or c)", (w) => has(w, "a") && (has(w, "b") || has(w, "c"))],
  ["order", "temporal_ordered", "null", (w) => inOrder(w, ["a", "b", "c"])],
  [
    "two in order",
    "temporal_ordered",
    "{gte: 2}",
    (w) =>
      [
        ["a", "b"],
        ["a", "c"],
        ["b", "c"],
      ].some((steps) => inOrder(w, steps)),
  ],
  [
    "ordered expression",
    "temporal_ordered",
    "b and (a or c)",
    (w) => inOrder(w, ["a", "b"]) || inOrder(w, ["b", "c"]),
  ],
];

const CLOSED: typeof OPEN = [
  ["few events", "event_count", "{lte: 2}", (w) => w.length <= 2],
  ["just three", "event_count", "{eq: 3}", (w) => w.length === 3],
  ["not one", "event_count", "{neq: 1}", (w) => w.length !== 1],
  ["a range", "event_count", "{gte: 2, lt: 4}", (w) => w.length >= 2 && w.length < 4],
  ["one value", "value_count", "{lt: 2, field: value}", (w) => new Set(numbers(w)).size < 2],
  ["small sum", "value_sum", "{lt: 3, field: value}", (w) => sum(w) < 3],
  ["low mean", "value_avg", "{lte: 0, field: value}", (w) => sum(w) / w.length <= 0],
  ["a without b", "temporal", "a and not b", (w) => has(w, "a") && !has(w, "b")],
  ["one kind", "temporal", "{eq: 1}", (w) => kinds(w) === 1],
  ["a, c, no b", "temporal_ordered", "a and c and not b", (w) => inOrder(w, ["a", "c"]) && !has(w, "b")],
];

type Placed = Sketch & { readonly index: number };

function sorted(sketches: readonly Sketch[]): readonly Placed[] {
  return sketches
    .map((one, index) => ({ ...one, index }))
    .filter(({ kind }) => kind !== "")
    .sort((x, y) => x.second - y.second || x.index - y.index);
}

/** 0006, written down slowly: which events each finding holds. */
function episodesByDefinition(sketches: readonly Sketch[], meets: Meets): readonly string[] {
  const hits = sorted(sketches);
  let sets: Set<number>[] = [];
  for (const { second } of hits) {
    const window = hits.filter((one) => one.second > second - SPAN && one.second <= second);
    if (!meets(window)) continue;
    const covered = new Set(window.map(({ index }) => index));
    for (const other of sets.filter((one) => [...one].some((index) => covered.has(index)))) {
      for (const index of other) covered.add(index);
    }
    sets = [...sets.filter((one) => ![...one].some((index) => covered.has(index))), covered];
  }
  return sets.map((one) => [...one].sort((x, y) => x - y).join(" ")).sort();
}

function windowsByDefinition(sketches: readonly Sketch[], meets: Meets): readonly string[] {
  let rest = sorted(sketches);
  const found: string[] = [];
  for (let first = rest[0]; first !== undefined; first = rest[0]) {
    const end = first.second + SPAN;
    const window = rest.filter(({ second }) => second < end);
    rest = rest.filter(({ second }) => second >= end);
    if (meets(window))
      found.push(
        window
          .map(({ index }) => index)
          .sort((x, y) => x - y)
          .join(" "),
      );
  }
  return found.sort();
}

interface Delivery {
  readonly seed: readonly number[];
  readonly batch: number;
  readonly restart: number;
}

const ORDERED: Delivery = { seed: [1], batch: 1_000, restart: 0 };

function take(findings: Map<FindingKey, Finding>, changes: readonly FindingChange[]): void {
  for (const change of changes) {
    if (change.kind === "upsert") {
      // A rule that no correlation names raises findings of its own, at every sight of its event.
      if (change.finding.key.includes("||")) continue;
      expect(change.finding.version).toBe((findings.get(change.finding.key)?.version ?? 0) + 1);
      findings.set(change.finding.key, change.finding);
      continue;
    }
    if (change.kind === "supersede") expect(findings.has(change.into)).toBe(true);
    expect(findings.delete(change.key)).toBe(true);
  }
}

function deliver(
  ruleSet: RuleSet,
  sketches: readonly Sketch[],
  { seed, batch, restart }: Delivery,
): readonly Finding[] {
  const events = sketches.map(eventOf);
  const twice = events.filter((_, index) => (seed[index % seed.length] ?? 0) % 4 === 0);
  const order = [...events, ...twice]
    .map((event, index) => ({ event, rank: seed[(index * 7) % seed.length] ?? 0, index }))
    .sort((x, y) => x.rank - y.rank || x.index - y.index)
    .map(({ event }) => event);
  const findings = new Map<FindingKey, Finding>();
  const state = new Map<string, string>();
  let engine = createDetectionEngine(ruleSet);
  for (let at = 0, n = 1; at < order.length; at += batch, n++) {
    const output = engine.process(order.slice(at, at + batch), NOW);
    take(findings, output.changes);
    for (const entry of output.state) {
      if (entry.kind === "put") state.set(entry.key, entry.value);
      else state.delete(entry.key);
    }
    if (restart === 0 || n % restart !== 0) continue;
    const before = engine.snapshot();
    engine = createDetectionEngine(ruleSet);
    // By turns from what was made durable and from what a reload hands over.
    engine.restore(n % 2 === 0 ? before : [...state].map(([key, value]) => ({ key, value })).reverse());
  }
  take(findings, engine.finish(NOW).changes);
  return [...findings.values()];
}

const ordinals = ({ evidence }: Finding): string =>
  evidence
    .map(({ id }) => Number(id.split("-")[1]) - 1_000)
    .sort((x, y) => x - y)
    .join(" ");
const visible = (findings: readonly Finding[]): readonly string[] =>
  findings.map((finding) => JSON.stringify({ ...finding, version: 0 })).sort();

const sketchesArbitrary = fc.array(
  fc.record({
    second: fc.integer({ min: 0, max: 60 }),
    kind: fc.constantFrom("a", "a", "b", "b", "c", "c", "ab", "bc", ""),
    value: fc.integer({ min: -2, max: 5 }),
  }),
  { minLength: 1, maxLength: 22 },
);
const deliveryArbitrary = fc.record({
  seed: fc.array(fc.nat(1_000), { minLength: 45, maxLength: 45 }),
  batch: fc.integer({ min: 1, max: 8 }),
  restart: fc.integer({ min: 0, max: 3 }),
});

function check(
  ruleSet: RuleSet,
  expected: (sketches: readonly Sketch[]) => readonly string[],
  numRuns = 60,
): void {
  fc.assert(
    fc.property(sketchesArbitrary, deliveryArbitrary, (sketches, delivery) => {
      const ordered = deliver(ruleSet, sketches, ORDERED);
      expect(ordered.map(ordinals).sort()).toEqual(expected(sketches));
      expect(visible(deliver(ruleSet, sketches, delivery))).toEqual(visible(ordered));
    }),
    { numRuns },
  );
}

describe("every type, in any order, batches, doubled and restarted, finds what its definition says", () => {
  it.each(OPEN)("%s (%s %s)", (name, type, condition, meets) => {
    check(load(correlation(name, type, "a, b, c", condition)), (all) => episodesByDefinition(all, meets));
  });

  it.each(CLOSED)("%s (%s %s)", (name, type, condition, meets) => {
    check(load(correlation(name, type, "a, b, c", condition)), (all) => windowsByDefinition(all, meets));
  });
});

describe("chains find the same in any order, batches, doubled and restarted", () => {
  it.each([
    [
      "counts, then b",
      correlation("inner", "event_count", "a", "{gte: 2}"),
      "temporal_ordered",
      "inner, b",
      "null",
    ],
    [
      "means and c",
      correlation("inner", "value_avg", "a, b", "{gte: 2, field: value}"),
      "temporal",
      "inner, c",
      "null",
    ],
    [
      "closed windows",
      correlation("inner", "event_count", "a", "{lte: 2}"),
      "event_count",
      "inner, b",
      "{gte: 2}",
    ],
    [
      "closed over closed",
      correlation("inner", "event_count", "a", "{eq: 2}"),
      "temporal",
      "inner, b",
      "inner and not b",
    ],
    [
      "three deep",
      [
        correlation("lowest", "event_count", "a", "{gte: 2}"),
        correlation("inner", "temporal", "lowest, b", "null"),
      ].join("---\n"),
      "temporal_ordered",
      "inner, c",
      "null",
    ],
  ])("%s", (_name, inner, type, rules, condition) => {
    const ruleSet = load(inner, correlation("outer", type, rules, condition));
    fc.assert(
      fc.property(sketchesArbitrary, deliveryArbitrary, (sketches, delivery) => {
        const ordered = deliver(ruleSet, sketches, ORDERED);
        expect(visible(deliver(ruleSet, sketches, delivery))).toEqual(visible(ordered));
      }),
      { numRuns: 80 },
    );
  });
});
