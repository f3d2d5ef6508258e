import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { AckChannels } from "./channels.ts";
import { createHecProtocol } from "./hec-protocol.ts";

const CHANNEL = "fe0ecfad-13d5-401b-847d-77833bd77131";
const fixture = (limits: Partial<IngestLimits> = {}, allowsQueryTokens = false) =>
  testShipper("hec", (intake) => createHecProtocol(intake, { allowsQueryTokens }), limits);
const EVENT = "/services/collector/event";
const RAW = "/services/collector/raw";

describe("Splunk's collector", () => {
  it.each([
    ["/services/collector", "one object", `{"event":"a"}`, [`{"event":"a"}`]],
    [
      EVENT,
      "objects without anything between them",
      `{"event":"a"}{"event":{"b":1},"time":1}`,
      [`{"event":"a"}`, `{"event":{"b":1},"time":1}`],
    ],
    [
      "/services/collector/event/1.0",
      "objects over lines, as syslog-ng writes them",
      `{"time":"1795210307","event":"<38>x"}\n{"event":"b"}\n`,
      [`{"time":"1795210307","event":"<38>x"}`, `{"event":"b"}`],
    ],
    [
      EVENT,
      "pretty-printed objects, byte for byte",
      `{\n "event" : "}{" ,"fields":{"a":"1"}\n}\r\n {"event":0}`,
      [`{\n "event" : "}{" ,"fields":{"a":"1"}\n}`, `{"event":0}`],
    ],
  ])("takes at %s %s", async (url, _what, body, expected) => {
    const { call, context } = fixture();
    const reply = await call("POST", url, body, {
      authorization: `Splunk ${GOOD}`,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect([reply.status, reply.text]).toEqual([200, `{"text":"Success","code":0}`]);
    expect(context.sink.texts).toEqual(expected);
    expect(context.sink.batches.map(({ header }) => header)).toEqual([`{"hec":{"endpoint":"event"}}`]);
    expect(context.sources.keys[0]).toEqual({ input: "hec", discriminator: "t1 shipper", name: "shipper" });
  });

  it("takes raw lines with what the address says about them", async () => {
    const { call, context } = fixture();
    const reply = await call(
      "POST",
      `${RAW}?channel=${CHANNEL}&sourcetype=cisco:asa&host=fw1&ignored=1`,
      "one\r\ntwo\n\n",
    );
    expect(reply.json).toEqual({ text: "Success", code: 0, ackId: 0 });
    expect(context.sink.texts).toEqual(["one", "two"]);
    expect(JSON.parse(context.sink.batches[0]?.header ?? "")).toEqual({
      hec_raw: { endpoint: "raw", host: "fw1", sourcetype: "cisco:asa" },
    });
  });

  it.each<[string, Record<string, string>, string, number, number]>([
    ["no token", {}, EVENT, 401, 2],
    ["a header that is none", { authorization: "Splunk" }, EVENT, 401, 3],
    ["another scheme", { authorization: "Digest x" }, EVENT, 401, 3],
    ["a wrong token", { authorization: "Splunk nope" }, EVENT, 403, 4],
    ["a token that may only read", { authorization: "Splunk reader" }, EVENT, 403, 4],
    ["an expired token", { authorization: "Splunk expired" }, EVENT, 403, 1],
    ["a token in the address", {}, `${EVENT}?token=${GOOD}`, 400, 16],
    [
      "Basic, the password being the token",
      { authorization: `Basic ${Buffer.from(`x:${GOOD}`).toString("base64")}` },
      EVENT,
      200,
      0,
    ],
    ["Bearer", { authorization: `bearer ${GOOD}` }, EVENT, 200, 0],
    ["raw without a channel", { authorization: `Splunk ${GOOD}` }, RAW, 400, 10],
    ["ack without a channel", { authorization: `Splunk ${GOOD}` }, "/services/collector/ack", 400, 10],
    [
      "a channel that is none",
      { authorization: `Splunk ${GOOD}`, "x-splunk-request-channel": "7" },
      EVENT,
      400,
      11,
    ],
  ])("answers %s with Splunk's code", async (_what, headers, url, status, code) => {
    const { call, context } = fixture();
    const reply = await call("POST", url, `{"event":"a"}`, headers);
    expect([reply.status, reply.json]).toMatchObject([status, { code }]);
    expect(context.sink.texts).toHaveLength(code === 0 ? 1 : 0);
  });

  it("takes the token from the address only where that is switched on", async () => {
    const { call } = fixture({}, true);
    expect((await call("POST", `${EVENT}?token=${GOOD}`, `{"event":"a"}`, {})).status).toBe(200);
    expect((await call("POST", `${EVENT}?token=x`, `{"event":"a"}`, {})).json).toMatchObject({ code: 4 });
  });

  it.each<[string, string, object, number]>([
    ["nothing", "", { code: 5 }, 0],
    ["white space", " \r\n ", { code: 5 }, 0],
    ["text", "hello", { code: 6, "invalid-event-number": 0 }, 0],
    ["a list", `[{"event":"a"}]`, { code: 6, "invalid-event-number": 0 }, 0],
    ["an object cut off", `{"event":"a"}{"event":"b`, { code: 6, "invalid-event-number": 1 }, 1],
    ["wrong JSON", `{"event":"a"}{"event":}{"event":"c"}`, { code: 6, "invalid-event-number": 1 }, 1],
    ["no event", `{"event":"a"}{"event":"b"}{"time":1}`, { code: 12, "invalid-event-number": 2 }, 2],
    ["a null event", `{"event":null}`, { code: 12, "invalid-event-number": 0 }, 0],
    ["a blank event", `{"event":""}`, { code: 13, "invalid-event-number": 0 }, 0],
    ["an empty event", `{"event":{}}`, { code: 13, "invalid-event-number": 0 }, 0],
    ["fields that are none", `{"event":"a","fields":[1]}`, { code: 15, "invalid-event-number": 0 }, 0],
  ])("says what is wrong with %s, and keeps what stands before it", async (_what, body, expected, kept) => {
    const { call, context } = fixture();
    const reply = await call("POST", EVENT, body);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject(expected);
    expect(context.sink.texts).toHaveLength(kept);
  });

  it("cuts an event that is too long and keeps the rest of the batch", async () => {
    const { call, context } = fixture({ maxRecordBytes: 30 });
    const reply = await call("POST", EVENT, `{"event":"${"x".repeat(100)}"}{"event":"b"}`);
    expect(reply.json).toEqual({ text: "Success", code: 0 });
    expect(context.sink.batches.map(({ fault, records }) => [fault, records.length])).toEqual([
      ["oversize", 1],
      [undefined, 1],
    ]);
  });

  it("takes gzip, and answers bombs, broken streams and other compressions in its own words", async () => {
    const { call, context } = fixture({ maxInflatedBytes: 2_000_000 });
    const headers = { authorization: `Splunk ${GOOD}` };
    expect(
      (await call("POST", EVENT, gzipSync(`{"event":"a"}`), { ...headers, "content-encoding": "gzip" }))
        .status,
    ).toBe(200);
    const bomb = await call("POST", EVENT, gzipSync(Buffer.alloc(50_000_000, " ")), headers);
    expect([bomb.status, bomb.json]).toMatchObject([413, { code: 6 }]);
    const cut = await call("POST", EVENT, gzipSync(`{"event":"a"}`).subarray(0, -5), headers);
    expect([cut.status, cut.json]).toMatchObject([400, { code: 6 }]);
    const nested = await call("POST", EVENT, gzipSync(gzipSync(`{"event":"a"}`)), headers);
    expect([nested.status, nested.json]).toMatchObject([400, { code: 6 }]);
    const brotli = await call("POST", EVENT, "x", { ...headers, "content-encoding": "br" });
    expect([brotli.status, brotli.json]).toMatchObject([415, { code: 6 }]);
    expect(context.sink.texts).toHaveLength(1);
  });

  it("is busy while the journal takes nothing, says so to health checks, and recovers", async () => {
    const { call, context, memory } = fixture();
    expect((await call("GET", "/services/collector/health", "", {})).text).toBe(
      `{"text":"HEC is healthy","code":17}`,
    );
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "not now");
    };
    const reply = await call("POST", EVENT, `{"event":"a"}`);
    expect([reply.status, reply.text, reply.headers["retry-after"]]).toEqual([
      503,
      `{"text":"Server is busy","code":9}`,
      "2",
    ]);
    expect((await call("GET", "/services/collector/health/1.0", "", {})).status).toBe(503);
    context.sink.gate = () => undefined;
    expect((await call("POST", EVENT, `{"event":"a"}`)).status).toBe(200);
    expect((await call("GET", "/services/collector/health", "", {})).status).toBe(200);
    expect(() => memory.take(256 * 1024 * 1024)).not.toThrow();
  });

  it("acknowledges what it has told a number, per token and channel", async () => {
    const { call } = fixture();
    const headers = { authorization: `Splunk ${GOOD}`, "x-splunk-request-channel": CHANNEL };
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push((await call("POST", EVENT, `{"event":"a"}`, headers)).json);
    expect(ids).toEqual([0, 1, 2].map((ackId) => ({ text: "Success", code: 0, ackId })));
    const ask = (body: string, more: object = {}) =>
      call("POST", `/services/collector/ack?channel=${CHANNEL}`, body, {
        authorization: `Splunk ${GOOD}`,
        ...more,
      });
    expect((await ask(`{"acks":[0,2,3,-1]}`)).json).toEqual({
      acks: { 0: true, 2: true, 3: false, "-1": false },
    });
    expect((await ask(`{"acks":[0]}`, { authorization: "Splunk other" })).json).toEqual({
      acks: { 0: false },
    });
    for (const body of ["", "{}", `{"acks":"0"}`, `{"acks":[0.5]}`, "[]", "{"]) {
      expect((await ask(body)).json).toMatchObject({ code: 6 });
    }
  });

  it("knows no number of another run: its sender sends again, and is never told yes for another batch", async () => {
    const run = (firstAck: number) =>
      testShipper("hec", (intake) => createHecProtocol(intake, { allowsQueryTokens: false, firstAck })).call;
    const headers = { authorization: `Splunk ${GOOD}`, "x-splunk-request-channel": CHANNEL };
    const first = run(0);
    await first("POST", EVENT, `{"event":"a"}`, headers);
    await first("POST", EVENT, `{"event":"b"}`, headers);
    const second = run(2 ** 31);
    const reply = await second("POST", EVENT, `{"event":"c"}`, headers);
    expect(reply.json).toMatchObject({ ackId: 2 ** 31 });
    const acks = await second(
      "POST",
      `/services/collector/ack`,
      `{"acks":[0,1,2147483648,2147483649]}`,
      headers,
    );
    expect(acks.json).toEqual({ acks: { 0: false, 1: false, 2147483648: true, 2147483649: false } });
  });

  it("forgets channels that were silent longest rather than grow without end", () => {
    const channels = new AckChannels(0);
    for (let i = 0; i < 25_000; i += 1) {
      channels.acknowledge("t", "kept");
      channels.acknowledge("t", String(i));
    }
    expect(channels.isAcknowledged("t", "kept", 24_999)).toBe(true);
    expect(channels.isAcknowledged("t", "0", 0)).toBe(false);
    expect(channels.isAcknowledged("t", "24999", 0)).toBe(true);
  });

  it("answers any bytes, and keeps no more than they are", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc
        .constantFrom(`{"event":"a"}`, `{"event":`, "{", "}", `"`, "\\", "\n", `{"event":"b","time":"1"}`)
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom(EVENT, `${RAW}?channel=${CHANNEL}`, `/services/collector/ack?channel=${CHANNEL}`),
        async (pieces, url) => {
          const { call, context, protocol } = fixture();
          const reply = await call("POST", url, pieces);
          expect([200, 400]).toContain(reply.status);
          expect(context.sink.texts.length).toBe(protocol.counts().records_accepted);
          const kept = context.sink.batches
            .flatMap(({ records }) => records)
            .reduce((sum, { length }) => sum + length, 0);
          expect(kept).toBeLessThanOrEqual(Buffer.concat(pieces).length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
