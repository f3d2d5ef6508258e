/** What an event is to a correlation: hits, groups, windows, orders, lateness. */
import { describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_DAY, MICROS_PER_MINUTE, sequence, sourceId } from "@tyto/domain";
import type { CorrelationExplanation, Event, FieldValue, OriginId, RuleId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import type { SigmaEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import type { RuleSet } from "../rule-set.ts";
import { explainRule } from "./explain-rule.ts";

const START = Date.UTC(2026, 2, 10) * 1_000;
const NOW = micros(START + 300 * MICROS_PER_DAY);

function rule(name: string, field: string): string {
  return `title: ${name}\nid: ${name}\nlogsource: {product: linux}\ndetection: {sel: {A: ${field}}, condition: sel}\n`;
}

function correlation(body: string, id = "count"): string {
  return `title: T ${id}\nid: ${id}\ncorrelation: {${body}}\n`;
}

let place = 0;
function event(
  a: string,
  minute: number,
  more: Readonly<Record<string, FieldValue>> = { user: "ana" },
): Event {
  const timestamp = micros(START + minute * MICROS_PER_MINUTE);
  return {
    id: eventId("00000000000000aa" as OriginId, ++place),
    sequence: sequence(place),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "linux-auth",
    fields: { A: a, ...more },
    raw: new Uint8Array(0),
  };
}

interface Run {
  readonly ruleSet: RuleSet;
  readonly engine: SigmaEngine;
}

function run(documents: readonly string[], events: readonly Event[], isEnd = false): Run {
  const ruleSet = loadRuleSet([{ path: "r.yml", text: documents.join("---\n") }]);
  expect(ruleSet.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const engine = createDetectionEngine(ruleSet);
  for (const one of events) engine.process([one], NOW);
  if (isEnd) engine.finish(NOW);
  return { ruleSet, engine };
}

function explain({ ruleSet, engine }: Run, one: Event, id = "count"): CorrelationExplanation {
  const explanation = explainRule({
    ruleSet,
    rule: id as RuleId,
    event: one,
    stateOf: (inner) => engine.inspect(inner),
  });
  if (explanation?.kind !== "correlation") throw new Error("a correlation was expected");
  return explanation;
}

const COUNT = [
  rule("fail", "fail"),
  correlation("type: event_count, rules: [fail], group-by: [user], timespan: 5m, condition: {gte: 3}"),
];

describe("a count, explained", () => {
  const [a, b, c, other] = [event("fail", 0), event("fail", 1), event("fail", 2), event("fail", 60)];
  const done = run(COUNT, [a, b, c, other]);

  it("shows the window of a finding, and its key", () => {
    const { isMatch, asks, groups, members } = explain(done, a);
    expect([isMatch, asks]).toEqual([true, "event_count gte 3 within 5m by user"]);
    expect(members.map((one) => [one.rule.title, one.isMatch])).toEqual([["fail", true]]);
    expect(groups).toMatchObject([
      {
        group: [{ field: "user", value: "ana" }],
        role: "counted",
        hits: 4,
        isMatch: true,
        window: {
          hits: 3,
          measured: 3,
          isMet: true,
          from: "2026-03-10T00:00:00.000Z",
          to: "2026-03-10T00:02:00.000Z",
        },
      },
    ]);
    expect(groups[0]?.finding).toMatch(/^count\|/);
  });

  it("measures what is too few against the bound", () => {
    const { isMatch, reason, groups } = explain(done, other);
    expect([isMatch, groups[0]?.finding]).toEqual([false, null]);
    expect(reason).toBe("1 occurrences within 5m, and gte 3 is asked for");
  });

  it("says that an event matches none of its rules, and why", () => {
    expect(explain(done, event("other", 1)).reason).toBe(
      'None of its rules matches the event. fail: sel: A equals "fail" is false: the event has "other"',
    );
  });

  it("names the field that the event cannot be grouped by", () => {
    const one = event("fail", 1, {});
    expect(explain(done, one)).toMatchObject({ isMatch: false, groups: [], missing: [{ field: "user" }] });
    expect(explain(done, one).reason).toMatch(
      /no usable user, which the correlation groups by \(looked for as .*user/,
    );
  });

  it("says that an event came too late, that it was not seen, and that it stands for nothing", () => {
    const newest = event("fail", 3_000);
    const late = event("fail", 100);
    const after = run(COUNT, [a, newest, late]);
    expect(explain(after, late)).toMatchObject({ isMatch: false, groups: [{ role: "late" }] });
    expect(explain(after, late).reason).toBe(
      "It came more than 1d behind the newest hit of its group, and is not counted",
    );
    expect(explain(done, event("fail", 61))).toMatchObject({
      groups: [{ role: "unseen" }],
      reason:
        "The engine has not counted it. Around its time: 1 occurrences within 5m, and gte 3 is asked for",
    });
    expect(explain(done, event("fail", 1, { user: "ana", "tyto.occurrences": 0 })).reason).toMatch(
      /nought occurrences/,
    );
  });

  it("changes nothing of what it looks at", () => {
    const before = JSON.stringify(done.engine.snapshot());
    explain(done, b);
    expect(JSON.stringify(done.engine.snapshot())).toBe(before);
    expect(done.engine.process([], NOW).changes).toEqual([]);
  });
});

describe("other types, explained", () => {
  const ORDER = [
    rule("login", "login"),
    rule("scan", "scan"),
    rule("inject", "inject"),
    correlation("type: temporal_ordered, rules: [login, scan, inject], group-by: [user], timespan: 10m"),
  ];

  it("shows the steps of an order and the first that is missing", () => {
    const first = event("login", 0);
    const { reason, groups } = explain(run(ORDER, [first, event("inject", 1), event("scan", 2)]), first);
    expect(groups[0]?.steps).toEqual([
      { rule: "login", hits: 1, isSeen: true },
      { rule: "scan", hits: 1, isSeen: true },
      { rule: "inject", hits: 1, isSeen: false },
    ]);
    expect(reason).toBe(
      '2 rules seen in order within 10m, and gte 3 is asked for: "inject" comes, but not after the steps before it',
    );
  });

  it("tells distinct values, sums and absent numbers", () => {
    const distinct = correlation(
      "type: value_count, rules: [fail], timespan: 5m, condition: {gte: 3, field: user}",
    );
    const events = ["ana", "ben", "ana"].map((user, minute) => event("fail", minute, { user }));
    const one = events[1] ?? event("fail", 0);
    expect(explain(run([rule("fail", "fail"), distinct], events), one).reason).toBe(
      "2 distinct values of user within 5m, and gte 3 of user is asked for",
    );
    const sum = correlation(
      "type: value_sum, rules: [fail], timespan: 5m, condition: {gte: 10, field: size}",
    );
    const [big, none] = [event("fail", 0, { size: 7 }), event("fail", 1, { size: "x" })];
    const summed = run([rule("fail", "fail"), sum], [big, none]);
    expect(explain(summed, big).groups[0]?.window?.measured).toBe(7);
    expect(explain(summed, none).missing.map(({ field }) => field)).toEqual(["size"]);
  });

  it("says that a window is still open, and judges it once it is closed", () => {
    const few = correlation(
      "type: event_count, rules: [fail], group-by: [user], timespan: 5m, condition: {lt: 3}",
    );
    const one = event("fail", 0);
    const open = explain(run([rule("fail", "fail"), few], [one]), one);
    expect(open).toMatchObject({ isMatch: false, groups: [{ window: { isMet: true, isClosed: false } }] });
    expect(open.reason).toMatch(/the window is open until 2026-03-10T00:05:00.000Z and is judged then$/);
    expect(explain(run([rule("fail", "fail"), few], [one], true), one).isMatch).toBe(true);
  });

  it("follows a chain: the event of an inner correlation is in the outer one's group", () => {
    const outer = correlation(
      "type: temporal, rules: [count, scan], group-by: [user], timespan: 1h",
      "chain",
    );
    const fails = [0, 1, 2].map((minute) => event("fail", minute));
    const scan = event("scan", 10);
    const documents = [...COUNT, rule("scan", "scan"), outer];
    const done = run(documents, [...fails, scan]);
    for (const one of [...fails, scan])
      expect([one.fields["A"], explain(done, one, "chain").isMatch]).toEqual([one.fields["A"], true]);
    expect(explain(done, scan, "chain").members.map(({ kind, isMatch }) => [kind, isMatch])).toEqual([
      ["correlation", false],
      ["event", true],
    ]);
    const without = explain(run(documents, fails), fails[0] ?? scan, "chain");
    expect(without.reason).toMatch(/"scan" is missing$/);
  });
});
