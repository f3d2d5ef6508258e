import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_HOUR, MICROS_PER_MINUTE, sequence, sourceId } from "@tyto/domain";
import type { Event, EventId, Finding, FindingChange, FindingKey, Micros, OriginId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";

const RULES = `
title: Failure
id: 11111111-1111-4111-8111-111111111111
name: failure
logsource: {category: authentication}
detection:
  selection: {event.outcome: failure}
  condition: selection
---
title: Many failures
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [failure]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 4}
`;
const SPAN = 5 * MICROS_PER_MINUTE;
const AT_LEAST = 4;
const START = 1_770_000_000_000_000;
const NOW = (START + 72 * MICROS_PER_HOUR) as Micros;
const ORIGIN = "00000000000000aa" as OriginId;
const ruleSet = loadRuleSet([{ path: "rules.yml", text: RULES }]);

interface Sketch {
  readonly minute: number;
  readonly ip: number;
  readonly occurrences: number;
}

function eventOf({ minute, ip, occurrences }: Sketch, index: number): Event {
  const timestamp = micros(START + minute * MICROS_PER_MINUTE);
  return {
    id: eventId(ORIGIN, index),
    sequence: sequence(index + 1),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "linux-auth/sshd",
    fields: {
      "event.category": ["authentication"],
      "event.outcome": "failure",
      "source.ip": `192.0.2.${ip}`,
      "user.name": `user-${index % 7}`,
      ...(occurrences === 1 ? {} : { "tyto.occurrences": occurrences }),
    },
    raw: new Uint8Array(),
  };
}

/** Bursts within eighteen hours: closer together than the lateness horizon, close enough to touch, merge and fall apart. */
const eventsArbitrary = fc
  .array(
    fc.record({
      burst: fc.integer({ min: 0, max: 5 }),
      offset: fc.integer({ min: 0, max: 14 }),
      ip: fc.integer({ min: 1, max: 2 }),
      occurrences: fc.constantFrom(1, 1, 1, 1, 0, 2),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((sketches) =>
    sketches.map(({ burst, offset, ip, occurrences }, index) =>
      eventOf({ minute: burst * 200 + offset, ip, occurrences }, index),
    ),
  );

/** The definition, written down as slowly and plainly as possible. */
function episodesByDefinition(events: readonly Event[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const ip of ["192.0.2.1", "192.0.2.2"]) {
    const hits = events
      .filter((event) => event.fields["source.ip"] === ip && event.fields["tyto.occurrences"] !== 0)
      .sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
    const weight = (event: Event): number => Number(event.fields["tyto.occurrences"] ?? 1);
    const parent = new Map<EventId, EventId>(hits.map((hit) => [hit.id, hit.id]));
    const rootOf = (id: EventId): EventId => (parent.get(id) === id ? id : rootOf(parent.get(id) ?? id));
    const covered = new Set<EventId>();
    for (const hot of hits) {
      const window = hits.filter(
        (hit) => hit.timestamp > hot.timestamp - SPAN && hit.timestamp <= hot.timestamp,
      );
      if (window.reduce((sum, hit) => sum + weight(hit), 0) < AT_LEAST) continue;
      for (const hit of window) {
        covered.add(hit.id);
        parent.set(rootOf(hit.id), rootOf(hot.id));
      }
    }
    for (const root of new Set([...covered].map(rootOf))) {
      const members = hits.filter((hit) => covered.has(hit.id) && rootOf(hit.id) === root);
      const first = members[0];
      const count = members.reduce((sum, hit) => sum + weight(hit), 0);
      found.add(`${ip} ${first?.timestamp ?? 0}-${first?.id ?? ""} ${count}`);
    }
  }
  return found;
}

/** What stands after all changes, as triage would see it: every promise about changes is checked on the way. */
class Reader {
  readonly findings = new Map<FindingKey, Finding>();

  take(changes: readonly FindingChange[]): void {
    for (const change of changes) {
      if (change.kind === "upsert") {
        const before = this.findings.get(change.finding.key);
        expect(change.finding.version).toBe((before?.version ?? 0) + 1);
        this.findings.set(change.finding.key, change.finding);
      } else {
        if (change.kind === "supersede") expect(this.findings.has(change.into)).toBe(true);
        expect(this.findings.delete(change.key)).toBe(true);
      }
    }
  }

  /** Without versions: how often a finding was amended depends on how its events were split into batches. */
  visible(): readonly string[] {
    return [...this.findings.values()].map((finding) => JSON.stringify({ ...finding, version: 0 })).sort();
  }

  summary(): ReadonlySet<string> {
    return new Set(
      [...this.findings.values()].map(
        ({ key, group, count }) => `${group[0]?.value ?? ""} ${key.split("|")[2] ?? ""} ${count}`,
      ),
    );
  }
}

interface Delivery {
  readonly seed: readonly number[];
  readonly batch: number;
  /** A restart after every so many batches; 0 = none. */
  readonly restart: number;
}

function deliver(events: readonly Event[], { seed, batch, restart }: Delivery): Reader {
  // Duplicates: some events come twice, far apart.
  const twice = events.filter((_, index) => (seed[index % seed.length] ?? 0) % 4 === 0);
  const order = [...events, ...twice]
    .map((event, index) => ({ event, rank: seed[(index * 7) % seed.length] ?? 0, index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ event }) => event);
  const reader = new Reader();
  const state = new Map<string, string>();
  let engine = createDetectionEngine(ruleSet);
  for (let at = 0, n = 1; at < order.length; at += batch, n++) {
    const output = engine.process(order.slice(at, at + batch), NOW);
    reader.take(output.changes);
    for (const entry of output.state) {
      if (entry.kind === "put") state.set(entry.key, entry.value);
      else state.delete(entry.key);
    }
    if (restart === 0 || n % restart !== 0) continue;
    engine = createDetectionEngine(ruleSet);
    engine.restore([...state].map(([key, value]) => ({ key, value })).reverse());
  }
  return reader;
}

const deliveryArbitrary = fc.record({
  seed: fc.array(fc.nat(1_000), { minLength: 61, maxLength: 61 }),
  batch: fc.integer({ min: 1, max: 20 }),
  restart: fc.integer({ min: 0, max: 3 }),
});

describe("counting by event time", () => {
  it("finds what the definition says", () => {
    fc.assert(
      fc.property(eventsArbitrary, (events) => {
        const reader = deliver(events, { seed: [1], batch: 1_000, restart: 0 });
        expect(reader.summary()).toEqual(episodesByDefinition(events));
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same findings for any order, any batches, duplicates and restarts", () => {
    fc.assert(
      fc.property(eventsArbitrary, deliveryArbitrary, (events, delivery) => {
        const ordered = deliver(events, { seed: [1], batch: 1_000, restart: 0 });
        expect(deliver(events, delivery).visible()).toEqual(ordered.visible());
      }),
      { numRuns: 500 },
    );
  });

  it("never takes an episode back when more hits come", () => {
    fc.assert(
      fc.property(eventsArbitrary, fc.nat(), (events, cut) => {
        const some = events.filter((_, index) => (index * 2_654_435_761 + cut) % 3 !== 0);
        const before = [...deliver(some, { seed: [1], batch: 1_000, restart: 0 }).findings.values()];
        const after = [...deliver(events, { seed: [1], batch: 1_000, restart: 0 }).findings.values()];
        for (const finding of before) {
          const ids = finding.evidence.map(({ id }) => id);
          const around = after.find(({ evidence }) => evidence.some(({ id }) => id === ids[0]));
          expect(around?.evidence.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
        }
      }),
      { numRuns: 200 },
    );
  });
});
