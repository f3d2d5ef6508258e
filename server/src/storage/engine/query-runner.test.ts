import { afterAll, beforeAll, expect, test } from "vitest";
import { TytoError } from "@tyto/domain";
import type { ErrorCode } from "@tyto/domain";
import { param, sql } from "../../query/index.ts";
import type { BoundQuery } from "../../query/index.ts";
import type { QueryLimits, QueryOutcome, QueryRunner } from "../ports.ts";
import { eventAt } from "../events/event-fixture.ts";
import { temporaryEngine } from "./engine-fixture.ts";

const LIMITS: QueryLimits = { timeoutMs: 20_000, maxRows: 1_000, maxMemoryBytes: 200_000_000 };

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let queries: QueryRunner;
let nextId = 0;

beforeAll(async () => {
  fixture = await temporaryEngine({ readers: 3 });
  queries = fixture.engine.queries;
});
afterAll(() => fixture.remove());

function run(
  query: BoundQuery,
  limits: Partial<QueryLimits> = {},
  signal?: AbortSignal,
): Promise<QueryOutcome> {
  const queryId = `test-${nextId++}`;
  return queries.run(query, {
    limits: { ...LIMITS, ...limits },
    queryId,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Takes far longer than any test waits. */
const endless = sql`SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)`;

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof TytoError ? error.code : undefined;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error("the condition did not come true within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const marked = (mark: string): BoundQuery =>
  sql`SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number, ${param("String", mark)})`;

/** Statements under way, but for this one. */
async function running(): Promise<number> {
  const { rows } = await run(
    sql`SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%system.processes%'`,
  );
  return Number(rows[0]?.[0]);
}

test("binds what comes from outside, whatever it holds", async () => {
  const nasty = "it's \\ \t\n \"x\" {p0:String} '; DROP TABLE events; -- \u0000 é😀";
  const query = sql`SELECT ${param("String", nasty)} AS a, ${param("Array(String)", [nasty, ""])} AS b, ${param("Int64", -5)} AS c, ${param("Bool", true)} AS d, ${param("IPv6", "2001:db8::1")} AS e, ${param("DateTime64(6, 'UTC')", "2026-11-20 21:31:21.444599")} AS f, ${param("Float64", 0.5)} AS g`;
  const { rows } = await run(query);
  expect(rows).toEqual([[nasty, [nasty, ""], -5, true, "2001:db8::1", "2026-11-20 21:31:21.444599", 0.5]]);
});

test("gives 64-bit integers as numbers, and as text beyond 2^53", async () => {
  const { columns, rows } = await run(
    sql`SELECT toInt64(-7) AS a, toUInt64('18446744073709551615') AS b, [toUInt64(1), 9007199254740993] AS c, toNullable(toInt64(2)) AS d, CAST(NULL, 'Nullable(Int64)') AS e`,
  );
  expect(rows).toEqual([[-7, "18446744073709551615", [1, "9007199254740993"], 2, null]]);
  expect(columns[1]).toEqual({ name: "b", engineType: "UInt64" });
});

test("says what a query cost", async () => {
  await fixture.engine.events.insert([eventAt(1), eventAt(2)]);
  const outcome = await run(sql`SELECT count() FROM events WHERE raw != ''`);
  expect(outcome.rows).toEqual([[2]]);
  expect(outcome.rowsRead).toBeGreaterThanOrEqual(2);
  expect(outcome.bytesRead).toBeGreaterThan(0);
  expect(outcome.elapsedMs).toBeGreaterThan(0);
  expect(outcome.isPartial).toBe(false);
});

test("cuts a long answer and says so", async () => {
  const whole = await run(sql`SELECT number FROM numbers(10)`, { maxRows: 10 });
  expect([whole.rows.length, whole.isPartial]).toEqual([10, false]);
  const cut = await run(sql`SELECT number FROM numbers(1000000)`, { maxRows: 10 });
  expect([cut.rows.length, cut.isPartial]).toEqual([10, true]);
});

test("stops a query that takes too long", async () => {
  expect(await codeOf(run(endless, { timeoutMs: 200 }))).toBe("query-timeout");
});

test("stops a query that takes too much memory, and answers the next one", async () => {
  const greedy = sql`SELECT length(groupArray(number)) FROM numbers(100000000)`;
  expect(await codeOf(run(greedy, { maxMemoryBytes: 20_000_000 }))).toBe("query-too-expensive");
  expect((await run(sql`SELECT 1`)).rows).toEqual([[1]]);
});

test("keeps what a failed query had read out of the next answer", async () => {
  const failing = sql`SELECT throwIf(number = 100000), 'secret' FROM numbers(1000000) SETTINGS max_block_size = 1000`;
  for (let turn = 0; turn < 4; turn++) {
    expect(await codeOf(run(failing, { maxRows: 1_000_000 }))).toBe("query-too-expensive");
    expect((await run(sql`SELECT 1`)).rows).toEqual([[1]]);
  }
});

test("kills a cancelled query in the engine", async () => {
  const signal = new AbortController();
  const outcome = codeOf(run(marked("abort"), {}, signal.signal));
  await until(async () => (await running()) === 1);
  signal.abort();
  expect(await outcome).toBe("query-cancelled");
  await until(async () => (await running()) === 0);

  const byId = codeOf(queries.run(marked("cancel"), { limits: LIMITS, queryId: "by-id" }));
  await until(async () => (await running()) === 1);
  await queries.cancel("by-id");
  expect(await byId).toBe("query-cancelled");
  await until(async () => (await running()) === 0);
  await queries.cancel("no such query");
});

test("never begins a query that was cancelled while it waited for a session", async () => {
  const stop = new AbortController();
  const busy = [1, 2, 3].map(() => codeOf(run(endless, {}, stop.signal)));
  const third = new AbortController();
  const waiting = codeOf(run(endless, {}, third.signal));
  third.abort();
  expect(await waiting).toBe("query-cancelled");
  stop.abort();
  expect(await Promise.all(busy)).toEqual(["query-cancelled", "query-cancelled", "query-cancelled"]);
  await until(async () => (await running()) === 0);
  expect(await codeOf(run(endless, {}, AbortSignal.abort()))).toBe("query-cancelled");
});

test("runs bound queries side by side", async () => {
  const stop = new AbortController();
  const both = ["a", "b"].map((mark) => codeOf(run(marked(mark), {}, stop.signal)));
  await until(async () => (await running()) === 2);
  stop.abort();
  expect(await Promise.all(both)).toEqual(["query-cancelled", "query-cancelled"]);
  await until(async () => (await running()) === 0);
});

test.each([
  ["a second statement", sql`SELECT 1; DROP TABLE events`],
  ["a file", sql`SELECT * FROM file('/etc/hostname', 'LineAsString')`],
  [
    "a file behind settings",
    sql`SELECT * FROM (SELECT * FROM file('/etc/hostname', 'LineAsString') SETTINGS readonly = 0)`,
  ],
  ["a URL", sql`DESCRIBE TABLE url('http://127.0.0.1:9/x')`],
  ["another database", sql`SELECT * FROM remote('127.0.0.1', system.one)`],
  ["a file to write", sql`SELECT 1 INTO OUTFILE '/tmp/tyto-outfile'`],
  ["a row", sql`INSERT INTO events SELECT * FROM events`],
  ["a table", sql`DROP TABLE events`],
  ["a server that stops", sql`SYSTEM SHUTDOWN`],
  ["no such table", sql`SELECT * FROM nowhere`],
])("refuses %s", async (_, query) => {
  expect(await codeOf(run(query))).toBe("engine-rejected");
  expect((await run(sql`SELECT count() FROM events`)).rows).toEqual([[2]]);
});

test("says how far a running query is, and nothing of one that has ended", async () => {
  const stop = new AbortController();
  const queryId = "watched";
  const running = queries.run(endless, { limits: LIMITS, queryId, signal: stop.signal });
  await until(async () => ((await queries.progress(queryId))?.rowsRead ?? 0) > 0);
  expect(await queries.progress(queryId)).toMatchObject({
    bytesRead: expect.any(Number) as number,
    elapsedMs: expect.any(Number) as number,
  });
  stop.abort();
  expect(await codeOf(running)).toBe("query-cancelled");
  await until(async () => (await queries.progress(queryId)) === undefined);
});

test("hands out a whole result as bytes, and refuses what is larger than its limit", async () => {
  const limits = { timeoutMs: 20_000, maxMemoryBytes: 200_000_000 };
  const bytesOf = (rows: number, maxResultBytes: number): Promise<Buffer> =>
    queries.bytes(sql`SELECT leftPad(toString(number), 2, '0') FROM numbers(${param("UInt64", rows)})`, {
      format: "RowBinary",
      limits: { ...limits, maxResultBytes },
      queryId: `bytes-${rows}`,
    });
  expect(await bytesOf(100_000, 50_000_000)).toHaveLength(300_000);
  expect(await codeOf(bytesOf(1_000_000, 1_000))).toBe("query-too-expensive");
});
