import { afterAll, beforeAll, expect, test } from "vitest";
import { eventId, micros, ruleId } from "@tyto/domain";
import type { Alert, AlertId, Finding, FindingKey } from "@tyto/domain";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import { sql } from "../../query/index.ts";
import type { BoundQuery } from "../../query/index.ts";
import { ORIGIN } from "./event-fixture.ts";

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let nextId = 0;

beforeAll(async () => {
  fixture = await temporaryEngine();
});
afterAll(() => fixture.remove());

async function rows(query: BoundQuery): Promise<readonly (readonly unknown[])[]> {
  const limits = { timeoutMs: 5_000, maxRows: 100, maxMemoryBytes: 100_000_000 };
  return (await fixture.engine.queries.run(query, { limits, queryId: `rows-${nextId++}` })).rows;
}

function finding(key: string, change: Partial<Finding> = {}): Finding {
  return {
    key: key as FindingKey,
    version: 1,
    rule: {
      id: ruleId("r1"),
      title: "Brute force",
      level: "high",
      tags: ["attack.t1110"],
      cause: "brute-force",
    },
    group: [],
    entities: [{ type: "ip", value: "192.0.2.7" }],
    firstSeen: micros(1_795_000_000_000_000),
    lastSeen: micros(1_795_000_060_000_001),
    count: 12,
    evidence: [
      { id: eventId(ORIGIN, 2), timestamp: micros(1_795_000_060_000_001), occurrences: 6 },
      { id: eventId(ORIGIN, 1), timestamp: micros(1_795_000_000_000_000), occurrences: 6 },
    ],
    matched: [],
    sentence: "**192.0.2.7** failed to log in \ud800 twelve times",
    ...change,
  };
}

function alert(id: string, findings: readonly Finding[], change: Partial<Alert> = {}): Alert {
  return {
    id: id as AlertId,
    title: "Brute force",
    severity: "high",
    priority: { score: 40, base: "medium", reasons: [] },
    assets: [],
    userTags: [],
    status: "new",
    assignee: null,
    closeReason: null,
    absorbedInto: null,
    related: [],
    cause: "brute-force",
    findings,
    entities: [{ type: "ip", value: "192.0.2.7" }],
    firstSeen: micros(1_795_000_000_000_000),
    lastSeen: micros(1_795_000_060_000_001),
    createdAt: micros(1_795_000_070_000_000),
    updatedAt: micros(1_795_000_070_000_000),
    count: 12,
    transitions: [
      { step: 1, at: micros(1), actor: "detection", change: { kind: "opened", finding: "k1" as FindingKey } },
    ],
    ...change,
  };
}

test("shows an alert and its findings as they are now", async () => {
  const opened = alert("a1", [finding("k1")]);
  const acknowledged = alert("a1", [finding("k1", { version: 2, count: 13 })], {
    status: "acknowledged",
    updatedAt: micros(opened.updatedAt + 1),
    transitions: [
      ...opened.transitions,
      { step: 2, at: micros(2), actor: "ada", change: { kind: "acknowledge" } },
    ],
  });
  await fixture.engine.projections.append([opened]);
  await fixture.engine.projections.append([acknowledged]);
  // A replay appends old states again.
  await fixture.engine.projections.append([opened]);
  expect(await rows(sql`SELECT id, status, rule_ids, entities, event_ids, timestamp FROM alerts`)).toEqual([
    [
      "a1",
      "acknowledged",
      '["r1"]',
      '[{"type":"ip","value":"192.0.2.7"}]',
      `["${eventId(ORIGIN, 1)}","${eventId(ORIGIN, 2)}"]`,
      "2026-11-18 11:07:40.000001",
    ],
  ]);
  expect(await rows(sql`SELECT key, version, count, alert, tags, sentence FROM findings`)).toEqual([
    ["k1", 2, 13, "a1", '["attack.t1110"]', "**192.0.2.7** failed to log in \ufffd twelve times"],
  ]);
});

test("drops a finding that late data took back, and keeps the alert that lost its last one", async () => {
  const step = (change: Alert["transitions"][number]["change"]): Pick<Alert, "transitions" | "updatedAt"> => {
    const at = micros(1_795_000_080_000_000);
    return { updatedAt: at, transitions: [{ step: 2, at, actor: "detection", change }] };
  };
  await fixture.engine.projections.append([
    alert("c1", [finding("k7"), finding("k8")]),
    alert("c2", [finding("k9")]),
  ]);
  const lesser = alert("c1", [finding("k8")], step({ kind: "retracted", finding: "k7" as FindingKey }));
  const none = alert("c2", [finding("k9")], {
    status: "closed",
    closeReason: "withdrawn",
    ...step({ kind: "withdrawn", finding: "k9" as FindingKey }),
  });
  await fixture.engine.projections.append([lesser, none]);
  expect(await rows(sql`SELECT id, close_reason FROM alerts WHERE id LIKE 'c%' ORDER BY id`)).toEqual([
    ["c1", ""],
    ["c2", "withdrawn"],
  ]);
  expect(await rows(sql`SELECT key FROM findings WHERE alert LIKE 'c%'`)).toEqual([["k8"]]);
});

test("drops an alert that another one absorbed, and a finding that another one superseded", async () => {
  const later = micros(1_795_000_090_000_000);
  const before = [alert("b1", [finding("k2")]), alert("b2", [finding("k3"), finding("k4")])];
  await fixture.engine.projections.append(before);
  const absorbed = alert("b1", [], {
    absorbedInto: "b2" as AlertId,
    updatedAt: later,
    transitions: [
      { step: 2, at: later, actor: "detection", change: { kind: "absorbed-into", alert: "b2" as AlertId } },
    ],
  });
  const grown = alert("b2", [finding("k2"), finding("k3", { version: 2 })], {
    updatedAt: later,
    transitions: [
      {
        step: 2,
        at: later,
        actor: "detection",
        change: { kind: "superseded", finding: "k4" as FindingKey, into: "k3" as FindingKey },
      },
    ],
  });
  await fixture.engine.projections.append([absorbed, grown]);
  expect(await rows(sql`SELECT id FROM alerts WHERE id LIKE 'b%'`)).toEqual([["b2"]]);
  expect(await rows(sql`SELECT key, alert FROM findings WHERE alert LIKE 'b%' ORDER BY key`)).toEqual([
    ["k2", "b2"],
    ["k3", "b2"],
  ]);
});

test("appends nothing for no alerts", async () => {
  await expect(fixture.engine.projections.append([])).resolves.toBeUndefined();
});
