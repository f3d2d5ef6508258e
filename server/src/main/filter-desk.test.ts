import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventId, micros, MICROS_PER_DAY, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue, FilterBody, OriginId } from "@tyto/domain";
import { compileVolume, literal } from "../query/index.ts";
import { parseCondition } from "../content/index.ts";
import { loadRuleSet, lowerCondition } from "../detection/index.ts";
import { compileFilters } from "../pipeline/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { AuditFile, Books } from "../storage/index.ts";
import { FilterDesk } from "./filter-desk.ts";

const NOW = micros(Date.UTC(2026, 2, 10, 12) * 1_000);
const WEB = sourceId("00000000000000aa");
const FIREWALL = sourceId("00000000000000bb");

const RULES = `title: Admin page
id: 11111111-1111-4111-8111-111111111111
logsource: {category: webserver}
detection: {sel: {url.path|contains: admin}, condition: sel}
---
title: Anything denied
id: 22222222-2222-4222-8222-222222222222
name: denied
logsource: {category: firewall}
detection: {sel: {event.action: deny}, condition: sel}
---
title: Rare agent
id: 33333333-3333-4333-8333-333333333333
logsource: {category: webserver}
detection: {sel: {user_agent.original|contains: sqlmap}, condition: sel}
---
title: Denied often
id: 44444444-4444-4444-8444-444444444444
correlation: {type: event_count, rules: [denied], group-by: [source.ip], timespan: 5m, condition: {gte: 3}}
`;

type Fields = Readonly<Record<string, FieldValue>>;
const web = (fields: Fields): Fields => ({ "event.category": ["web"], "event.type": ["access"], ...fields });

const STORED: readonly (readonly [typeof WEB, string, Fields])[] = [
  ...Array.from(
    { length: 40 },
    (_, n) =>
      [
        WEB,
        `health ${n}`,
        web({ "url.path": "/healthz", "http.response.status_code": 200, "user_agent.original": "probe" }),
      ] as const,
  ),
  [WEB, "admin", web({ "url.path": "/admin", "http.response.status_code": 403 })],
  [WEB, "admin health", web({ "url.path": "/healthz/admin", "http.response.status_code": 200 })],
  [WEB, "plain", web({ "url.path": "/" })],
  ...Array.from(
    { length: 5 },
    (_, n) =>
      [
        FIREWALL,
        `deny ${n}`,
        {
          "event.category": ["network"],
          "event.type": ["denied"],
          "event.action": "deny",
          "source.ip": "192.0.2.1",
        },
      ] as const,
  ),
];

function eventOf([source, raw, fields]: (typeof STORED)[number], index: number): Event {
  const time = micros(NOW - 60_000_000 * (index + 1));
  const place = index + 1;
  const isWeb = source === WEB;
  return {
    id: eventId("00000000000000cc" as OriginId, place),
    sequence: sequence(place),
    source,
    timestamp: time,
    timeOrigin: "event",
    ingested: time,
    pack: isWeb ? "nginx-nginx/access" : "generic-firewall/line",
    fields: Object.assign(Object.create(null) as Record<string, FieldValue>, fields),
    raw: Buffer.from(raw),
  };
}

const EVENTS = STORED.map(eventOf);
const SEARCH = { queryId: "filters", signal: new AbortController().signal };
const RANGE = { from: micros(NOW - MICROS_PER_DAY), to: NOW };
const HEALTH: FilterBody = {
  name: "health checks",
  source: null,
  condition: 'url.path startsWith "/healthz"',
  keepOneIn: null,
};

describe("filters", { timeout: 120_000 }, () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  beforeAll(async () => {
    fixture = await temporaryEngine();
    expect(await fixture.engine.events.insert(EVENTS)).toEqual([]);
  }, 60_000);
  afterAll(() => fixture.remove());

  async function openDesk(kept = new Map<string, string>()) {
    const directory = mkdtempSync(join(tmpdir(), "tyto-filters-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    let ids = 0;
    const ruleSet = loadRuleSet([{ path: "r.yml", text: RULES }]);
    const source = (id: typeof WEB, name: string) =>
      ({ id, name, input: "http", discriminator: name, firstSeenAt: micros(0) }) as const;
    const desk = await FilterDesk.open({
      control: {
        settings: {
          get: (key) => Promise.resolve(kept.get(key)),
          set: (key, value) => Promise.resolve(void kept.set(key, value)),
        },
        sources: () => Promise.resolve([source(WEB, "web"), source(FIREWALL, "firewall")]),
      },
      engine: fixture.engine,
      books: new Books([], () => NOW),
      audit: new AuditFile(directory, () => NOW),
      content: () => ({ ruleSet }),
      world: { now: () => NOW, randomBytes: (count) => Buffer.alloc(count, (ids += 1)) },
    });
    const audit = (): readonly string[] =>
      readFileSync(join(directory, "audit.ndjson"), "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { detail: { change: string } }).detail.change);
    return { desk, kept, audit };
  }

  it("say how much would go, and which rules match what would go", async () => {
    const { desk } = await openDesk();
    const preview = await desk.preview(HEALTH, RANGE, SEARCH);
    expect(preview).toMatchObject({
      events: EVENTS.length,
      dropped: { events: 41 },
      examined: 41,
      isExact: true,
    });
    expect(preview.dropped.bytes).toBe(
      EVENTS.filter(({ fields }) => String(fields["url.path"] as string).startsWith("/healthz")).reduce(
        (sum, { raw }) => sum + raw.length,
        0,
      ),
    );
    expect(preview.rules).toMatchObject([
      { title: "Admin page", why: "matched", matches: 1 },
      // Only probes say which agent they are.
      { title: "Rare agent", why: "fields", matches: 0 },
    ]);
  });

  it("say which rules would have nothing left of their logsource, and what counts them", async () => {
    const { desk } = await openDesk();
    const all = { ...HEALTH, condition: 'event.category == "network"' };
    expect((await desk.preview(all, RANGE, SEARCH)).rules).toMatchObject([
      { title: "Anything denied", why: "logsource", matches: 5, feeds: ["Denied often"] },
    ]);
    const sample = await desk.preview({ ...all, keepOneIn: 2 }, RANGE, SEARCH);
    expect(sample.rules.map(({ why }) => why)).not.toContain("logsource");
    expect(sample.dropped.events).toBe(3);
    const other = await desk.preview({ ...all, source: WEB }, RANGE, SEARCH);
    expect(other).toMatchObject({ events: 43, dropped: { events: 0 }, rules: [] });
  });

  it("are made switched off, ask before they blind rules, can be undone, and all of it is on record", async () => {
    const { desk, kept, audit } = await openDesk();
    const made = await desk.create(HEALTH, "ana");
    expect(made).toMatchObject({ enabled: false, createdBy: "ana", blinds: [], problem: null });
    const health = EVENTS[0] as Event;
    expect(desk.running.verdictOf(health)).toBe(undefined);
    await expect(desk.switch(made.id, { enabled: true }, "ana", SEARCH)).rejects.toMatchObject({
      code: "confirmation-needed",
    });
    expect(desk.running.verdictOf(health)).toBe(undefined);
    const on = await desk.switch(made.id, { enabled: true, confirm: true }, "bob", SEARCH);
    expect(on).toMatchObject({ enabled: true, changedBy: "bob" });
    expect(on.blinds).toHaveLength(2);
    expect(desk.running.verdictOf(health)).toEqual({ reason: "source-filter", filter: made.id });
    // Another start.
    const again = (await openDesk(kept)).desk;
    expect(again.running.verdictOf(health)?.filter).toBe(made.id);
    await desk.switch(made.id, { enabled: false }, "ana", SEARCH);
    expect(desk.running.verdictOf(health)).toBe(undefined);
    expect(await desk.remove(made.id, "ana")).toBe(true);
    expect(await desk.list()).toEqual([]);
    expect(audit()).toEqual(["made", "switched on", "switched off", "removed"]);
  });

  it("that blind nothing are switched on without a question", async () => {
    const { desk } = await openDesk();
    const { id } = await desk.create({ ...HEALTH, condition: 'raw == "plain"' }, "ana");
    expect(await desk.switch(id, { enabled: true }, "ana", SEARCH)).toMatchObject({
      enabled: true,
      blinds: [],
    });
  });

  it.each([
    ["url.path ==", /character 12/],
    ["url.path is text", /type of a value/],
    ["source.ip == {destination.ip}", /two fields/],
    ['raw cidr "10.0.0.0/8"', /no address/],
    ['source.ip cidr "nowhere"', /no network/],
  ])("refuse %s with the place", async (condition, message) => {
    const { desk } = await openDesk();
    await expect(desk.create({ ...HEALTH, condition }, "ana")).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(message) as string,
    });
    await expect(desk.create({ ...HEALTH, source: "00000000000000ff" }, "ana")).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it.each([
    'url.path == "/healthz"',
    'url.path != "/healthz"',
    'not url.path contains "admin"',
    'url.path endsWith "n" or url.path startsWith "/h"',
    "http.response.status_code == 200",
    'http.response.status_code == "200"',
    "http.response.status_code > 200",
    "http.response.status_code <= 200 and url.path exists",
    'event.type in ["denied", "access"]',
    'event.category == "network"',
    "user_agent.original missing",
    'source.ip cidr "192.0.2.0/24"',
    'source.ip cidr ["10.0.0.0/8", "2001:db8::/32"]',
    'pack startsWith "generic-"',
    'raw contains "health" and not raw == "health 3"',
    'event.action == "Deny"',
    'url.path contains "%"',
    'url.path == ""',
  ])("the store says of %s what the pipeline says", async (condition) => {
    const parsed = parseCondition(condition);
    if (parsed.kind === "problem") throw new Error(parsed.message);
    const lowered = lowerCondition(parsed.condition);
    if (lowered.kind === "problem") throw new Error(lowered.message);
    const filters = compileFilters([{ id: "f", source: null, condition: parsed.condition, keepOneIn: null }]);
    const query = compileVolume(
      { gate: literal("bool", true), ...lowered.test },
      { tenant: "default" as never, range: RANGE },
    ).query;
    const limits = { timeoutMs: 30_000, maxRows: 1, maxMemoryBytes: 512 * 1024 * 1024 };
    const { rows } = await fixture.engine.queries.run(query, { limits, ...SEARCH });
    const expected = EVENTS.filter((event) => filters.verdictOf(event) !== undefined).length;
    expect([Number(rows[0]?.[2]), Number(rows[0]?.[4])]).toEqual([expected, 0]);
  });
});
