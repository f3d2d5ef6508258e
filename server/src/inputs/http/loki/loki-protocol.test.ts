import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { encodeMessage } from "../wire/protobuf.ts";
import { BrokenSnappy, SnappyTooLarge, unsnappy } from "../wire/snappy.ts";
import { parseLabels } from "./labels.ts";
import { createLokiProtocol } from "./loki-protocol.ts";

const fixture = (limits: Partial<IngestLimits> = {}) => testShipper("loki", createLokiProtocol, limits);
const PUSH = "/loki/api/v1/push";
const JSON_TYPE = { authorization: `Bearer ${GOOD}`, "content-type": "application/json" };
const PROTOBUF = {
  authorization: `Bearer ${GOOD}`,
  "content-type": "application/x-protobuf",
  "x-scope-orgid": "1",
};

/** A block of literals alone, which is valid if not small. */
function snappied(bytes: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) head.push((rest % 128) | 0x80);
  head.push(rest);
  const parts: Uint8Array[] = [Uint8Array.from(head)];
  for (let at = 0; at < bytes.length; at += 60) {
    const part = bytes.subarray(at, at + 60);
    parts.push(Uint8Array.of((part.length - 1) << 2), part);
  }
  return Buffer.concat(parts);
}

const entry = (line: string, seconds: number, nanos: number): Uint8Array =>
  encodeMessage([
    [
      1,
      encodeMessage([
        [1, seconds],
        [2, nanos],
      ]),
    ],
    [2, line],
    [
      3,
      encodeMessage([
        [1, "trace_id"],
        [2, "abc"],
      ]),
    ],
  ]);
const stream = (labels: string, ...entries: readonly Uint8Array[]): Uint8Array =>
  encodeMessage([[1, encodeMessage([[1, labels], ...entries.map((one) => [2, one] as const)])]]);

describe("Loki's push", () => {
  it("takes JSON, each line with the labels of its stream", async () => {
    const { call, context } = fixture();
    const body = `{"streams":[{"stream":{"job":"a"},"values":[["1772186400000000001","one"],["1772186400000000002","two",{"trace_id":"x"}]]},{"stream":{},"values":[]}]}`;
    expect((await call("POST", PUSH, body, JSON_TYPE)).status).toBe(204);
    expect(
      (await call("POST", PUSH, gzipSync(body), { ...JSON_TYPE, "content-encoding": "gzip" })).status,
    ).toBe(204);
    const expected = [
      `{"labels":{"job":"a"},"timestamp":"1772186400000000001","line":"one"}`,
      `{"labels":{"job":"a"},"timestamp":"1772186400000000002","line":"two","metadata":{"trace_id":"x"}}`,
    ];
    expect(context.sink.texts).toEqual([...expected, ...expected]);
  });

  it("takes protobuf in Snappy, as Promtail sends it", async () => {
    const { call, context } = fixture();
    const body = snappied(stream(`{filename="/var/log/x", job="v\\"a"}`, entry("one", 1_772_186_400, 5)));
    expect((await call("POST", PUSH, body, PROTOBUF)).status).toBe(204);
    expect(context.sink.texts).toEqual([
      `{"labels":{"filename":"/var/log/x","job":"v\\"a"},"timestamp":"1772186400000000005","line":"one","metadata":{"trace_id":"abc"}}`,
    ]);
  });

  it("is ready without a token, unless the journal takes nothing", async () => {
    const { call, context } = fixture();
    expect((await call("GET", "/ready", "", {})).text).toBe("ready\n");
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "not now");
    };
    const reply = await call("POST", PUSH, `{"streams":[{"stream":{},"values":[["1","a"]]}]}`, JSON_TYPE);
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "2"]);
    expect((await call("GET", "/ready", "", {})).status).toBe(503);
  });

  it.each<[string, Uint8Array | string, Record<string, string>, number]>([
    ["no token", "{}", { "content-type": "application/json" }, 401],
    ["a token that may only read", "{}", { ...JSON_TYPE, authorization: "Bearer reader" }, 403],
    ["JSON that is cut off", `{"streams":[`, JSON_TYPE, 400],
    ["no streams", "{}", JSON_TYPE, 400],
    ["a stream without labels", `{"streams":[{"values":[]}]}`, JSON_TYPE, 400],
    ["a value without a line", `{"streams":[{"stream":{},"values":[["1"]]}]}`, JSON_TYPE, 400],
    ["a time that is none", `{"streams":[{"stream":{},"values":[["now","a"]]}]}`, JSON_TYPE, 400],
    ["text for Snappy", "hello", PROTOBUF, 400],
    ["protobuf without Snappy", stream("{}", entry("a", 1, 1)), PROTOBUF, 400],
    ["labels that are none", snappied(stream("job", entry("a", 1, 1))), PROTOBUF, 400],
    ["a block that claims two gigabytes", Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00]), PROTOBUF, 413],
    ["a gzip bomb", gzipSync(Buffer.alloc(50_000_000)), JSON_TYPE, 413],
  ])("refuses %s, and keeps nothing of it", async (_what, body, headers, status) => {
    const { call, context } = fixture();
    expect((await call("POST", PUSH, body, headers)).status).toBe(status);
    expect(context.sink.batches).toEqual([]);
  });

  it("does not multiply large labels beyond its limits", async () => {
    const { call, context, memory } = fixture({ maxInflatedBytes: 3_000_000 });
    const values = Array.from({ length: 100 }, () => `["1","a"]`).join(",");
    const body = `{"streams":[{"stream":{"a":"${"x".repeat(100_000)}"},"values":[${values}]}]}`;
    expect((await call("POST", PUSH, body, JSON_TYPE)).status).toBe(413);
    expect(context.sink.batches).toEqual([]);
    expect(() => memory.take(256 * 1024 * 1024)).not.toThrow();
  });

  it("answers any bytes", async () => {
    const good = snappied(stream(`{a="b"}`, entry("one", 1, 1)));
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.from(good).fill(byte, at, at + 1));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged, fc.json()),
        fc.boolean(),
        async (body, isJson) => {
          const { call } = fixture();
          expect([204, 400, 413]).toContain(
            (await call("POST", PUSH, body, isJson ? JSON_TYPE : PROTOBUF)).status,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("Snappy", () => {
  it("copies from what it has written, overlapping too", () => {
    // "ab", then six bytes from two back; then three from eight back by two bytes, and four by four bytes.
    const block = Buffer.from([
      15, 0x04, 0x61, 0x62, 0x09, 0x02, 0x0a, 0x08, 0x00, 0x0f, 0x02, 0x00, 0x00, 0x00,
    ]);
    expect(Buffer.from(unsnappy(block, 100)).toString()).toBe("ababababababab" + "a");
  });

  it("inflates what it made, and only throws its own errors for anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Buffer.from(unsnappy(snappied(bytes), 300))).toEqual(Buffer.from(bytes));
        try {
          unsnappy(bytes, 10_000);
        } catch (error) {
          expect(error instanceof BrokenSnappy || error instanceof SnappyTooLarge).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("labels", () => {
  it.each([
    [`{}`, {}],
    [`{ a = "b" , c_1="d\\n\\x41" , }`, { a: "b", c_1: "d\nx41" }],
    [`{__proto__="x"}`, { ["__proto__"]: "x" }],
  ])("of %s are read", (text, expected) => {
    expect(Object.entries(parseLabels(text))).toEqual(Object.entries(expected));
  });

  it.each(["", "a", "{a}", `{a="b"`, `{a="b" c="d"}`, `{a='b'}`, `{="b"}`, `{a="b",,}`])(
    "of %s are none",
    (text) => {
      expect(() => parseLabels(text)).toThrow(TytoError);
    },
  );
});
