import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TENANT, parseEventId, tenantId } from "@tyto/domain";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { EVENTS, NOW } from "./cases/events.ts";
import { KQL_OF_TEXT, SEARCH_CASES } from "./cases/search-cases.ts";
import { queryFrontendOver, type SearchRequest } from "./frontend.ts";

const frontend = queryFrontendOver({
  parse: () => Promise.reject(new Error("no KQL in these tests")),
  close: () => Promise.resolve(),
});

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;

beforeAll(async () => {
  fixture = await temporaryEngine();
  expect(await fixture.engine.events.insert(EVENTS)).toEqual([]);
});
afterAll(() => fixture.remove());

let queries = 0;

async function search(text: string, options: Partial<SearchRequest> = {}) {
  const compiled = await frontend.compileSearch({
    text,
    limit: 100,
    now: NOW,
    tenant: DEFAULT_TENANT,
    ...options,
  });
  if (!compiled.ok) throw new Error(compiled.diagnostics.map((each) => each.message).join("; "));
  const outcome = await fixture.engine.queries.run(compiled.query, {
    limits: { timeoutMs: 5_000, maxRows: 1_000, maxMemoryBytes: 500_000_000 },
    queryId: `search-${queries++}`,
  });
  return { compiled, ...compiled.shape(outcome.rows) };
}

async function foundBy(text: string, options: Partial<SearchRequest> = {}): Promise<readonly number[]> {
  const { compiled, rows } = await search(text, options);
  const at = compiled.columns.findIndex(({ name }) => name === "id");
  return rows.map((row) => parseEventId(String(row[at]))?.ordinal ?? -1);
}

describe("the search bar finds", () => {
  test.each(SEARCH_CASES)("$name", async ({ text, finds }) => {
    expect(await foundBy(text)).toEqual(finds);
  });
});

test("shows an event's columns as the API spells them", async () => {
  const { compiled, rows } = await search("user.name:root");
  const row = Object.fromEntries(compiled.columns.map(({ name }, index) => [name, rows[0]?.[index]]));
  expect(row).toMatchObject({
    timestamp: "2026-03-10T11:00:00.000Z",
    id: "00000000000000a1-1",
    "source.ip": "203.0.113.77",
    "source.port": 50112,
    "destination.ip": "",
    "destination.port": null,
    "event.category": ["authentication"],
    message: "Failed password for root from 203.0.113.77 port 50112 ssh2",
  });
  expect(compiled.columns.find(({ name }) => name === "event.category")?.type).toBe("dynamic");
});

test("cuts at the limit and says so", async () => {
  const { rows, isPartial } = await search("", { limit: 3 });
  expect([rows.length, isPartial]).toEqual([3, true]);
  const all = await search("", { limit: 12 });
  expect([all.rows.length, all.isPartial]).toEqual([12, false]);
});

test("keeps to the range, its end excluded", async () => {
  const range = { from: "2026-03-10T11:00:05Z", to: "2026-03-10T11:05:01Z" };
  expect(await foundBy("", range)).toEqual([4, 3, 2]);
  expect(await foundBy("", { from: "-1m" })).toEqual([12]);
});

test("shows one tenant nothing of another", async () => {
  expect(await foundBy("", { tenant: tenantId("other") })).toEqual([]);
});

test("counts events by bucket, empty ones included", async () => {
  const compiled = await frontend.compileHistogram({
    text: "",
    from: "2026-03-10T11:00:00Z",
    to: "2026-03-10T12:00:00Z",
    buckets: 12,
    now: NOW,
    tenant: DEFAULT_TENANT,
  });
  if (!compiled.ok) throw new Error("refused");
  const outcome = await fixture.engine.queries.run(compiled.query, {
    limits: { timeoutMs: 5_000, maxRows: 1_000, maxMemoryBytes: 500_000_000 },
    queryId: "histogram",
  });
  const { buckets, total } = compiled.fill(outcome.rows);
  expect(compiled.bucketMs).toBe(300_000);
  expect(buckets.map(({ count }) => count)).toEqual([3, 2, 2, 0, 1, 0, 2, 0, 0, 0, 0, 1]);
  expect(buckets[1]?.start).toBe("2026-03-10T11:05:00.000Z");
  expect(total).toBe(11);
});

test("opens as KQL", () => {
  for (const [text, kql] of KQL_OF_TEXT) expect(frontend.textToKql(text, NOW)).toEqual({ ok: true, kql });
});
