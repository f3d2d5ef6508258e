import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import type { HttpMethod } from "../shipper.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { createElasticsearchProtocol } from "./elasticsearch-protocol.ts";

const fixture = (limits: Partial<IngestLimits> = {}) =>
  testShipper("elasticsearch", createElasticsearchProtocol, limits);
const lines = (...all: readonly (object | string)[]): string =>
  all.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join("");

describe("the handshakes of shippers", () => {
  const sequences: Readonly<Record<string, readonly (readonly [HttpMethod, string])[]>> = {
    Filebeat: [
      ["GET", "/"],
      ["GET", "/_license?human=false"],
      ["GET", "/_xpack"],
      ["GET", "/_ilm/policy/filebeat"],
      ["HEAD", "/_index_template/filebeat-8.17.0"],
      ["PUT", "/_index_template/filebeat-8.17.0"],
      ["GET", "/_data_stream/filebeat-8.17.0"],
      ["GET", "/_nodes/ingest"],
      ["GET", "/_ingest/pipeline/filebeat-8.17.0-nginx-access-pipeline"],
      ["PUT", "/_ingest/pipeline/filebeat-8.17.0-nginx-access-pipeline"],
      ["HEAD", "/_alias/filebeat-7.17.0"],
      ["GET", "/_cat/templates/filebeat-7.17.0"],
    ],
    Logstash: [
      ["HEAD", "/"],
      ["GET", "/"],
      ["GET", "/_xpack"],
      ["GET", "/_license"],
      ["HEAD", "/_index_template/ecs-logstash"],
      ["HEAD", "/_template/logstash"],
      ["HEAD", "/logstash"],
      ["PUT", "/logstash-2026.11.27-000001"],
      ["PUT", "/_ilm/policy/logstash-policy"],
    ],
    Vector: [
      ["GET", "/_cluster/health"],
      ["GET", "/"],
    ],
    rsyslog: [["GET", "/_cat/health"]],
  };

  it.each(Object.entries(sequences))("of %s succeed", async (_name, sequence) => {
    const { call } = fixture();
    for (const [method, url] of sequence) {
      const reply = await call(method, url, method === "PUT" ? "{}" : "");
      expect([url, reply.status, reply.headers["x-elastic-product"]]).toEqual([url, 200, "Elasticsearch"]);
    }
  });

  it("say version 8, an active licence and a green cluster", async () => {
    const { call } = fixture();
    expect((await call("GET", "/")).json).toMatchObject({
      version: { number: expect.stringMatching(/^8\./) as unknown },
    });
    expect((await call("GET", "/_license")).json).toMatchObject({ license: { status: "active" } });
    expect((await call("GET", "/_cluster/health")).json).toMatchObject({ status: "green" });
  });

  it("answer in the version of JSON that official clients ask for", async () => {
    const { call } = fixture();
    const headers = {
      authorization: `Bearer ${GOOD}`,
      accept: "application/vnd.elasticsearch+json; compatible-with=8",
    };
    expect((await call("GET", "/", "", headers)).headers["content-type"]).toBe(
      "application/vnd.elasticsearch+json;compatible-with=8",
    );
  });

  it.each<[string, string | undefined, number]>([
    ["no token", undefined, 401],
    ["a wrong token", "Bearer nope", 401],
    ["a token that may only read", "Bearer reader", 403],
    ["an API key as Beats write it", `ApiKey ${Buffer.from(`tyto:${GOOD}`).toString("base64")}`, 200],
    ["an API key that is the token", `ApiKey ${GOOD}`, 200],
    ["a password", `Basic ${Buffer.from(`elastic:${GOOD}`).toString("base64")}`, 200],
  ])("let in by %s: %s → %i", async (_what, authorization, status) => {
    const { call, context } = fixture();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const reply = await call("GET", "/", "", headers);
    expect(reply.status).toBe(status);
    if (status !== 200) expect(reply.json).toMatchObject({ status, error: { type: "security_exception" } });
    expect((await call("POST", "/_bulk", lines({ index: {} }, { a: 1 }), headers)).status).toBe(status);
    expect(context.sink.texts).toHaveLength(status === 200 ? 1 : 0);
  });
});

describe("_bulk", () => {
  it("keeps documents byte for byte and answers item by item, in order", async () => {
    const { call, context } = fixture();
    const body = lines(
      { create: { _index: "logs-a" } },
      `{"message" : "one"}`,
      { delete: { _index: "logs-a", _id: "7" } },
      { index: { _id: "x1" } },
      `{"message":"two"}`,
      { update: { _id: "x1" } },
      `{"doc":{}}`,
      { create: { _index: "logs-b" } },
      "no json",
      { create: { _index: "logs-a" } },
      `{"message":"three"}`,
    );
    const reply = await call("PUT", "/logs-c/_bulk?pipeline=x&timeout=1m", body, {
      authorization: `Bearer ${GOOD}`,
      "content-type": "application/json; charset=utf-8",
    });
    expect(reply.status).toBe(200);
    const { items, errors } = reply.json as {
      items: Record<string, { status: number; _index: string; error?: { type: string } }>[];
      errors: boolean;
    };
    expect(errors).toBe(true);
    expect(
      items.map(
        (item) => Object.entries(item).map(([name, { status, _index }]) => [name, status, _index])[0],
      ),
    ).toEqual([
      ["create", 201, "logs-a"],
      ["delete", 400, "logs-a"],
      ["index", 201, "logs-c"],
      ["update", 400, "logs-c"],
      ["create", 400, "logs-b"],
      ["create", 201, "logs-a"],
    ]);
    expect(
      context.sink.batches.map(({ header, records }) => [
        header,
        records.map((record) => Buffer.from(record).toString()),
      ]),
    ).toEqual([
      [`{"elasticsearch":{"index":"logs-a"}}`, [`{"message" : "one"}`, `{"message":"three"}`]],
      [`{"elasticsearch":{"index":"logs-c"}}`, [`{"message":"two"}`]],
    ]);
  });

  it("gives a document with an id the same identity each time, per source and index", async () => {
    const { call, context } = fixture();
    const send = (url: string, secret = GOOD) =>
      call(
        "POST",
        url,
        lines(
          { create: { _id: "a" } },
          { m: 1 },
          { create: { _id: "b" } },
          { m: 2 },
          { create: { _id: "b" } },
          { m: 2 },
        ),
        { authorization: `Bearer ${secret}` },
      );
    for (const url of ["/i/_bulk", "/i/_bulk", "/j/_bulk"]) await send(url);
    await send("/i/_bulk", "other");
    const origins = context.sink.batches.map(({ identity }) =>
      identity.kind === "object" ? identity.origin : "",
    );
    expect(origins).toHaveLength(12);
    expect(origins[1]).toBe(origins[2]);
    expect(origins.slice(3, 6)).toEqual(origins.slice(0, 3));
    expect(new Set(origins).size).toBe(6);
  });

  it("answers with the fields that filter_path asks for", async () => {
    const { call } = fixture();
    const body = lines({ create: { _index: "i" } }, { m: 1 }, { delete: { _id: "1" } });
    const asked = async (path: string) =>
      (await call("POST", `/_bulk?filter_path=${encodeURIComponent(path)}`, body)).json;
    expect(await asked("errors,items.*.error,items.*.status")).toEqual({
      errors: true,
      items: [
        { create: { status: 201 } },
        {
          delete: {
            status: 400,
            error: expect.objectContaining({ type: "illegal_argument_exception" }) as unknown,
          },
        },
      ],
    });
    expect(await asked("errors")).toEqual({ errors: true });
    expect(await asked("**")).toMatchObject({
      took: 0,
      errors: true,
      items: [{ create: { result: "created" } }, {}],
    });
  });

  it.each<[string, string, string]>([
    ["nothing", "", "parse_exception"],
    ["a body that is cut off", lines({ create: {} }) + `{"a":`, "illegal_argument_exception"],
    ["an action without its document", lines({ create: {} }), "illegal_argument_exception"],
    ["an action that is none", lines({ creat: {} }, { a: 1 }), "illegal_argument_exception"],
    ["text", "hello\nworld\n", "illegal_argument_exception"],
    ["two actions in one line", lines({ create: {}, index: {} }, {}), "illegal_argument_exception"],
    [
      "an action that never ends",
      `{"create":{"_id":"${"x".repeat(20_000)}"}}\n{}\n`,
      "illegal_argument_exception",
    ],
  ])("refuses %s as a whole", async (_what, body, type) => {
    const { call, context } = fixture();
    const reply = await call("POST", "/_bulk", body);
    expect(reply.json).toMatchObject({ status: 400, error: { type, root_cause: [{ type }] } });
    expect(context.sink.batches).toEqual([]);
  });

  it("cuts a document that is too long, to quarantine, and keeps the rest", async () => {
    const { call, context } = fixture({ maxRecordBytes: 20 });
    const reply = await call(
      "POST",
      "/_bulk",
      lines({ create: {} }, { m: "x".repeat(50) }, { create: {} }, { m: 1 }),
    );
    expect(reply.json).toMatchObject({ errors: false });
    expect(context.sink.batches.map(({ fault }) => fault)).toEqual(["oversize", undefined]);
  });

  it("answers 429 for each item that the journal does not take, and for a body too many", async () => {
    const { call, context, memory } = fixture({ maxBytesInFlight: 5_000 });
    let appends = 0;
    context.sink.gate = () => {
      appends += 1;
      if (appends === 1) throw new TytoError("back-pressure", "not now");
    };
    const reply = await call(
      "POST",
      "/_bulk",
      lines({ create: {} }, { m: 1 }, { create: { _id: "a" } }, { m: 2 }, { create: {} }, { m: 3 }),
    );
    expect(reply.json).toMatchObject({
      errors: true,
      items: [
        { create: { status: 429, error: { type: "es_rejected_execution_exception" } } },
        { create: { status: 201 } },
        { create: { status: 429 } },
      ],
    });
    expect(context.sink.texts).toEqual([`{"m":2}`]);
    memory.take(4_500);
    const whole = await call("POST", "/_bulk", lines({ create: {} }, { m: "x".repeat(600) }));
    expect([whole.status, whole.headers["retry-after"]]).toEqual([429, "2"]);
    expect(whole.json).toMatchObject({ error: { type: "es_rejected_execution_exception" }, status: 429 });
  });

  it("takes gzip, and refuses bombs, cut streams and brotli in its own words", async () => {
    const { call, context } = fixture({ maxInflatedBytes: 2_000_000 });
    const body = lines({ create: {} }, { m: 1 });
    const headers = { authorization: `Bearer ${GOOD}` };
    expect(
      (await call("POST", "/_bulk", gzipSync(body), { ...headers, "content-encoding": "gzip" })).status,
    ).toBe(200);
    expect((await call("POST", "/_bulk", gzipSync(Buffer.alloc(50_000_000)), headers)).json).toMatchObject({
      status: 413,
      error: { type: "content_too_long_exception" },
    });
    expect((await call("POST", "/_bulk", gzipSync(body).subarray(0, -5), headers)).json).toMatchObject({
      status: 400,
    });
    expect((await call("POST", "/_bulk", body, { ...headers, "content-encoding": "br" })).json).toMatchObject(
      { status: 415 },
    );
    expect(context.sink.texts).toEqual([`{"m":1}`]);
  });

  it("takes a single document, pretty-printed or with its id in the address", async () => {
    const { call, context } = fixture();
    expect((await call("POST", "/logs/_doc", `{\n "m": 1\n}`)).json).toMatchObject({
      _index: "logs",
      result: "created",
    });
    expect((await call("PUT", "/logs/_create/a%20b", `{"m":2}`)).json).toMatchObject({ _id: "a b" });
    expect((await call("POST", "/logs/_doc", "text")).json).toMatchObject({ status: 400 });
    expect(context.sink.texts).toEqual([`{  "m": 1 }`, `{"m":2}`]);
  });

  it("answers any bytes, and each item once", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc
        .constantFrom(
          `{"create":{}}\n`,
          `{"index":{"_id":"1"}}\n`,
          `{"delete":{"_id":1}}\n`,
          `{"a":1}\n`,
          "\n",
          "\r\n",
          "{",
          "}",
        )
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const { call, context } = fixture();
        const reply = await call("POST", "/i/_bulk", pieces);
        expect([200, 400]).toContain(reply.status);
        const { items = [] } = reply.json as { items?: Record<string, { status: number }>[] };
        const created = items.filter((item) => Object.values(item)[0]?.status === 201);
        expect(context.sink.texts).toHaveLength(created.length);
      }),
      { numRuns: 300 },
    );
  });
});
