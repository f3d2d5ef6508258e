import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { gzipSync } from "node:zlib";
import { decode, encode, ExtData } from "@msgpack/msgpack";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { testContext, until } from "../testing/context.ts";
import { StreamClient } from "../testing/stream-client.ts";
import { fluent } from "./fluent.ts";
import type { FluentOptions } from "./fluent.ts";
import { MsgpackScanner } from "./msgpack-scanner.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const random = (size: number): Uint8Array => Buffer.alloc(size, 7);

async function started(options: Partial<FluentOptions> = {}) {
  const context = testContext();
  const input = fluent({ host: "127.0.0.1", port: 0, random, ...options }, context);
  const port = Number((await input.start()).address.split(":")[1]);
  cleanups.push(() => input.stop());
  const open = async (): Promise<StreamClient> => {
    const client = await StreamClient.open(port);
    cleanups.push(() => client.socket.destroy());
    return client;
  };
  return { context, input, port, open };
}

function eventTime(seconds: number, nanoseconds: number): ExtData {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(seconds);
  bytes.writeUInt32BE(nanoseconds, 4);
  return new ExtData(0, bytes);
}

const NOW = 1_772_180_160;
const entry = (text: string, time: unknown = NOW): readonly [unknown, object] => [time, { log: text }];
const packed = (...entries: readonly unknown[]): Buffer =>
  Buffer.concat(entries.map((one) => Buffer.from(encode(one))));
const kept = (text: string, tag = "app"): string =>
  `{"tag":"${tag}","time":${NOW},"record":{"log":"${text}"}}`;
const ack = (chunk: string): string => Buffer.from(encode({ ack: chunk })).toString("latin1");

describe("Fluent Forward", () => {
  it.each<[string, unknown]>([
    ["Message", ["app", NOW, { log: "one" }]],
    ["Message with an option", ["app", NOW, { log: "one" }, { chunk: "c1" }]],
    ["Forward", ["app", [entry("one"), entry("two")]]],
    ["Forward with an option", ["app", [entry("one"), entry("two")], { size: 2, chunk: "c1" }]],
    ["PackedForward", ["app", packed(entry("one"), entry("two")), { chunk: "c1" }]],
    [
      "CompressedPackedForward",
      ["app", gzipSync(packed(entry("one"), entry("two"))), { compressed: "gzip", chunk: "c1" }],
    ],
  ])("takes the mode %s, and acknowledges by the chunk's name when it is durable", async (_mode, message) => {
    const { context, open } = await started();
    const client = await open();
    client.write(encode(message));
    const isAcknowledged = JSON.stringify(message).includes("c1");
    await until(() => context.sink.texts.length > 0, "records");
    expect(context.sink.texts).toEqual([kept("one"), kept("two")].slice(0, context.sink.texts.length));
    if (isAcknowledged) await client.answered(ack("c1"));
    expect(context.sink.batches[0]?.identity.kind).toBe(isAcknowledged ? "object" : "journal");
    client.write(encode(["app", [entry("last")], { chunk: "end" }]));
    await client.answered(ack("end"));
    expect(client.text).toBe(isAcknowledged ? ack("c1") + ack("end") : ack("end"));
  });

  it("takes PackedForward of old senders, who write bytes as text", async () => {
    const { context, open } = await started();
    const client = await open();
    const body = packed(entry("one"));
    client.write(Buffer.concat([Uint8Array.of(0x92), encode("app"), Uint8Array.of(0xd9, body.length), body]));
    await until(() => context.sink.texts.length > 0, "the record");
    expect(context.sink.texts).toEqual([kept("one")]);
  });

  it("gives up on entries that are no events, so that a few bytes do not become millions of records", async () => {
    const { input, open } = await started();
    const client = await open();
    client.write(encode(["app", gzipSync(Buffer.alloc(150_000)), { chunk: "c", compressed: "gzip" }]));
    await client.answered(ack("c"));
    expect(input.counts().records_accepted).toBe(101);
  });

  it("keeps nanoseconds, 64-bit numbers, bytes and Fluent Bit's metadata", async () => {
    const { context, open } = await started();
    const client = await open();
    const record = {
      id: 18_446_744_073_709_551_615n,
      'na"me': Buffer.from("text"),
      raw: Buffer.from([0xff, 0xfe]),
      deep: [{ a: null, b: 1.5 }],
    };
    client.write(
      encode(["app", [[[eventTime(NOW, 5), { k: "v" }], record]], { chunk: "c" }], { useBigInt64: true }),
    );
    await client.answered(ack("c"));
    expect(context.sink.texts).toEqual([
      `{"tag":"app","time":${NOW}.000000005,"record":{"id":18446744073709551615,"na\\"me":"text","raw":"//4=","deep":[{"a":null,"b":1.5}]},"metadata":{"k":"v"}}`,
    ]);
  });

  it("tells a chunk that comes again by its name and content, and two of one name apart", async () => {
    const { context, open } = await started();
    for (const text of ["one", "one", "two"]) {
      const client = await open();
      client.write(encode(["app", packed(entry(text)), { chunk: "c1" }]));
      await client.answered(ack("c1"));
    }
    const [first, again, other] = context.sink.batches.map(({ identity }) => identity);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("acknowledges only when the journal has it, and nothing that it refused", async () => {
    const { context, input, open } = await started();
    let release: () => void = () => undefined;
    context.sink.gate = () => new Promise((resolve) => (release = resolve));
    const slow = await open();
    slow.write(encode(["app", [entry("slow")], { chunk: "slow" }]));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(slow.text).toBe("");
    release();
    await slow.answered(ack("slow"));
    context.sink.gate = () => {
      throw new TytoError("internal", "broken");
    };
    const refused = await open();
    refused.write(encode(["app", [entry("refused")], { chunk: "refused" }]));
    await refused.closed();
    const lost = await open();
    lost.write(encode(["app", [entry("lost")]]));
    await lost.closed();
    expect(refused.text + lost.text).toBe("");
    // Who asked for no acknowledgement has nothing left.
    expect(input.counts()).toMatchObject({ records_left_to_sender: 1, dropped_sink_failed: 1 });
  });

  it("keeps what cannot be read with its fault, and acknowledges it: repeating it would help nobody", async () => {
    const { context, input, open } = await started({ limits: { maxRecordBytes: 1_000 } });
    const client = await open();
    const bomb = gzipSync(packed(entry("0".repeat(20_000_000))));
    const messages: readonly unknown[] = [
      ["app", [entry("fine"), "no entry", entry("fine too")], { chunk: "1" }],
      ["app", packed(entry("fine")).subarray(0, 5), { chunk: "2" }],
      ["app", gzipSync(packed(entry("fine"))).subarray(0, 20), { chunk: "3", compressed: "gzip" }],
      ["app", bomb, { chunk: "4", compressed: "gzip" }],
      ["app", [entry("x".repeat(5_000)), entry("fine")], { chunk: "5" }],
      ["app", [entry("a time that is none", "soon")], { chunk: "6" }],
    ];
    for (const message of messages) client.write(encode(message));
    await client.answered(ack("6"));
    expect(client.text).toBe(["1", "2", "3", "4", "5", "6"].map(ack).join(""));
    expect(context.sink.texts.filter((text) => text === kept("fine"))).toHaveLength(2);
    expect(input.counts()).toMatchObject({ faults_bad_frame: 4, faults_oversize: 2 });
    expect(context.sink.batches.every(({ records }) => records.every(({ length }) => length <= 1_000))).toBe(
      true,
    );
  });

  it.each<[string, Uint8Array]>([
    ["a map", encode({ a: 1 })],
    ["a byte that is none of MessagePack's", Uint8Array.of(0xc1)],
    ["an array that is too long", encode([1, 2, 3, 4, 5])],
    ["a tag that is none", encode([1, [entry("x")]])],
    ["a tag beyond all measure", encode(["t".repeat(5_000), [entry("x")]])],
    ["a time without a record", encode(["app", NOW])],
    ["values too deep inside each other", Buffer.alloc(200, 0x91)],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ])("ends the connection, counted: %s", async (_what, bytes) => {
    const { context, input, open } = await started();
    const client = await open();
    client.write(bytes);
    await client.closed();
    expect(input.counts().connections_protocol).toBe(1);
    expect(context.sink.texts).toEqual([]);
  });

  it("ends a connection whose message is too long, and holds no more than the limit", async () => {
    const { input, open } = await started({ limits: { maxMessageBytes: 10_000 } });
    const client = await open();
    // A text of 1 GB is announced; nothing is set aside for it.
    client.write(Buffer.concat([Uint8Array.of(0x92, 0xa1, 0x61, 0xdb, 0x40, 0, 0, 0), Buffer.alloc(20_000)]));
    await client.closed();
    expect(input.counts().connections_protocol).toBe(1);
  });

  it("answers heartbeats: nil over the connection with nothing, one byte over UDP with the same", async () => {
    const { context, port, open } = await started();
    const client = await open();
    client.write(Buffer.concat([encode(null), encode(["app", [entry("one")], { chunk: "c" }])]));
    await client.answered(ack("c"));
    expect(context.sink.texts).toHaveLength(1);
    const socket = createSocket("udp4");
    cleanups.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    const answer = new Promise<Buffer>((resolve) => socket.once("message", resolve));
    socket.send(Buffer.alloc(100), port, "127.0.0.1");
    socket.send(Uint8Array.of(0), port, "127.0.0.1");
    expect(await answer).toEqual(Buffer.of(0));
  });

  describe("with a shared key", () => {
    const sharedKey = "owl";
    const salt = Buffer.from("0123456789abcdef");
    const digest = (hostname: string, nonce: Uint8Array, key = sharedKey): string =>
      createHash("sha512").update(salt).update(hostname).update(nonce).update(key).digest("hex");

    async function greeted() {
      const setup = await started({ sharedKey, owedMs: 300 });
      const client = await setup.open();
      await until(() => client.received.length > 20, "HELO");
      const [name, options] = decode(client.received) as [string, { nonce: Uint8Array; keepalive: boolean }];
      expect([name, options.keepalive]).toEqual(["HELO", true]);
      const heloBytes = client.received.length;
      return {
        ...setup,
        client,
        nonce: options.nonce,
        pong: () => decode(client.received.subarray(heloBytes)),
      };
    }

    it("lets in who knows it, and names the source by its host", async () => {
      const { context, client, nonce, pong } = await greeted();
      client.write(encode(["PING", "web1", salt, digest("web1", nonce), "", ""]));
      await client.answered("PONG");
      await until(() => (pong() as unknown[])[4] !== undefined, "the whole answer");
      expect(pong()).toEqual(["PONG", true, "", "tyto", digest("tyto", nonce)]);
      client.write(encode(["app", [entry("one")], { chunk: "c" }]));
      await client.answered(ack("c"));
      expect(context.sources.keys[0]).toEqual({
        input: "fluent",
        discriminator: "127.0.0.1 web1",
        name: "web1",
      });
    });

    it.each<[string, (nonce: Uint8Array) => unknown]>([
      ["another key", (nonce) => ["PING", "web1", salt, digest("web1", nonce, "eagle"), "", ""]],
      ["another nonce", () => ["PING", "web1", salt, digest("web1", Buffer.alloc(16)), "", ""]],
      ["no PING", () => ["app", [entry("one")], { chunk: "c" }]],
    ])("refuses %s", async (_what, ping) => {
      const { context, input, client, nonce } = await greeted();
      client.write(encode(ping(nonce)));
      await client.closed();
      expect(context.sink.texts).toEqual([]);
      expect(input.counts().connections_protocol).toBe(1);
    });

    it("waits for PING only so long", async () => {
      const { input, client } = await greeted();
      await client.closed();
      expect(input.counts().connections_slow).toBe(1);
    });
  });
});

describe("the MessagePack scanner", () => {
  const options = { maxBytes: 200, maxDepth: 8 };

  function scan(bytes: Uint8Array, cuts: readonly number[]) {
    const scanner = new MsgpackScanner(options);
    const found: unknown[] = [];
    let from = 0;
    for (const to of [...new Set([...cuts, bytes.length])]
      .filter((cut) => cut <= bytes.length)
      .sort((a, b) => a - b)) {
      for (const value of scanner.push(bytes.subarray(from, to)))
        found.push([Buffer.from(value.bytes).toString("hex"), value.isOversize]);
      from = to;
    }
    return [found, scanner.isBroken, scanner.heldBytes];
  }

  const plain = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ maxLength: 40 }),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.string({ minLength: 1, maxLength: 5 }).filter((key) => key !== "__proto__"),
        tie("value"),
        {
          maxKeys: 4,
          noNullPrototype: true,
        },
      ),
    ),
  })).value;
  const cuts = fc.array(fc.nat(600), { maxLength: 30 });

  it("finds the end of every value, however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 6 }), cuts, (values, where) => {
        const parts = values.map((value) => Buffer.from(encode(value)));
        const [found] = scan(Buffer.concat(parts), where);
        expect(found).toEqual(
          parts.map((part) => [part.subarray(0, 200).toString("hex"), part.length > 200]),
        );
      }),
      { numRuns: 600 },
    );
  });

  it("throws for no bytes, and does the same however they are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, where) => {
        expect(scan(bytes, where)).toEqual(scan(bytes, []));
      }),
      { numRuns: 1_000 },
    );
  });
});
