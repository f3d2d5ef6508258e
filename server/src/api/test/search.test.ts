/** Searches: what they may cost, who owns them, and that they stop when nobody waits. */
import { request } from "node:http";
import { micros, SearchReplySchema, TytoError } from "@tyto/domain";
import type { ErrorBody, FieldList, SearchReply } from "@tyto/domain";
import { Compile } from "typebox/compile";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../query/index.ts";
import type { SearchRequest } from "../../query/index.ts";
import type { QueryRunner } from "../../storage/index.ts";
import { bearer, NO_QUERIES, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

type Run = QueryRunner["run"];
type Options = Parameters<Run>[1];

let fixture: ApiFixture;
let address: string;
let run: Run;
const asked: SearchRequest[] = [];

const outcome = { columns: [], rowsRead: 7, bytesRead: 70, elapsedMs: 1.5, isPartial: false };
const answer: Run = () => Promise.resolve({ ...outcome, rows: [["a"], ["b"], ["c"]] });
run = answer;

/** Waits until it is stopped, as the engine does. */
function endless(seen: Options[]): Run {
  return (_query, options) =>
    new Promise((_resolve, reject) => {
      seen.push(options);
      const stop = (): void => reject(new TytoError("query-cancelled", "the query was cancelled"));
      if (options.signal?.aborted === true) stop();
      options.signal?.addEventListener("abort", stop, { once: true });
    });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("never happened");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeAll(async () => {
  fixture = await startApi({
    engine: {
      events: (await throwaway()).dependencies.engine.events,
      queries: { ...NO_QUERIES, run: (query, options) => run(query, options) },
    },
    query: {
      compileWith: () => Promise.resolve({ ok: false, diagnostics: [] }),
      compileSearch: (question) => {
        asked.push(question);
        return Promise.resolve({
          ok: true,
          query: sql`SELECT 1`,
          kql: question.kql ?? `Events | where * has "${question.text ?? ""}"`,
          from: micros(0),
          to: micros(1_000_000),
          columns: [{ name: "x", type: "string" }],
          shape: (rows) => ({ rows: rows.slice(0, question.limit), isPartial: rows.length > question.limit }),
        });
      },
      check: () => Promise.resolve([]),
      ask: ({ text }) => Promise.resolve({ completions: [], span: { start: 0, end: text.length }, text }),
      compileHistogram: () =>
        Promise.resolve({
          ok: true,
          query: sql`SELECT 1`,
          kql: "Events",
          from: micros(0),
          to: micros(1_000_000),
          bucketMs: 1_000,
          fill: (rows) => ({
            buckets: [{ start: "1970-01-01T00:00:00.000Z", count: rows.length }],
            total: rows.length,
          }),
        }),
    },
  });
  address = `http://${(await fixture.api.listen({ host: "127.0.0.1", port: 0 })).address}`;
});

async function throwaway(): Promise<ApiFixture> {
  const other = await startApi();
  await other.close();
  return other;
}

afterEach(() => {
  run = answer;
});
afterAll(() => fixture.close());

const post = (payload: object, token = fixture.tokens.read, path = "/search") =>
  fixture.api.inject({ method: "POST", url: `/api/v1${path}`, payload, headers: bearer(token) });
const stop = (id: string, token: string) =>
  fixture.api.inject({ method: "DELETE", url: `/api/v1/search/${id}`, headers: bearer(token) });

describe("a search", () => {
  it("answers rows in column order with what it cost", async () => {
    const reply = await post({ kql: "Events", from: "-1h", limit: 2 });
    const body = reply.json<SearchReply>();
    expect(Compile(SearchReplySchema).Check(body)).toBe(true);
    expect(body).toEqual({
      columns: [{ name: "x", type: "string" }],
      rows: [["a"], ["b"]],
      stats: { rowsRead: 7, bytesRead: 70, elapsedMs: 1.5, partial: true },
      kql: "Events",
      from: "1970-01-01T00:00:00.000Z",
      to: "1970-01-01T00:00:01.000Z",
    });
    expect(asked.at(-1)).toMatchObject({
      kql: "Events",
      from: "-1h",
      limit: 2,
      tenant: "default",
      now: fixture.clock.now,
    });
  });

  it("has a time, row and memory limit, and a thousand rows when nothing is said", async () => {
    const seen: Options[] = [];
    run = (query, options) => {
      seen.push(options);
      return answer(query, options);
    };
    expect((await post({ text: "ssh" })).json<SearchReply>()).toMatchObject({
      rows: [["a"], ["b"], ["c"]],
      stats: { partial: false },
    });
    expect(seen[0]?.limits).toEqual({ timeoutMs: 30_000, maxRows: 1_001, maxMemoryBytes: 512 * 1024 * 1024 });
  });

  it("tells apart why it failed, and counts it", async () => {
    const codes = [
      ["query-timeout", 408],
      ["query-too-expensive", 400],
      ["engine-unavailable", 503],
    ] as const;
    for (const [code, status] of codes) {
      run = () => Promise.reject(new TytoError(code, "said plainly"));
      const reply = await post({ kql: "Events" });
      expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([status, code]);
    }
    const counted = fixture.telemetry.counters.read().filter(({ name }) => name === "api_searches_end_total");
    const totals = new Map(counted.map(({ reason, value }) => [reason, value]));
    expect(["timeout", "too-expensive", "failed"].map((reason) => totals.get(reason))).toEqual([1, 1, 1]);
  });

  it("counts matches over time", async () => {
    const reply = await post({ text: "x", buckets: 10 }, fixture.tokens.read, "/search/histogram");
    expect(reply.json()).toEqual({
      bucketMs: 1_000,
      buckets: [{ start: "1970-01-01T00:00:00.000Z", count: 3 }],
      total: 3,
      from: "1970-01-01T00:00:00.000Z",
      to: "1970-01-01T00:00:01.000Z",
    });
  });

  it("lists the fields that can be asked for, aliases included", async () => {
    const reply = await fixture.api.inject({
      url: "/api/v1/search/fields",
      headers: bearer(fixture.tokens.read),
    });
    const { items } = reply.json<FieldList>();
    const named = new Map(items.map((field) => [field.name, field]));
    expect(named.get("timestamp")).toMatchObject({ type: "datetime", isColumn: true });
    expect(named.get("source.ip")).toMatchObject({ type: "string", isColumn: true });
    expect(named.has("src_ip")).toBe(true);
  });
});

describe("a running search", () => {
  it("is stopped by its owner, and by nobody else", async () => {
    const seen: Options[] = [];
    run = endless(seen);
    const id = "search-0001";
    const running = post({ kql: "Events", id });
    await until(() => seen.length === 1);
    expect((await stop(id, fixture.tokens.admin)).statusCode).toBe(404);
    expect((await stop("search-0002", fixture.tokens.read)).statusCode).toBe(404);
    expect(seen[0]?.signal?.aborted).toBe(false);
    expect((await stop(id, fixture.tokens.read)).statusCode).toBe(204);
    const reply = await running;
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([409, "query-cancelled"]);
    expect((await stop(id, fixture.tokens.read)).statusCode).toBe(404);
  });

  it("shares its id with another owner's and with none of its own", async () => {
    const seen: Options[] = [];
    run = endless(seen);
    const id = "search-0003";
    const running = [post({ id }), post({ id }, fixture.tokens.admin)];
    await until(() => seen.length === 2);
    expect(new Set(seen.map((one) => one.queryId)).size).toBe(2);
    expect((await post({ id })).statusCode).toBe(409);
    await stop(id, fixture.tokens.admin);
    expect(seen.map((one) => one.signal?.aborted).sort()).toEqual([false, true]);
    await stop(id, fixture.tokens.read);
    await Promise.all(running);
  });

  it("is one of a dozen at most for each owner", async () => {
    const seen: Options[] = [];
    run = endless(seen);
    const ids = Array.from({ length: 12 }, (_, index) => `crowd-00${index}`);
    const running = ids.map((id) => post({ id }));
    await until(() => seen.length === 12);
    const refused = await post({});
    expect([refused.statusCode, refused.json<ErrorBody>().error.code]).toEqual([429, "rate-limited"]);
    run = answer;
    expect((await post({}, fixture.tokens.admin)).statusCode).toBe(200);
    for (const id of ids) await stop(id, fixture.tokens.read);
    await Promise.all(running);
    expect((await post({})).statusCode).toBe(200);
  });

  it("stops in the engine when the one who asked hangs up", async () => {
    const seen: Options[] = [];
    run = endless(seen);
    const call = request(`${address}/api/v1/search`, {
      method: "POST",
      headers: { ...bearer(fixture.tokens.read), "content-type": "application/json" },
    });
    call.on("error", () => undefined);
    call.end('{"kql":"Events"}');
    await until(() => seen.length === 1);
    expect(seen[0]?.signal?.aborted).toBe(false);
    call.destroy();
    await until(() => seen[0]?.signal?.aborted === true);
  });
});
