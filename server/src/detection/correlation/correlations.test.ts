import { describe, expect, it } from "vitest";
import {
  eventId,
  micros,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  sequence,
  sourceId,
} from "@tyto/domain";
import type { Event, EventFields, Finding, FindingKey, Micros, OriginId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import type { SigmaEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import type { CorrelationLimits } from "./retained-groups.ts";

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
level: high
tags: [attack.t1110]
correlation:
  type: event_count
  rules: [failure]
  group-by: [source.ip]
  timespan: 5m
  condition: {gt: 2}
tyto:
  cause: brute-force
  sentence: "{source.ip} failed to log in {count}[ as {user.name}][ on {host.name}]"
`;
const START = 1_770_000_000_000_000;
const NOW = (START + 400 * MICROS_PER_DAY) as Micros;
const ruleSet = loadRuleSet([{ path: "rules.yml", text: RULES }]);
let ordinal = 0;

function failure(at: number, fields: EventFields = {}): Event {
  const timestamp = micros(START + at);
  return {
    id: eventId("00000000000000aa" as OriginId, ordinal),
    sequence: sequence(++ordinal),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "linux-auth/sshd",
    fields: {
      "event.category": ["authentication"],
      "event.outcome": "failure",
      "source.ip": "192.0.2.1",
      ...fields,
    },
    raw: new Uint8Array(),
  };
}

/** An engine with what it said and what it must keep. */
class Bench {
  readonly findings = new Map<FindingKey, Finding>();
  readonly state = new Map<string, string>();
  readonly engine: SigmaEngine;

  constructor(limits: Partial<CorrelationLimits> = {}) {
    this.engine = createDetectionEngine(ruleSet, { limits });
  }

  feed(events: readonly Event[], now = NOW): this {
    const { changes, state } = this.engine.process(events, now);
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

  restarted(limits: Partial<CorrelationLimits> = {}): Bench {
    const next = new Bench(limits);
    next.engine.restore([...this.state].map(([key, value]) => ({ key, value })));
    for (const [key, value] of this.state) next.state.set(key, value);
    for (const [key, value] of this.findings) next.findings.set(key, value);
    return next;
  }

  only(): Finding {
    expect(this.findings.size).toBe(1);
    return [...this.findings.values()][0] as Finding;
  }
}

describe("a finding of a count", () => {
  it("says who did what, how often, as whom and where", () => {
    const events = ["root", "root", "admin", "Ana", "ben"].map((user, n) =>
      failure(n * 30 * MICROS_PER_SECOND, {
        "user.name": user,
        "host.name": n % 2 === 0 ? "web-01" : "web-02",
      }),
    );
    const finding = new Bench().feed(events).only();
    expect(finding.sentence).toBe(
      "**192.0.2.1** failed to log in **5 times** in 2 minutes as **root**, **admin** and 2 others on **web-01** and **web-02**",
    );
    expect(finding.group).toEqual([{ type: "ip", value: "192.0.2.1" }]);
    expect(finding.entities).toContainEqual({ type: "user", value: "ana" });
    expect(finding.rule).toMatchObject({ title: "Many failures", level: "high", cause: "brute-force" });
    expect(finding.evidence.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(finding).toMatchObject({ version: 1, count: 5, firstSeen: START, matched: [] });
  });

  it("is amended by each batch that adds to it, and is not told again when nothing was added", () => {
    const bench = new Bench();
    const first = [0, 1, 2].map((n) => failure(n * MICROS_PER_SECOND));
    expect(bench.feed(first).only().version).toBe(1);
    expect(bench.feed([failure(3 * MICROS_PER_SECOND)]).only()).toMatchObject({ version: 2, count: 4 });
    expect(bench.engine.process(first, NOW)).toEqual({ changes: [], state: [] });
  });

  it("keeps its version over a restart", () => {
    const bench = new Bench().feed([0, 1, 2].map((n) => failure(n)));
    bench.feed([failure(4)]);
    expect(
      bench
        .restarted()
        .feed([failure(5)])
        .only(),
    ).toMatchObject({ version: 3, count: 5 });
  });

  it("is not raised by the counted rule itself", () => {
    expect(new Bench().feed([failure(0)]).findings.size).toBe(0);
  });

  it("treats addresses of one machine as one group", () => {
    const events = ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:0201"].map((ip, n) =>
      failure(n, { "source.ip": ip }),
    );
    expect(new Bench().feed(events).only().group).toEqual([{ type: "ip", value: "192.0.2.1" }]);
  });

  it("supersedes the findings that a late hit joins, after upserting what they became", () => {
    const bench = new Bench();
    bench.feed([0, 1, 2, 400, 401, 402].map((second) => failure(second * MICROS_PER_SECOND)));
    const [early, late] = [...bench.findings.keys()];
    const joining = [150, 151, 299].map((second) => failure(second * MICROS_PER_SECOND));
    const { changes } = bench.engine.process(joining, NOW);
    expect(changes.map((change) => (change.kind === "upsert" ? change.finding.key : change))).toEqual([
      early,
      { kind: "supersede", key: late, into: early },
    ]);
  });
});

describe("the lateness horizon", () => {
  it("drops and counts what comes more than a day behind its group", () => {
    const bench = new Bench().feed([failure(2 * MICROS_PER_DAY)]);
    bench.feed([0, 1, 2].map((n) => failure(n)));
    expect(bench.findings.size).toBe(0);
    expect(bench.engine.counters.lateHits).toBe(3);
  });

  it("belongs to each group: an old file of another address is still read", () => {
    const bench = new Bench().feed([failure(10 * MICROS_PER_DAY)]);
    bench.feed([0, 1, 2].map((n) => failure(n, { "source.ip": "198.51.100.7" })));
    expect(bench.findings.size).toBe(1);
  });

  it("is not moved by stamps from the future", () => {
    const now = micros(START + MICROS_PER_HOUR);
    const bench = new Bench().feed([failure(90 * MICROS_PER_DAY)], now);
    bench.feed(
      [1, 2, 3].map((n) => failure(n * MICROS_PER_SECOND)),
      now,
    );
    expect(bench.findings.size).toBe(1);
    expect(bench.engine.counters).toMatchObject({ futureHits: 1, lateHits: 0 });
  });

  it("forgets groups that saw nothing while event time moved on", () => {
    const bench = new Bench().feed([0, 1, 2].map((n) => failure(n)));
    expect([...bench.state.keys()].filter((key) => key.startsWith("hit|"))).toHaveLength(3);
    bench.feed([failure(2 * MICROS_PER_DAY, { "event.outcome": "success" })]);
    expect(bench.state.size).toBe(0);
  });

  it("goes on with one finding through an attack of several days", () => {
    const bench = new Bench();
    const hours = Array.from({ length: 72 * 60 }, (_, minute) => failure(minute * MICROS_PER_MINUTE));
    for (let at = 0; at < hours.length; at += 60) bench.feed(hours.slice(at, at + 60));
    expect(bench.only()).toMatchObject({ count: 72 * 60, firstSeen: START });
    expect(bench.state.size).toBeLessThan(26 * 60);
    expect(
      bench
        .restarted()
        .feed([failure(72 * MICROS_PER_HOUR)])
        .only().count,
    ).toBe(72 * 60 + 1);
  });
});

describe("bounds", () => {
  it("forgets the oldest hits of a full group, counts them, and goes on with the same finding", () => {
    const bench = new Bench({ maxHitsPerGroup: 100 });
    for (let n = 0; n < 50; n++) {
      bench.feed(Array.from({ length: 20 }, (_, m) => failure((n * 20 + m) * 100_000)));
    }
    expect(bench.only().count).toBe(1_000);
    expect(bench.engine.counters.hitsOverGroupCap).toBeGreaterThan(800);
    expect(bench.state.size).toBeLessThanOrEqual(101);
  });

  it("says the same after a restart of a full group", () => {
    const limits = { maxHitsPerGroup: 40 };
    const events = Array.from({ length: 300 }, (_, n) => failure(n * 100_000, { "user.name": `u${n % 5}` }));
    const through = new Bench(limits);
    let restarted = new Bench(limits);
    for (let at = 0; at < events.length; at += 10) {
      through.feed(events.slice(at, at + 10));
      restarted = restarted.feed(events.slice(at, at + 10)).restarted(limits);
    }
    expect(restarted.only()).toEqual(through.only());
  });

  it("gives up the groups touched longest ago when all together hold too much", () => {
    const bench = new Bench({ maxHits: 10 });
    for (let n = 0; n < 30; n++) bench.feed([failure(n, { "source.ip": `192.0.2.${n}` })]);
    expect(bench.engine.counters.groupsOverTotalCap).toBe(20);
    expect(bench.state.size).toBe(10);
  });

  it("keeps separators, control characters and lone surrogates out of keys", () => {
    const rules = RULES.replace("group-by: [source.ip]", "group-by: [user.name]");
    const engine = createDetectionEngine(loadRuleSet([{ path: "rules.yml", text: rules }]));
    const name = "a|b=c&d%\u0000\ud800";
    const output = engine.process(
      [0, 1, 2].map((n) => failure(n, { "user.name": name })),
      NOW,
    );
    const [change] = output.changes;
    const key = change?.kind === "upsert" ? change.finding.key : "";
    // Who it is about cannot be read from the finding's key; the state's keys go when the state does.
    expect(key).toMatch(/^[^|]+\|[0-9a-f]{32}\|[^|]+$/);
    expect(output.state.some((entry) => entry.key.includes("user.name=a%7Cb%3Dc%26d%25%00\ufffd"))).toBe(
      true,
    );
    expect(change?.kind === "upsert" && change.finding.group[0]?.value).toBe("a|b=c&d%\u0000\ufffd");
  });
});

describe("a finding's key", () => {
  const events = [0, 1, 2].map((n) => failure(n));
  const keyUnder = (keySecret: string): string => {
    const engine = createDetectionEngine(ruleSet, { keySecret });
    const [change] = engine.process(events, NOW).changes;
    return change?.kind === "upsert" ? change.finding.key : "";
  };

  it("is the same under the same secret, and tells nothing to those who lack it", () => {
    expect(keyUnder("one")).toBe(keyUnder("one"));
    expect(keyUnder("one")).not.toBe(keyUnder("another"));
  });
});

describe("restored state", () => {
  it("deletes what belongs to no rule or cannot be read", () => {
    const engine = createDetectionEngine(ruleSet);
    engine.restore([
      { key: "hit|gone|source.ip=192.0.2.1|1|x-1", value: "{}" },
      { key: "hit|22222222-2222-4222-8222-222222222222|source.ip=192.0.2.1|1|x-1", value: "not json" },
      { key: "something else", value: "" },
    ]);
    const { state } = engine.process([], NOW);
    expect(state.map((entry) => entry.kind)).toEqual(["delete", "delete", "delete"]);
  });
});
