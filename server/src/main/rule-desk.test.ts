/** Explaining and trying rules over HTTP, by a real engine. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId, ExplanationSchema, micros, RuleTestSchema, sequence, sourceId } from "@tyto/domain";
import type { ErrorBody, Event, Explanation, OriginId, RuleId, RuleTest } from "@tyto/domain";
import { Compile } from "typebox/compile";
import { bearer, startApi } from "../api/test/api-fixture.ts";
import type { ApiFixture } from "../api/test/api-fixture.ts";
import { createDetectionEngine, loadRuleSet } from "../detection/index.ts";
import { createRuleDesk } from "./rule-desk.ts";

const NOW = micros(Date.UTC(2026, 0, 15, 12) * 1_000);
const RULES = `title: Failure
id: fail
logsource: {category: authentication}
detection: {sel: {event.outcome: failure}, condition: sel}
tyto: {building-block: true}
---
title: Many failures
id: many
correlation: {type: event_count, rules: [fail], group-by: [source.ip], timespan: 5m, condition: {gte: 2}}
---
title: Broken
id: broken
logsource: {category: authentication}
detection: {sel: {A|foo: 1}, condition: sel}
`;
const CASES = `- name: two are one finding
  expect: 1
  events: [{times: 2, fields: {event.category: [authentication], event.outcome: failure, source.ip: 192.0.2.1}}]
- name: two of two addresses are none
  expect: 1
  events: [{fields: {event.category: [authentication], event.outcome: failure, source.ip: 192.0.2.1}}]
`;
const FIELDS = { "event.category": ["authentication"], "event.outcome": "failure", "source.ip": "192.0.2.1" };

function event(ordinal: number): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, ordinal),
    sequence: sequence(ordinal + 1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(NOW + ordinal),
    timeOrigin: "event",
    ingested: NOW,
    pack: "test",
    fields: FIELDS,
    raw: new Uint8Array(0),
  };
}

let fixture: ApiFixture;
const events = [event(1), event(2)];

beforeAll(async () => {
  const ruleSet = loadRuleSet([
    { path: "r.yml", text: RULES.replace(/---\ntitle: Broken[\s\S]*/, "") },
    { path: "broken.yml", text: RULES.replace(/[\s\S]*(?=title: Broken)/, "") },
    { path: "r.cases.yml", text: CASES },
  ]);
  // The second case is wrong on purpose: the rule does not load, and can be tried all the same.
  const running = loadRuleSet([{ path: "r.yml", text: RULES.replace(/---\ntitle: Broken[\s\S]*/, "") }]);
  const detection = createDetectionEngine(running);
  detection.process(events, NOW);
  const content = {
    ruleSet: {
      ...running,
      report: [...running.report, ...ruleSet.report.slice(2)],
      test: (id: RuleId) => ruleSet.test(id),
    },
    detection,
    namespaces: [],
  };
  fixture = await startApi({
    ruleDesk: createRuleDesk({
      content: () => content,
      events: { byIds: (ids) => Promise.resolve(events.filter(({ id }) => ids.includes(id))) },
      now: () => NOW,
      newId: () => "3f0c2f36-6f3e-4b59-9a5e-0f6d2f1c9a01",
    }),
  });
});
afterAll(() => fixture.close());

async function ask<T>(method: "GET" | "POST", url: string, payload?: object): Promise<readonly [number, T]> {
  const headers = bearer(fixture.tokens.read);
  const reply = await fixture.api.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return [reply.statusCode, reply.json<T>()];
}

const isExplanation = Compile(ExplanationSchema);
const isRuleTest = Compile(RuleTestSchema);

describe("explaining over HTTP", () => {
  it("explains a stored event by the running engine's state", async () => {
    const [status, body] = await ask<Explanation>("GET", `/api/v1/rules/many/explain?event=${event(1).id}`);
    expect([status, isExplanation.Check(body)]).toEqual([200, true]);
    expect(body).toMatchObject({
      kind: "correlation",
      isMatch: true,
      asks: "event_count gte 2 within 5m by source.ip",
      members: [{ kind: "event", isMatch: true, gate: { isOpen: true }, condition: { kind: "item" } }],
      groups: [{ role: "counted", hits: 2, window: { measured: 2 } }],
    });
  });

  it("explains fields that nobody has sent, and rules that nobody has loaded", async () => {
    const [, unseen] = await ask<Explanation>("POST", "/api/v1/rules/explain", {
      ruleId: "many",
      event: FIELDS,
    });
    expect(unseen).toMatchObject({ isMatch: false, groups: [{ role: "unseen" }] });
    const yaml = "title: Draft\nlogsource: {product: acme}\ndetection: {s: {A: 1}, condition: s}";
    const draft = { yaml, event: { A: 1 }, pack: "acme-x" };
    const [status, drafted] = await ask<Explanation>("POST", "/api/v1/rules/explain", draft);
    expect([status, isExplanation.Check(drafted), drafted.isMatch]).toEqual([200, true, true]);
    const [, elsewhere] = await ask<Explanation>("POST", "/api/v1/rules/explain", {
      ...draft,
      pack: "other",
    });
    expect(elsewhere).toMatchObject({ isMatch: false, gate: { isOpen: false } });
    const [, counted] = await ask<Explanation>("POST", "/api/v1/rules/explain", {
      yaml: RULES.replace(/---\ntitle: Broken[\s\S]*/, ""),
      event: FIELDS,
    });
    expect(counted).toMatchObject({
      isMatch: false,
      reason: "1 occurrences within 5m, and gte 2 is asked for",
    });
  });

  it.each([
    ["GET", "/api/v1/rules/mani/explain?event=x", undefined, 404, "There is no such event"],
    ["GET", "/api/v1/rules/many/explain", undefined, 400, "query.event is missing"],
    ["POST", "/api/v1/rules/explain", { ruleId: "mani", event: {} }, 404, "There is no such rule"],
    ["POST", "/api/v1/rules/explain", { event: {} }, 400, "Name a rule by ruleId, or give one as yaml"],
    [
      "POST",
      "/api/v1/rules/explain",
      { ruleId: "broken", event: {} },
      400,
      'The rule "Broken" does not run: it is invalid',
    ],
    ["POST", "/api/v1/rules/explain", { yaml: "title: [", event: {} }, 400, "rule.yml:1"],
    [
      "POST",
      "/api/v1/rules/explain",
      { ruleId: "many", event: { a: nested(40) } },
      400,
      "nested deeper than 32",
    ],
    ["POST", "/api/v1/rules/mani/test", undefined, 404, "There is no such rule"],
  ] as const)("%s %s with %j is refused", async (method, url, payload, status, message) => {
    const [code, { error }] = await ask<ErrorBody>(method, url, payload);
    expect([code, error.message]).toEqual([status, expect.stringContaining(message)]);
  });

  it("says which rule was meant", async () => {
    const [, { error }] = await ask<ErrorBody>("POST", "/api/v1/rules/explain", {
      ruleId: "mani",
      event: {},
    });
    expect(error.hint).toBe('did you mean "many"?');
  });
});

describe("a rule's cases over HTTP", () => {
  it("are run, and each says how it went", async () => {
    const [status, body] = await ask<RuleTest>("POST", "/api/v1/rules/many/test");
    expect([status, isRuleTest.Check(body)]).toEqual([200, true]);
    expect(body).toEqual({
      passed: 1,
      failed: 1,
      cases: [
        { name: "two are one finding", passed: true, failure: null },
        {
          name: "two of two addresses are none",
          passed: false,
          failure: "as listed: 0 findings instead of 1",
        },
      ],
      problems: [],
    });
  });

  it("are none for a rule that has none", async () => {
    const [, body] = await ask<RuleTest>("POST", "/api/v1/rules/fail/test");
    expect(body).toEqual({ passed: 0, failed: 0, cases: [], problems: [] });
  });
});

function nested(depth: number): object {
  return depth === 0 ? {} : { a: nested(depth - 1) };
}
