import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import type { ErrorBody, IngestReply } from "@tyto/domain";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { fileOrigin } from "../origin.ts";
import { testContext, until } from "../testing/context.ts";
import { IngestMemory } from "./body.ts";
import { createIngestHandler, DEFAULT_INGEST_LIMITS } from "./ingest-handler.ts";
import type { IngestLimits, IngestRequest } from "./ingest-handler.ts";
import { encodeRecordFrames } from "./record-frames.ts";

type Body = string | Uint8Array | readonly (string | Uint8Array)[];

function fixture(limits: Partial<IngestLimits> = {}) {
  const context = testContext();
  const memory = new IngestMemory(limits.maxBytesInFlight ?? DEFAULT_INGEST_LIMITS.maxBytesInFlight);
  const handler = createIngestHandler({
    ...context,
    knownPack: (name) => name === "nginx-access",
    limits,
    memory,
  });
  const post = (body: Body, request: Partial<Omit<IngestRequest, "body">> = {}) =>
    handler.handle({
      body: streamOf(body),
      headers: {},
      query: {},
      token: { id: "t1", name: "shipper" },
      ...request,
    });
  return { context, handler, post, memory };
}

async function* streamOf(body: Body): AsyncGenerator<Uint8Array> {
  const chunks = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  for (const chunk of chunks)
    yield await Promise.resolve(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
}

const codeOf = (body: IngestReply | ErrorBody): string => ("error" in body ? body.error.code : "none");

describe("the ingest handler", () => {
  it("keeps records of a body under the header that names their columns, with the ids of their places", async () => {
    const { context, post } = fixture();
    const body = "time,src,user\n1,192.0.2.1,mara\n#Fields: a b\n2 3\n";
    const reply = await post(body, { headers: { "idempotency-key": "k1" } });
    expect(reply.body).toEqual({ accepted: 4, rejected: [] });
    expect(
      context.sink.batches.map(({ header, identity }) => [
        header,
        identity.kind === "object" ? identity.ordinals : [],
      ]),
    ).toEqual([
      ["time,src,user", [0, 1]],
      ["#Fields: a b", [2, 3]],
    ]);
  });

  it("weighs records beside their bytes: many small bodies of many records are told to come again", async () => {
    const { context, post, memory } = fixture({ maxBytesInFlight: 2 * 1024 * 1024 });
    const waiting = new Set<() => void>();
    context.sink.gate = () => new Promise((resolve) => void waiting.add(resolve));
    const body = "x\n".repeat(1_200);
    const replies = Array.from({ length: 12 }, () => post(body));
    await until(() => waiting.size === 4, "those that fit to wait for the journal");
    for (const go of waiting) go();
    const statuses = (await Promise.all(replies)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, 200, ...Array<number>(8).fill(503)]);
    context.sink.gate = () => undefined;
    expect((await post(body)).status, "memory is given back").toBe(200);
    expect(() => memory.take(2 * 1024 * 1024)).not.toThrow();
  });

  it("asks for pieces where a body alone is too much for all memory: it would never fit", async () => {
    const { post, context } = fixture({ maxBytesInFlight: 1024 * 1024 });
    const reply = await post("x\n".repeat(3_000));
    expect([reply.status, codeOf(reply.body)]).toEqual([413, "too-large"]);
    expect(context.sink.texts).toEqual([]);
  });

  it("says when to come again by the pace at which memory comes free", () => {
    let nowMs = 0;
    const memory = new IngestMemory(10_000, () => nowMs);
    const asked = (): number => {
      try {
        memory.take(20_000 - 10_000);
      } catch (error) {
        return error instanceof TytoError ? error.retryAfterSeconds : -1;
      }
      return 0;
    };
    memory.take(9_000);
    expect(asked(), "nothing is known yet").toBe(2);
    nowMs = 4_000;
    memory.give(800);
    expect(asked(), "8,200 bytes at 200 a second").toBe(41);
    nowMs = 8_000;
    memory.give(8_000);
    expect(asked()).toBe(1);
  });

  it("refuses a header of columns that it cannot read", async () => {
    const { post } = fixture();
    const headers = {
      "content-type": "application/vnd.tyto.records",
      "x-tyto-object": "a".repeat(64),
      "x-tyto-columns": "%E0%A4%A",
    };
    const reply = await post(encodeRecordFrames([]), { headers });
    expect(codeOf(reply.body)).toBe("bad-request");
  });

  it.each([
    ["NDJSON", `{"a":1}\n\n{"b": 2}\r\nno json\n`, [`{"a":1}`, `{"b": 2}`, "no json"]],
    ["a JSON list, elements as their exact bytes", `[{"a": 1.0},\n {"b":"]"}]`, [`{"a": 1.0}`, `{"b":"]"}`]],
    ["one JSON object", `{"a":1}`, [`{"a":1}`]],
    ["one pretty-printed object", `{\n  "a": 1\n}`, [`{\n  "a": 1\n}`]],
    ["CloudTrail's file", `{"Records":[{"a":1},{"b":2}]}`, [`{"a":1}`, `{"b":2}`]],
    ["lines of text", "one\ntwo", ["one", "two"]],
    [
      "lines that begin with a bracket",
      "[Sat Nov 21] x\n[Sat Nov 21] y\n",
      ["[Sat Nov 21] x", "[Sat Nov 21] y"],
    ],
    ["what only looked like pretty-printed JSON", "{ begin,\nanother line\n", ["{ begin,", "another line"]],
    ["nothing", "", []],
  ])("takes %s", async (_name, body, expected) => {
    const { context, post } = fixture();
    const reply = await post(body);
    expect(reply).toEqual({ status: 200, body: { accepted: expected.length, rejected: [] }, headers: {} });
    expect(context.sink.texts).toEqual(expected);
  });

  it("takes a list for lines where the sender says text/plain", async () => {
    const { context, post } = fixture();
    await post(`["a"]\n["b"]`, { headers: { "content-type": "text/plain; charset=utf-8" } });
    expect(context.sink.texts).toEqual([`["a"]`, `["b"]`]);
  });

  it("takes gzip that says so and gzip that does not", async () => {
    const { context, post } = fixture();
    await post(gzipSync("one\ntwo"), { headers: { "content-encoding": "gzip" } });
    await post(gzipSync(`[{"a":1}]`));
    expect(context.sink.texts).toEqual(["one", "two", `{"a":1}`]);
  });

  it("rejects only lines beyond the limit, by number", async () => {
    const { context, post } = fixture({ maxRecordBytes: 10 });
    const { body } = await post(`short\n${"x".repeat(11)}\nshort too\n`);
    expect(body).toEqual({ accepted: 2, rejected: [{ line: 2, reason: "longer than 10 bytes" }] });
    expect(context.sink.texts).toEqual(["short", "short too"]);
    expect((await post(`[{"a":1},{"b":"${"x".repeat(20)}"}]`)).body).toMatchObject({
      accepted: 1,
      rejected: [{ line: 2 }],
    });
  });

  it.each([
    ["a gzip stream that is cut off", gzipSync("one\ntwo\n".repeat(50)).subarray(0, -6), 400, "bad-request"],
    ["gzip with junk behind it", Buffer.concat([gzipSync("one"), Buffer.from("junk")]), 400, "bad-request"],
    ["a list that is not closed", `[{"a":1},{"b":`, 400, "bad-request"],
    ["a list with text behind it", `[{"a":1}] x`, 400, "bad-request"],
    ["a gzip bomb", gzipSync(Buffer.alloc(50_000_000, "a\n")), 413, "too-large"],
  ])("accepts nothing of %s and says so", async (_name, body, status, code) => {
    const { context, post } = fixture();
    const reply = await post(body);
    expect([reply.status, codeOf(reply.body)]).toEqual([status, code]);
    expect(JSON.stringify(reply.body)).toContain("nothing of it was accepted");
    expect(context.sink.batches).toEqual([]);
  });

  it("stops at its limits, compressed, plain and inflated", async () => {
    const { post } = fixture({ maxCompressedBytes: 1_000, maxInflatedBytes: 10_000, maxRatio: 10_000 });
    let state = 7;
    const noise = Buffer.from(
      Array.from({ length: 5_000 }, () => (state = (state * 48_271) % 2_147_483_647) >> 8),
    );
    expect((await post(gzipSync(noise))).status).toBe(413);
    expect((await post("x".repeat(10_001))).status).toBe(413);
    expect((await post(["x".repeat(9_000), "x".repeat(9_000)])).headers).toEqual({ connection: "close" });
    expect((await post(gzipSync("x".repeat(10_001)))).status).toBe(413);
    expect((await post("x\n".repeat(5_000))).status).toBe(200);
  });

  it("takes no body of more records than its limit, however short they are", async () => {
    const { context, post } = fixture({ maxRecords: 1_000 });
    expect((await post("a\n".repeat(1_000))).status).toBe(200);
    expect((await post("a\n".repeat(1_000_000))).status).toBe(413);
    expect((await post(`[${"{},".repeat(400_000)}{}]`)).status).toBe(413);
    expect(context.sink.batches).toHaveLength(1);
  });

  it("answers 415 with a hint for other encodings", async () => {
    const { post } = fixture();
    for (const encoding of ["br", "zstd", "deflate", "gzip, gzip"]) {
      const reply = await post("x", { headers: { "content-encoding": encoding } });
      expect(reply.status).toBe(415);
      expect(JSON.stringify(reply.body)).toContain("send gzip");
    }
  });

  it("answers 503 with Retry-After while the journal takes nothing, and for too much at once", async () => {
    const { context, post, memory } = fixture({ maxBytesInFlight: 2_000 });
    for (const code of ["back-pressure", "disk-full", "engine-unavailable"] as const) {
      context.sink.gate = () => {
        throw new TytoError(code, "not now");
      };
      const reply = await post("x");
      expect([reply.status, codeOf(reply.body), reply.headers["retry-after"]]).toEqual([503, code, "2"]);
    }
    context.sink.gate = () => undefined;
    memory.take(600);
    expect((await post("y".repeat(1_001))).status).toBe(503);
    expect((await post("y".repeat(1_000))).status).toBe(200);
    expect((await post("y".repeat(1_000))).status).toBe(200);
    expect((await post("y".repeat(2_001))).status, "it would never fit").toBe(413);
  });

  it("answers only after the sink holds the batch", async () => {
    const { context, post } = fixture();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    context.sink.gate = () => held;
    let isAnswered = false;
    const reply = post("x").finally(() => (isAnswered = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    release();
    expect((await reply).status).toBe(200);
  });

  it("gives a repeated Idempotency-Key of a source the same identities, and no other source's", async () => {
    const { context, post } = fixture();
    const headers = { "idempotency-key": "batch-1" };
    await post("a\nb", { headers });
    await post("a\nb", { headers });
    await post("a\nb", { headers, token: { id: "t2", name: "other" } });
    const [one, two, three] = context.sink.batches.map(({ identity }) => identity);
    expect(one).toMatchObject({ kind: "object", ordinals: [0, 1] });
    expect(two).toEqual(one);
    expect(three).not.toEqual(one);
    expect((await post("a", { headers: { "idempotency-key": "x".repeat(300) } })).status).toBe(400);
  });

  it("names a source per token and name, and fixes the pack only where the name is a pack's", async () => {
    const { context, post } = fixture();
    await post("a");
    await post("a", { query: { source: "nginx-access" } });
    await post("a", { query: { source: "shop frontend" }, token: null });
    expect(context.sources.keys).toEqual([
      { input: "http", discriminator: "t1 shipper", name: "shipper" },
      { input: "http", discriminator: "t1 nginx-access", name: "nginx-access" },
      { input: "http", discriminator: " shop frontend", name: "shop frontend" },
    ]);
    expect(context.sink.batches.map(({ pack }) => pack)).toEqual([undefined, "nginx-access", undefined]);
    for (const source of ["", "a\nb", "x".repeat(200), "<b>"]) {
      expect((await post("a", { query: { source } })).status).toBe(400);
    }
  });

  it("takes records with their places in a file, and never an origin that the sender chose", async () => {
    const { context, post } = fixture();
    const sha256 = createHash("sha256").update("content").digest("hex");
    const headers = {
      "content-type": "application/vnd.tyto.records",
      "x-tyto-object": sha256,
      "x-tyto-file": "auth%20log.txt",
    };
    const frames = encodeRecordFrames([
      { ordinal: 0, bytes: Buffer.from("one") },
      { ordinal: 40, bytes: Buffer.from("tw"), fault: "oversize" },
      { ordinal: 2 ** 40, bytes: Buffer.from("") },
    ]);
    expect((await post(frames, { headers })).body).toEqual({ accepted: 3, rejected: [] });
    expect(context.sources.keys.at(-1)).toEqual({
      input: "file",
      discriminator: "auth log.txt",
      name: "auth log.txt",
    });
    expect(context.sink.batches.map(({ identity, fault }) => ({ identity, fault }))).toEqual([
      { identity: { kind: "object", origin: fileOrigin(sha256), ordinals: [0, 2 ** 40] }, fault: undefined },
      { identity: { kind: "object", origin: fileOrigin(sha256), ordinals: [40] }, fault: "oversize" },
    ]);
    expect(fileOrigin(sha256)).not.toBe(sha256.slice(0, 16));
    for (const cut of [1, 12, 15])
      expect((await post(frames.subarray(0, cut), { headers })).status).toBe(400);
    const twice = encodeRecordFrames([
      { ordinal: 7, bytes: Buffer.from("a") },
      { ordinal: 7, bytes: Buffer.from("b") },
    ]);
    expect((await post(twice, { headers })).status).toBe(400);
    expect((await post(frames, { headers: { ...headers, "x-tyto-object": "abc" } })).status).toBe(400);
    expect((await post(frames, { headers: { ...headers, "x-tyto-file": "%" } })).status).toBe(400);
  });

  it("answers for any bytes at all, and the records together are never more than the body", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const { context, post } = fixture();
        const reply = await post([bytes.subarray(0, 7), bytes.subarray(7)]);
        expect([200, 400]).toContain(reply.status);
        const total = context.sink.batches
          .flatMap(({ records }) => records)
          .reduce((sum, { length }) => sum + length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe("behind a real HTTP server", () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

  async function served() {
    const { context, handler } = fixture();
    const requests: string[] = [];
    const outcomes: number[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? "");
      void handler
        .handle({ body: request, headers: request.headers, query: {}, token: null })
        .then((reply) => {
          outcomes.push(reply.status);
          response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
          response.end(JSON.stringify(reply.body));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { context, requests, outcomes, port: (server.address() as AddressInfo).port };
  }

  it("answers 413 to a bomb while it is still being sent, on a connection that still works until then", async () => {
    const { context, port } = await served();
    const bomb = gzipSync(Buffer.alloc(200_000_000, "a\n"), { level: 9 });
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: bomb });
    expect(response.status).toBe(413);
    expect(context.sink.batches).toEqual([]);
  });

  it("accepts nothing of a body whose sender goes away in the middle", async () => {
    const { context, requests, outcomes, port } = await served();
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\none\ntwo\n");
    await until(() => requests.length === 1, "the request");
    socket.on("error", () => undefined);
    socket.destroy();
    await until(() => outcomes.length === 1, "the outcome");
    expect(outcomes).toEqual([400]);
    expect(context.sink.batches).toEqual([]);
  });

  it("takes a chunked body from a slow client", async () => {
    const { context, port } = await served();
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const character of `{"a":1}\n`) socket.write(`1\r\n${character}\r\n`);
    socket.write("0\r\n\r\n");
    await until(() => context.sink.texts.length === 1, "the record");
    socket.destroy();
    expect(context.sink.texts).toEqual([`{"a":1}`]);
  });
});
