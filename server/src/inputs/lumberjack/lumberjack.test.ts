import { deflateSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { testContext, until } from "../testing/context.ts";
import { StreamClient } from "../testing/stream-client.ts";
import { LumberjackFramer } from "./lumberjack-framer.ts";
import { lumberjack } from "./lumberjack.ts";
import type { LumberjackOptions } from "./lumberjack.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(options: Partial<LumberjackOptions> = {}) {
  const context = testContext();
  const input = lumberjack({ host: "127.0.0.1", port: 0, ...options }, context);
  const port = Number((await input.start()).address.split(":")[1]);
  cleanups.push(() => input.stop());
  const open = async (): Promise<StreamClient> => {
    const client = await StreamClient.open(port);
    cleanups.push(() => client.socket.destroy());
    return client;
  };
  return { context, input, open };
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const head = (type: string): Buffer => Buffer.from(`2${type}`);
const window = (size: number): Buffer => Buffer.concat([head("W"), u32(size)]);
const json = (number: number, text: string): Buffer =>
  Buffer.concat([head("J"), u32(number), u32(Buffer.byteLength(text)), Buffer.from(text)]);
const compressed = (...frames: readonly Buffer[]): Buffer => {
  const bytes = deflateSync(Buffer.concat(frames));
  return Buffer.concat([head("C"), u32(bytes.length), bytes]);
};
const pairs = (number: number, ...texts: readonly string[]): Buffer =>
  Buffer.concat([
    head("D"),
    u32(number),
    u32(texts.length / 2),
    ...texts.flatMap((text) => [u32(Buffer.byteLength(text)), Buffer.from(text)]),
  ]);
const ack = (number: number): string => Buffer.concat([head("A"), u32(number)]).toString("latin1");
const beat = (message: string): string =>
  JSON.stringify({ "@timestamp": "2026-02-27T10:00:00.000Z", message, agent: { type: "filebeat" } });

describe("Lumberjack", () => {
  it("acknowledges a window, as Filebeat sends it, by its last number when all of it is durable", async () => {
    const { context, open } = await started();
    let release: () => void = () => undefined;
    context.sink.gate = () => new Promise((resolve) => (release = resolve));
    const client = await open();
    client.write(window(3));
    client.write(compressed(json(1, beat("one")), json(2, beat("two")), json(3, beat("three"))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.text).toBe("");
    release();
    await client.answered(ack(3));
    expect(context.sink.texts).toEqual(["one", "two", "three"].map(beat));
    expect(context.sink.batches[0]).toMatchObject({ peer: "127.0.0.1", identity: { kind: "journal" } });
    context.sink.gate = () => undefined;
    client.write(Buffer.concat([window(1), json(1, beat("next"))]));
    await client.answered(ack(3) + ack(1));
  });

  it("takes pairs of version 1 as a document", async () => {
    const { context, open } = await started();
    const client = await open();
    client.write(Buffer.concat([window(1), pairs(7, "line", "hello é", "host", "web1", "empty", "")]));
    await client.answered(ack(7));
    expect(JSON.parse(context.sink.texts[0] ?? "")).toEqual({ line: "hello é", host: "web1", empty: "" });
  });

  it("says that it is at it while the journal is slow", async () => {
    const { context, open } = await started({ keepAliveMs: 20 });
    let release: () => void = () => undefined;
    context.sink.gate = () => new Promise((resolve) => (release = resolve));
    const client = await open();
    client.write(Buffer.concat([window(1), json(1, beat("slow"))]));
    await client.answered(ack(0) + ack(0));
    expect(client.text).not.toContain(ack(1));
    release();
    await client.answered(ack(1));
  });

  it("acknowledges nothing that the journal refused, nor half a window", async () => {
    const { context, input, open } = await started();
    context.sink.gate = () => {
      throw new TytoError("internal", "broken");
    };
    const refused = await open();
    refused.write(Buffer.concat([window(1), json(1, beat("refused"))]));
    await refused.closed();
    expect(refused.text).toBe("");
    expect(input.counts().records_left_to_sender).toBe(1);
    context.sink.gate = () => undefined;
    const half = await open();
    half.write(Buffer.concat([window(2), json(1, beat("half"))]));
    half.socket.end();
    await half.closed();
    expect(half.text).toBe("");
    // Its sender has all of it, and sends it again.
    expect(context.sink.texts).toEqual([]);
    expect(input.counts().connections_protocol).toBe(1);
  });

  it("cuts a document that is too long, marks and acknowledges it", async () => {
    const { context, open } = await started({ maxDocumentBytes: 1_000 });
    const client = await open();
    client.write(Buffer.concat([window(2), json(1, beat("x".repeat(5_000))), json(2, beat("fine"))]));
    await client.answered(ack(2));
    expect(context.sink.batches.map(({ fault, records }) => [fault, records[0]?.length])).toEqual([
      ["oversize", 1_000],
      [undefined, beat("fine").length],
    ]);
  });

  const bomb = deflateSync(Buffer.alloc(20_000_000));
  it.each<[string, Buffer]>([
    [
      "compression inside compression",
      Buffer.concat([window(1), compressed(compressed(json(1, beat("x"))))]),
    ],
    ["a bomb", Buffer.concat([window(1), head("C"), u32(bomb.length), bomb])],
    ["compressed bytes that are none", Buffer.concat([window(1), head("C"), u32(4), Buffer.from("none")])],
    [
      "a compressed frame that ends inside a document",
      Buffer.concat([window(1), compressed(json(1, beat("x")).subarray(0, 20))]),
    ],
    ["a document without a window", json(1, beat("x"))],
    ["a window inside a window", Buffer.concat([window(2), json(1, beat("x")), window(1)])],
    ["an empty window", window(0)],
    ["a window beyond all measure", window(4_000_000_000)],
    ["a document beyond all measure", Buffer.concat([window(1), head("J"), u32(1), u32(4_000_000_000)])],
    ["pairs beyond all measure", Buffer.concat([window(1), head("D"), u32(1), u32(4_000_000_000)])],
    [
      "a text of a pair beyond all measure",
      Buffer.concat([window(1), head("D"), u32(1), u32(1), u32(4_000_000_000)]),
    ],
    ["version 1's own frames", Buffer.from("1W\0\0\0\u0001")],
    ["TLS", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])],
    ["HTTP", Buffer.from("POST /_bulk HTTP/1.1\r\n\r\n")],
  ])("ends the connection without an acknowledgement, counted: %s", async (_what, bytes) => {
    const { context, input, open } = await started();
    const client = await open();
    client.write(bytes);
    await client.closed();
    expect(client.text).toBe("");
    expect(context.sink.texts).toEqual([]);
    expect(input.counts().connections_protocol).toBe(1);
  });

  it("takes a window that is larger than what it holds, piece by piece", async () => {
    const { context, open } = await started();
    const client = await open();
    const documents = Array.from({ length: 24 }, (_, i) => json(i + 1, beat(String(i % 10).repeat(900_000))));
    client.write(window(24));
    for (const one of documents) client.write(one);
    await client.answered(ack(24));
    expect(context.sink.batches.length).toBeGreaterThan(1);
    expect(context.sink.texts).toHaveLength(24);
  });

  it("closes who stops in the middle of a window", async () => {
    const { input, open } = await started({ owedMs: 60 });
    const client = await open();
    client.write(window(2));
    await client.closed();
    await until(() => input.counts().connections_slow === 1, "the count");
  });
});

describe("the Lumberjack framer", () => {
  const limits = { maxDocumentBytes: 60, maxDeclaredBytes: 1_000, maxWindow: 100 };
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom(
        window(3),
        json(1, '{"a":1}'),
        json(2, `{"a":"${"x".repeat(80)}"}`),
        pairs(3, "k", "v", "", ""),
        compressed(json(1, "{}")),
        head("J"),
      )
      .map((bytes) => Uint8Array.from(bytes)),
  );
  const stream = fc.array(piece, { maxLength: 8 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)));

  function frames(bytes: Uint8Array, cuts: readonly number[]) {
    const framer = new LumberjackFramer(limits);
    const found = [];
    let from = 0;
    for (const to of [...new Set([...cuts, bytes.length])]
      .filter((cut) => cut <= bytes.length)
      .sort((a, b) => a - b)) {
      found.push(...framer.push(bytes.subarray(from, to)));
      from = to;
    }
    return found.map((one) =>
      "bytes" in one ? { ...one, bytes: Buffer.from(one.bytes).toString("latin1") } : one,
    );
  }

  it("gives the same frames however the stream is cut, and throws for no bytes", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(300), { maxLength: 30 }), (bytes, cuts) => {
        expect(frames(bytes, cuts)).toEqual(frames(bytes, []));
      }),
      { numRuns: 1_000 },
    );
  });
});
