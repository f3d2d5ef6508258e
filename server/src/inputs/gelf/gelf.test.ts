import { createSocket } from "node:dgram";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { DatagramOptions } from "../datagram/datagram-input.ts";
import type { Frame } from "../senders.ts";
import { testContext, until } from "../testing/context.ts";
import { StreamClient } from "../testing/stream-client.ts";
import { ChunkAssembly } from "./chunk-assembly.ts";
import { gelfTcp, gelfUdp } from "./gelf.ts";
import { NulFramer } from "./nul-framer.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const document = (text: string): string =>
  JSON.stringify({ version: "1.1", host: "web1", short_message: text, timestamp: 1772180160.25, level: 6 });

function chunks(message: Uint8Array, size: number, id = "12345678"): readonly Buffer[] {
  const count = Math.ceil(message.length / size);
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([
      Buffer.from([0x1e, 0x0f]),
      Buffer.from(id.padEnd(8).slice(0, 8)),
      Buffer.from([i, count]),
      message.subarray(i * size, (i + 1) * size),
    ]),
  );
}

async function udp(options: (Partial<DatagramOptions> & Parameters<typeof gelfUdp>[0]) | object = {}) {
  const context = testContext();
  const input = gelfUdp({ host: "127.0.0.1", port: 0, ...options }, context);
  const port = Number((await input.start()).address.split(":")[1]);
  cleanups.push(() => input.stop());
  const socket = createSocket("udp4");
  cleanups.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const send = (bytes: Uint8Array | string): Promise<void> =>
    new Promise((resolve) => socket.send(bytes, port, "127.0.0.1", () => resolve()));
  return { context, input, send };
}

describe("GELF over UDP", () => {
  it("takes documents plain, as gzip and as zlib, and names the host as the source", async () => {
    const { context, send } = await udp();
    await send(document("plain"));
    await send(gzipSync(document("gzip")));
    await send(deflateSync(document("zlib")));
    await send(deflateSync(document("fast"), { level: 1 }));
    await until(() => context.sink.texts.length === 4, "four documents");
    expect(context.sink.texts).toEqual(["plain", "gzip", "zlib", "fast"].map(document));
    expect(context.sources.keys[0]).toEqual({
      input: "gelf-udp",
      discriminator: "127.0.0.1 web1",
      name: "web1",
    });
  });

  it("puts parts together in any order, of two messages at once, and takes a part that comes twice once", async () => {
    const { context, send } = await udp();
    const long = document("x".repeat(3_000));
    const one = chunks(Buffer.from(long), 500, "one");
    const two = chunks(gzipSync(document(`${Array.from({ length: 500 }, (_, i) => i).join()}`)), 300, "two");
    for (const part of [...one, ...two, one[0] ?? Buffer.alloc(0)].reverse()) await send(part);
    await until(() => context.sink.texts.length === 2, "both");
    expect(context.sink.texts).toContain(long);
  });

  it("keeps what cannot be read, with its fault", async () => {
    const { context, input, send } = await udp({ maxMessageBytes: 10_000 });
    await send(gzipSync(document("cut")).subarray(0, 20));
    await send(gzipSync("0".repeat(50_000)));
    await send(Buffer.from([0x1e, 0x0f, 1, 2, 3]));
    await send(Buffer.from([0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 3, 2, 65]));
    await send(Buffer.from([0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 0, 129, 65]));
    await send("x".repeat(10_001));
    await until(() => input.counts().records_accepted === 6, "six records");
    expect(input.counts()).toMatchObject({ faults_bad_frame: 4, faults_oversize: 2 });
    expect(context.sink.batches.every(({ fault }) => fault !== undefined)).toBe(true);
  });

  it("counts the parts of a message that never became whole", async () => {
    const { context, input, send } = await udp();
    const parts = chunks(Buffer.from(document("y".repeat(900))), 300);
    await send(parts[0] ?? "");
    await send(parts[1] ?? "");
    await send(document("after"));
    await until(() => context.sink.texts.length === 1, "the whole one");
    await input.stop();
    expect(input.counts()).toMatchObject({ dropped_incomplete: 2, records_accepted: 1 });
  });

  it.skipIf(process.platform !== "linux")("reads the kernel's drops of its own socket", async () => {
    const { input } = await udp();
    expect(await input.dropped()).toBe(0);
  });
});

describe("the assembly of parts", () => {
  const limits = { maxHeldBytes: 5_000, maxMessages: 10, maxMessageBytes: 4_000, lifetime: 2 };

  it("gives a message up after its lifetime, and counts its parts", () => {
    const assembly = new ChunkAssembly(limits);
    const [first] = chunks(Buffer.alloc(1_000, 65), 400);
    assembly.take(first ?? Buffer.alloc(0), "a");
    expect([assembly.giveUp(false), assembly.giveUp(false), assembly.giveUp(false)]).toEqual([0, 0, 1]);
    expect(assembly.heldBytes).toBe(0);
  });

  it("holds no more than its limits, whoever sends what; the oldest goes first", () => {
    const assembly = new ChunkAssembly(limits);
    let sent = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const [first] = chunks(Buffer.alloc(1_500, 65), 1_000, String(i));
      expect(assembly.take(first ?? Buffer.alloc(0), "a").kind).toBe("waiting");
      sent += 1;
      expect(assembly.heldBytes).toBeLessThanOrEqual(limits.maxHeldBytes);
    }
    expect(assembly.giveUp(true)).toBe(sent);
  });

  it("keeps senders of the same id apart", () => {
    const assembly = new ChunkAssembly(limits);
    const [first, second] = chunks(Buffer.from("abcd"), 2);
    assembly.take(first ?? Buffer.alloc(0), "a");
    expect(assembly.take(second ?? Buffer.alloc(0), "b").kind).toBe("waiting");
  });

  it("throws for no datagrams, and keeps within its limits", () => {
    const parts = fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 900 }));
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (datagrams) => {
        const assembly = new ChunkAssembly(limits);
        for (const [head, body] of datagrams) {
          assembly.take(Buffer.concat([Buffer.from([0x1e, 0x0f]), head, body]), "a");
          expect(assembly.heldBytes).toBeLessThanOrEqual(limits.maxHeldBytes);
        }
        assembly.giveUp(true);
        expect(assembly.heldBytes).toBe(0);
      }),
    );
  });
});

describe("GELF over TCP", () => {
  async function tcp(maxMessageBytes?: number) {
    const context = testContext();
    const limit = maxMessageBytes === undefined ? {} : { maxMessageBytes };
    const input = gelfTcp({ host: "127.0.0.1", port: 0, ...limit }, context);
    const port = Number((await input.start()).address.split(":")[1]);
    cleanups.push(() => input.stop());
    const client = await StreamClient.open(port);
    cleanups.push(() => client.socket.destroy());
    return { context, input, client };
  }

  it("takes documents that NUL ends, with a line end before it or not, and the last one without", async () => {
    const { context, client } = await tcp();
    client.write(`${document("one")}\0${document("two")}\n\0\0`);
    client.socket.end(document("three"));
    await until(() => context.sink.texts.length === 3, "three documents");
    expect(context.sink.texts).toEqual(["one", "two", "three"].map(document));
    expect(context.sources.keys[0]?.name).toBe("web1");
  });

  it("marks what is too long and what a broken connection cut", async () => {
    const { context, input, client } = await tcp(200);
    client.write(`${"x".repeat(500)}\0${document("fine")}\0{"half`);
    await until(() => context.sink.texts.length === 2, "two");
    client.socket.resetAndDestroy();
    await until(() => context.sink.texts.length === 3, "the half one");
    expect(input.counts()).toMatchObject({ faults_oversize: 1, faults_truncated_stream: 1 });
    await until(() => input.counts().bytes_cut === 300, "what was cut");
  });

  it("is cut the same however its stream is", () => {
    const frames = (stream: Uint8Array, cuts: readonly number[]) => {
      const framer = new NulFramer(20);
      const found: Frame[] = [];
      let from = 0;
      for (const to of [...new Set(cuts)].filter((cut) => cut <= stream.length).sort((a, b) => a - b)) {
        found.push(...framer.push(stream.subarray(from, to)));
        from = to;
      }
      found.push(...framer.push(stream.subarray(from)), ...framer.end(true));
      return found.map(({ bytes, fault }) => [Buffer.from(bytes).toString("latin1"), fault]);
    };
    const stream = fc
      .array(fc.constantFrom(0, 10, 65, 66), { maxLength: 120 })
      .map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(120), { maxLength: 30 }), (bytes, cuts) => {
        expect(frames(bytes, cuts)).toEqual(frames(bytes, []));
      }),
      { numRuns: 500 },
    );
  });
});
