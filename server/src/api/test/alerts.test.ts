import {
  eventId,
  micros,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  originId,
  ruleId,
  sourceId,
} from "@tyto/domain";
import type {
  Alert,
  AlertDetail,
  AlertHistogram,
  AlertSummary,
  ErrorBody,
  EventId,
  Evidence,
  Finding,
  FindingKey,
  Level,
  Overview,
  Threats,
} from "@tyto/domain";
import {
  AlertDetailSchema,
  AlertHistogramSchema,
  AlertListSchema,
  EvidenceSchema,
  OverviewSchema,
  ThreatsSchema,
} from "@tyto/domain";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../storage/index.ts";
import type { AlertBook } from "../../triage/index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

const ORIGIN = originId("00000000000000aa");
const SOURCE = sourceId("00000000000000bb");
const START = Date.UTC(2026, 0, 15, 6) * 1_000;

function finding(
  key: string,
  more: { readonly at: number; readonly level?: Level; readonly user?: string },
): Finding {
  const { at, level = "high", user = "root" } = more;
  const id = (index: number): EventId => eventId(ORIGIN, at * 10 + index);
  const entity = { type: "user" as const, value: user };
  return {
    key: key as FindingKey,
    version: 1,
    rule: {
      id: ruleId(`rule-${level}`),
      title: `Brute force ${level}`,
      level,
      tags: ["attack.t1110"],
      cause: "brute-force",
    },
    group: [entity],
    entities: [entity, { type: "host", value: "web-1" }],
    firstSeen: micros(START + at * MICROS_PER_MINUTE),
    lastSeen: micros(START + (at + 2) * MICROS_PER_MINUTE),
    count: 3,
    evidence: [0, 1, 2].map((index) => ({
      id: id(index),
      timestamp: micros(START + (at + index) * MICROS_PER_MINUTE),
      occurrences: 1,
    })),
    matched: [],
    sentence: `**${user}** failed at ${level}`,
  };
}

function stored(id: EventId, raw: Uint8Array): StoredEvent {
  return {
    id,
    sequence: 1 as StoredEvent["sequence"],
    source: SOURCE,
    timestamp: micros(START),
    ingested: micros(START + 1),
    pack: "linux-auth",
    fields: { "event.action": "ssh_login", "user.name": "root" },
    raw,
  };
}

let fixture: ApiFixture;
const BYTES = new Map<EventId, Uint8Array>();

beforeAll(async () => {
  const base = await startApi();
  await base.close();
  fixture = await startApi({
    engine: {
      ...base.dependencies.engine,
      events: {
        ...base.dependencies.engine.events,
        byIds: (ids) =>
          Promise.resolve(
            ids.flatMap((id) => {
              const raw = BYTES.get(id);
              return raw === undefined ? [] : [stored(id, raw)];
            }),
          ),
      },
    },
  });
  const book = fixture.dependencies.triage as AlertBook;
  const commit = async (alerts: readonly Alert[]): Promise<void> => {
    for (const alert of alerts) await fixture.control.alerts.save(alert, 0);
  };
  const upsert = (one: Finding) => ({ kind: "upsert" as const, finding: one });
  await book.grow(
    [upsert(finding("a", { at: 0 })), upsert(finding("a2", { at: 1, level: "medium" }))],
    commit,
  );
  await book.grow([upsert(finding("b", { at: 120, level: "critical", user: "ana" }))], commit);
  await book.grow([upsert(finding("c", { at: 240, level: "low", user: "ben" }))], commit);
  BYTES.set(eventId(ORIGIN, 0), Buffer.from("\ufeffsshd: Failed password"));
  BYTES.set(eventId(ORIGIN, 1), Uint8Array.from([0xff, 0x00, 0x41]));
  await fixture.control.registerSource({
    id: SOURCE,
    input: "syslog-udp",
    name: "web-1",
    discriminator: "192.0.2.1 web-1",
    firstSeenAt: micros(START),
  });
});
afterAll(() => fixture.close());

async function get<T>(url: string, schema: TSchema): Promise<T> {
  const reply = await fixture.api.inject({ url: `/api/v1${url}`, headers: bearer(fixture.tokens.read) });
  expect(reply.statusCode).toBe(200);
  const body = reply.json<T>();
  expect([...Compile(schema).Errors(body)]).toEqual([]);
  return body;
}

interface AlertList {
  readonly items: readonly AlertSummary[];
  readonly nextCursor: string | null;
}
const list = (query = "") => get<AlertList>(`/alerts${query}`, AlertListSchema);
const act = (id: string, payload: object, headers: object = bearer(fixture.tokens.admin)) =>
  fixture.api.inject({
    method: "POST",
    url: `/api/v1/alerts/${id}/transitions`,
    payload,
    headers: { ...headers },
  });

describe("the queue", () => {
  it("lists alerts in the contract's form, those last seen first", async () => {
    const { items } = await list();
    expect(items.map((alert) => alert.severity)).toEqual(["low", "critical", "high"]);
    expect(items[2]).toMatchObject({
      title: "Brute force high",
      status: "new",
      sentence: "**root** failed at high",
      ruleIds: ["rule-high", "rule-medium"],
      tags: ["attack.t1110"],
      count: 6,
      firstSeen: "2026-01-15T06:00:00.000Z",
      lastSeen: "2026-01-15T06:03:00.000Z",
      createdAt: "2026-01-15T12:00:00.000Z",
      entities: [
        { type: "user", value: "root" },
        { type: "host", value: "web-1" },
      ],
      eventIds: [0, 1, 10, 2, 11, 12].map((ordinal) => eventId(ORIGIN, ordinal)),
    });
  });

  it("pages without skipping or repeating", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: AlertList = await list(
        `?limit=1&sort=severity${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map((alert) => alert.severity));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(["critical", "high", "low"]);
  });

  it.each([
    ["?severity=high,critical", 2],
    ["?status=open", 3],
    ["?status=closed", 0],
    ["?rule=rule-medium", 1],
    ["?entity=ANA", 1],
    ["?text=ben", 1],
    ["?from=2026-01-15T09:00:00Z", 1],
    ["?to=2026-01-15T07:00:00Z", 1],
    ["?from=-5h", 2],
  ])("filters by %s", async (query, count) => {
    expect((await list(query)).items).toHaveLength(count);
    expect((await get<AlertHistogram>(`/alerts/histogram${query}`, AlertHistogramSchema)).total).toBe(count);
  });

  it("refuses another list's cursor", async () => {
    const { nextCursor } = await list("?limit=1");
    const reply = await fixture.api.inject({
      url: `/api/v1/alerts?sort=count&cursor=${nextCursor}`,
      headers: bearer(fixture.tokens.read),
    });
    expect(reply.statusCode).toBe(400);
  });
});

describe("the histogram", () => {
  it("has a bucket for every step of the range, also the empty ones", async () => {
    const url = "/alerts/histogram?from=2026-01-15T00:00:00Z&to=2026-01-15T12:00:00Z";
    const { buckets, bucketMs } = await get<AlertHistogram>(url, AlertHistogramSchema);
    expect(bucketMs).toBe(15 * 60_000);
    expect(buckets).toHaveLength(49);
    expect(
      buckets
        .map((bucket) => Date.parse(bucket.start))
        .every((at, i, all) => i === 0 || at - (all[i - 1] ?? 0) === bucketMs),
    ).toBe(true);
    expect(buckets.find((bucket) => bucket.critical > 0)).toMatchObject({
      start: "2026-01-15T08:00:00.000Z",
      critical: 1,
    });
  });

  it("spans what there is when no range is given, and is empty for nothing", async () => {
    const all = await get<AlertHistogram>("/alerts/histogram", AlertHistogramSchema);
    expect(all.total).toBe(3);
    expect(all.buckets.length).toBeLessThanOrEqual(61);
    const none = await get<AlertHistogram>("/alerts/histogram?entity=nobody", AlertHistogramSchema);
    expect(none.total).toBe(0);
    expect(none.buckets.length).toBeGreaterThan(0);
  });
});

describe("one alert", () => {
  it("comes with its findings and its history", async () => {
    const [, , first] = (await list()).items;
    const alert = await get<AlertDetail>(`/alerts/${first?.id ?? ""}`, AlertDetailSchema);
    expect(alert.findings.map((one) => one.rule.level)).toEqual(["high", "medium"]);
    expect(alert.history.map(({ step, actor, kind, detail }) => [step, actor, kind, detail])).toEqual([
      [1, "detection", "opened", "a"],
      [2, "detection", "joined", "a2"],
    ]);
  });

  it("shows its events as text or base64, and says which are gone", async () => {
    const [, , first] = (await list()).items;
    const evidence = await get<Evidence>(`/alerts/${first?.id ?? ""}/events`, EvidenceSchema);
    expect(evidence.total).toBe(6);
    expect(evidence.missing).toHaveLength(4);
    expect(evidence.items).toMatchObject([
      {
        raw: "\ufeffsshd: Failed password",
        rawEncoding: "utf8",
        source: { id: SOURCE, name: "web-1", input: "syslog-udp" },
        fields: { "user.name": "root" },
      },
      { raw: Buffer.from([0xff, 0x00, 0x41]).toString("base64"), rawEncoding: "base64" },
    ]);
    expect(evidence.items[0]?.summary).toBeTruthy();
  });

  it("is not there under another id", async () => {
    for (const path of ["/alerts/nope", "/alerts/nope/events", "/events/nope", `/events/${ORIGIN}-99`]) {
      const reply = await fixture.api.inject({ url: `/api/v1${path}`, headers: bearer(fixture.tokens.read) });
      expect(reply.statusCode).toBe(404);
      expect(reply.json<ErrorBody>().error.code).toBe("not-found");
    }
    expect((await act("nope", { action: "acknowledge" })).statusCode).toBe(404);
  });
});

describe("a transition", () => {
  const idOf = async (user: string) => (await list(`?entity=${user}`)).items[0]?.id ?? "";

  it("changes the alert, names who did it, and answers with the alert", async () => {
    const id = await idOf("ana");
    const { cookie, csrf } = await fixture.login();
    const reply = await act(id, { action: "acknowledge" }, { cookie, "x-tyto-csrf": csrf });
    expect(reply.json<AlertDetail>()).toMatchObject({ status: "acknowledged", assignee: "ana.keller" });
    await act(id, { action: "assign", assignee: null });
    await act(id, { action: "note", text: "looked at <b>it</b>" });
    const closed = await act(id, { action: "close", reason: "false-positive", text: "a test" });
    expect(closed.json<AlertDetail>()).toMatchObject({ status: "closed", closeReason: "false-positive" });
    expect(
      closed
        .json<AlertDetail>()
        .history.slice(1)
        .map(({ actor, kind, detail }) => [actor, kind, detail]),
    ).toEqual([
      ["ana.keller", "acknowledge", ""],
      ["token:admin", "assign", ""],
      ["token:admin", "note", "looked at <b>it</b>"],
      ["token:admin", "close", "false-positive: a test"],
    ]);
    expect((await act(id, { action: "reopen" })).json<AlertDetail>().status).toBe("new");
  });

  it.each([
    [{ reason: "False positive" }, "false-positive", "false-positive"],
    [{ reason: "true_positive" }, "true-positive", "true-positive"],
    [{ reason: "vendor test" }, "other", "other: vendor test"],
    [{}, "other", "other"],
  ])("takes %j as a reason to close", async (words, closeReason, detail) => {
    const id = await idOf("ana");
    const closed = (await act(id, { action: "close", ...words })).json<AlertDetail>();
    expect(closed.closeReason).toBe(closeReason);
    expect(closed.history.at(-1)?.detail).toBe(detail);
    await act(id, { action: "reopen" });
  });

  it("is refused when another one came first", async () => {
    const id = await idOf("ben");
    expect((await act(id, { action: "acknowledge", after: 1 })).statusCode).toBe(200);
    const late = await act(id, { action: "close", reason: "other", after: 1 });
    expect(late.statusCode).toBe(409);
    expect(late.json<ErrorBody>().error.code).toBe("conflict");
  });

  it.each([
    [{}, "body.action"],
    [{ action: "delete" }, "body.action"],
    [{ action: "assign" }, "body.assignee"],
    [{ action: "note" }, "body.text"],
    [{ action: "acknowledge", text: "lost words" }, "body.text"],
    [{ action: "note", text: "x", reason: "other" }, "body.reason"],
    [{ action: "note", text: "x".repeat(10_001) }, "body.text"],
  ])("that says too little or too much is refused: %.60j", async (body, field) => {
    const reply = await act(await idOf("root"), body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json<ErrorBody>().error.field).toBe(field);
  });
});

describe("the overview", () => {
  it("counts what is open and says which first steps are done", async () => {
    fixture.clock.now = micros(fixture.clock.now + MICROS_PER_HOUR);
    const overview = await get<Overview>("/overview", OverviewSchema);
    expect(overview.openAlerts).toEqual({ low: 1, medium: 0, high: 1, critical: 1 });
    expect(overview.newestAlerts).toHaveLength(3);
    expect(overview.sources).toMatchObject([{ name: "web-1", received: 0, isBalanced: true }]);
    expect(overview.checklist).toEqual([
      { step: "create-account", isDone: true },
      { step: "connect-source", isDone: true },
      { step: "see-event", isDone: false },
      { step: "load-rules", isDone: false },
      { step: "see-alert", isDone: true },
    ]);
  });
});

describe("the threats of the overview", () => {
  it("counts open alerts by age, says how long people took, and weighs entities by severity", async () => {
    const threats = await get<Threats>("/overview/threats", ThreatsSchema);
    expect(threats.seen.all).toEqual({ low: 1, medium: 0, high: 1, critical: 1 });
    expect(threats.response.map(({ days }) => days)).toEqual([7, 30]);
    const [, month] = threats.response;
    expect(month?.alerts).toBeGreaterThanOrEqual(3);
    expect((month?.acknowledged ?? 0) >= (month?.closed ?? 0)).toBe(true);
    expect(threats.entities.map(({ weight }) => weight)).toEqual(
      threats.entities.map(({ weight }) => weight).toSorted((a, b) => b - a),
    );
    expect(threats.tactics.every(({ count }) => count > 0)).toBe(true);
  });
});
