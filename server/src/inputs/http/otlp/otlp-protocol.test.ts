import { gunzipSync, gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { encodeMessage, ProtobufReader } from "../wire/protobuf.ts";
import { createOtlpProtocol } from "./otlp-protocol.ts";
import { SDK_JSON, SDK_PROTOBUF } from "./sdk-requests.fixture.ts";

const fixture = (limits: Partial<IngestLimits> = {}) => testShipper("otlp", createOtlpProtocol, limits);
const LOGS = "/v1/logs";
const typed = (type: string, more: object = {}): Record<string, string> => ({
  authorization: `Bearer ${GOOD}`,
  "content-type": type,
  ...more,
});
const PROTOBUF = typed("application/x-protobuf");
const JSON_TYPE = typed("application/json");

/** A request of one resource and scope, with these records. */
const request = (...records: readonly Uint8Array[]): Uint8Array =>
  encodeMessage([[1, encodeMessage([[2, encodeMessage(records.map((record) => [2, record] as const))]])]]);
const textRecord = (text: string): Uint8Array => encodeMessage([[5, encodeMessage([[1, text]])]]);

describe("OTLP over HTTP", () => {
  it("keeps each log record of an SDK with its resource and scope, the same from both encodings", async () => {
    const proto = fixture();
    const gzip = typed("application/x-protobuf", { "content-encoding": "gzip" });
    const reply = await proto.call(
      "POST",
      LOGS,
      [SDK_PROTOBUF.subarray(0, 100), SDK_PROTOBUF.subarray(100)],
      gzip,
    );
    expect([reply.status, reply.headers["content-type"], reply.body.length]).toEqual([
      200,
      "application/x-protobuf",
      0,
    ]);
    const json = fixture();
    const told = await json.call("POST", LOGS, SDK_JSON, typed("application/json; charset=utf-8"));
    expect([told.status, told.text]).toEqual([200, `{"partialSuccess":{}}`]);
    const common = {
      resource: { "service.name": "shop", "host.name": "web1" },
      scope: { name: "checkout", version: "1.2.3" },
    };
    const records = proto.context.sink.texts.map((text) => JSON.parse(text) as object);
    const attributes = {
      "log.file.path": "/var/log/auth.log",
      count: 42,
      ratio: 0.5,
      ok: true,
      list: ["a", 1],
    };
    expect(records).toMatchObject([
      {
        ...common,
        log: {
          timeUnixNano: "1772186400000000000",
          observedTimeUnixNano: "1772186400000000000",
          severityNumber: 9,
          severityText: "INFO",
          attributes: { ...attributes, big: 9007199254740991 },
        },
        body: "Accepted password for mara from 203.0.113.9 port 50022 ssh2",
      },
      {
        ...common,
        log: { timeUnixNano: "1772186400500000000", severityNumber: 17, eventName: "login" },
        body: { user: "mara", nested: { n: [1, 2] } },
      },
    ]);
    expect(records[1]).toMatchObject({ log: { attributes: { bytes: "AQL/" } } });
    expect(json.context.sink.texts).toEqual(proto.context.sink.texts);
  });

  it("keeps integers, numbers and names that JSON cannot hold", async () => {
    const { call, context } = fixture();
    const attributes = [
      `{"key":"k","value":{"intValue":"-9223372036854775808"}}`,
      `{"key":"__proto__","value":{"stringValue":"p"}}`,
      `{"key":"nan","value":{"doubleValue":"NaN"}}`,
      `{"key":"x","value":null}`,
      `{"value":{}}`,
    ].join(",");
    const record = `{"timeUnixNano":1772186400000000000,"attributes":[${attributes}]}`;
    const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record},7,{}]}]},{},null]}`;
    await call("POST", LOGS, body, JSON_TYPE);
    expect(context.sink.texts).toEqual([
      `{"resource":{},"scope":{},"log":{"timeUnixNano":"1772186400000000000","attributes":{"k":"-9223372036854775808","__proto__":"p","nan":"NaN","x":null}}}`,
      `{"resource":{},"scope":{},"log":{}}`,
    ]);
  });

  it.each([
    [
      "/v1/traces",
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{},{}]},{"spans":[{}]}]}]}`,
      { partialSuccess: { rejectedSpans: 3 } },
    ],
    [
      "/v1/metrics",
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}},{"sum":{"dataPoints":[{}]}}]}]}]}`,
      { partialSuccess: { rejectedDataPoints: 3 } },
    ],
    ["/v1/traces", "{}", { partialSuccess: {} }],
  ])("accepts at %s and counts what it does not keep: %s", async (url, body, expected) => {
    const { call, context } = fixture();
    const reply = await call("POST", url, body, JSON_TYPE);
    expect([reply.status, reply.json]).toMatchObject([200, expected]);
    expect(context.sink.batches).toEqual([]);
  });

  it("counts spans in protobuf, and answers in protobuf", async () => {
    const { call } = fixture();
    const reply = await call("POST", "/v1/traces", request(textRecord("a"), textRecord("b")), PROTOBUF);
    const outer = new ProtobufReader(Buffer.from(reply.body));
    expect(outer.next()).toBe(true);
    const inner = outer.message();
    inner.next();
    expect([inner.field, inner.int64()]).toEqual([1, 2n]);
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number, number]>([
    ["no token", "{}", { "content-type": "application/json" }, 401, 16],
    ["a wrong token", "{}", { ...JSON_TYPE, authorization: "Bearer nope" }, 401, 16],
    ["a token that may only read", "{}", { ...JSON_TYPE, authorization: "Bearer reader" }, 403, 7],
    ["another content type", "{}", typed("text/plain"), 415, 3],
    ["no content type", "{}", { authorization: `Bearer ${GOOD}` }, 415, 3],
    ["no JSON", `{"resourceLogs":[`, JSON_TYPE, 400, 3],
    ["a JSON list", "[]", JSON_TYPE, 400, 3],
    ["a gzip stream cut off", gzipSync("{}").subarray(0, -4), JSON_TYPE, 400, 3],
    ["gzip in gzip", gzipSync(gzipSync("{}")), JSON_TYPE, 400, 3],
    ["brotli", "{}", typed("application/json", { "content-encoding": "br" }), 415, 3],
    ["a bomb", gzipSync(Buffer.alloc(50_000_000)), JSON_TYPE, 413, 8],
    ["more JSON than is parsed", " ".repeat(17_000_000), JSON_TYPE, 413, 8],
  ])("answers %s with a status of google.rpc", async (_what, body, headers, status, code) => {
    const { call, context } = fixture();
    const reply = await call("POST", LOGS, body, headers);
    expect([reply.status, reply.json]).toMatchObject([status, { code }]);
    expect(context.sink.batches).toEqual([]);
  });

  it("answers broken protobuf in protobuf, and keeps nothing of it", async () => {
    const { call, context } = fixture();
    const bodies = [
      gunzipSync(SDK_PROTOBUF).subarray(0, -3),
      Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      Buffer.from([0x08]),
      Buffer.from([0x0b]),
      Buffer.from("text"),
    ];
    for (const body of bodies) {
      const reply = await call("POST", LOGS, body, PROTOBUF);
      const status = new ProtobufReader(Buffer.from(reply.body));
      status.next();
      expect([reply.status, reply.headers["content-type"], status.uint32()]).toEqual([
        400,
        "application/x-protobuf",
        3,
      ]);
    }
    expect(context.sink.batches).toEqual([]);
  });

  it("does not multiply a large resource beyond its limits", async () => {
    const { call, context, memory } = fixture({ maxInflatedBytes: 3_000_000 });
    const value = encodeMessage([[1, "x".repeat(100_000)]]);
    const resource = encodeMessage([
      [
        1,
        encodeMessage([
          [1, "k"],
          [2, value],
        ]),
      ],
    ]);
    const records = Array.from({ length: 100 }, () => [2, textRecord("a")] as const);
    const body = encodeMessage([
      [
        1,
        encodeMessage([
          [1, resource],
          [2, encodeMessage(records)],
        ]),
      ],
    ]);
    expect((await call("POST", LOGS, body, PROTOBUF)).status).toBe(413);
    expect(context.sink.batches).toEqual([]);
    expect(() => memory.take(256 * 1024 * 1024)).not.toThrow();
  });

  it("takes no more records than its limit, and cuts one that is too long, to quarantine", async () => {
    const { call, context } = fixture({ maxRecords: 10, maxRecordBytes: 100 });
    const many = Array.from({ length: 11 }, () => new Uint8Array(0));
    expect((await call("POST", LOGS, request(...many), PROTOBUF)).status).toBe(413);
    const body = request(textRecord("x".repeat(200)), textRecord("b"));
    expect((await call("POST", LOGS, body, PROTOBUF)).status).toBe(200);
    expect(context.sink.batches.map(({ fault, records }) => [fault, records.length])).toEqual([
      [undefined, 1],
      ["oversize", 1],
    ]);
  });

  it("reads values of any depth without breaking", async () => {
    let value: Uint8Array = encodeMessage([[1, "deep"]]);
    for (let i = 0; i < 2_000; i += 1) value = encodeMessage([[5, encodeMessage([[1, value]])]]);
    const { call, context } = fixture();
    expect((await call("POST", LOGS, request(encodeMessage([[5, value]])), PROTOBUF)).status).toBe(200);
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    expect((await call("POST", "/v1/traces", `{"resourceSpans":${deep}}`, JSON_TYPE)).status).toBe(200);
    expect(context.sink.texts).toHaveLength(1);
  });

  it("says when to come again while the journal takes nothing", async () => {
    const { call, context } = fixture();
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "not now");
    };
    const bodies = [
      [SDK_JSON, JSON_TYPE],
      [gunzipSync(SDK_PROTOBUF), PROTOBUF],
    ] as const;
    for (const [body, headers] of bodies) {
      const reply = await call("POST", LOGS, body, headers);
      expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "2"]);
    }
  });

  it("answers any bytes, in both encodings and for every signal", async () => {
    const whole = gunzipSync(SDK_PROTOBUF);
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length))
      .map(([at, byte, end]) => {
        const copy = Buffer.from(whole.subarray(0, end));
        if (at < copy.length) copy[at] = byte;
        return copy;
      });
    const json = fc.json().map((text) => Buffer.from(text));
    const broken = fc
      .tuple(fc.nat(SDK_JSON.length), fc.json())
      .map(([at, text]) => Buffer.from(SDK_JSON.slice(0, at) + text + SDK_JSON.slice(at)));
    const body = fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged, json, broken);
    const url = fc.constantFrom(LOGS, "/v1/traces", "/v1/metrics");
    await fc.assert(
      fc.asyncProperty(body, url, fc.boolean(), async (bytes, at, isJson) => {
        const { call } = fixture();
        const reply = await call("POST", at, bytes, isJson ? JSON_TYPE : PROTOBUF);
        expect([200, 400]).toContain(reply.status);
      }),
      { numRuns: 500 },
    );
  });
});
