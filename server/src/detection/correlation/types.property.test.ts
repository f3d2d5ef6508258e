import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding, FindingChange, FindingKey } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import type { RuleSet } from "../rule-set.ts";
import {
  CHAINS,
  CLOSED,
  correlation,
  eventOf,
  load,
  NOW,
  OPEN,
  sketchesArbitrary,
  SPAN,
} from "../testing/correlation-sketches.ts";
import type { Meets, Sketch } from "../testing/correlation-sketches.ts";

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
  it.each(CHAINS)("%s", (_name, inner, type, rules, condition) => {
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
