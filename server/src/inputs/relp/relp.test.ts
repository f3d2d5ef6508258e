import fc from "fast-check";
import { TytoError } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import { testContext, until } from "../testing/context.ts";
import { StreamClient } from "../testing/stream-client.ts";
import { RelpFramer } from "./relp-framer.ts";
import { relp } from "./relp.ts";
import type { RelpOptions } from "./relp.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(options: Partial<RelpOptions> = {}) {
  const context = testContext();
  const input = relp({ host: "127.0.0.1", port: 0, ...options }, context);
  const port = Number((await input.start()).address.split(":")[1]);
  cleanups.push(() => input.stop());
  const open = async (): Promise<StreamClient> => {
    const client = await StreamClient.open(port);
    cleanups.push(() => client.socket.destroy());
    return client;
  };
  return { context, input, open };
}

const frame = (transaction: number, command: string, data = ""): string =>
  data === ""
    ? `${transaction} ${command} 0\n`
    : `${transaction} ${command} ${Buffer.byteLength(data)} ${data}\n`;

const OFFER = "relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog";
const LINE = "<38>Nov 20 21:31:21 web1 sshd[1]: ";

describe("RELP", () => {
  it("opens, answers each message by its number once it is durable, and closes", async () => {
    const { context, open } = await started();
    let release: () => void = () => undefined;
    const client = await open();
    client.write(frame(1, "open", OFFER));
    await client.answered("1 rsp 56 200 OK\nrelp_version=0\nrelp_software=tyto\ncommands=syslog\n");
    context.sink.gate = () => new Promise((resolve) => (release = resolve));
    client.write(frame(2, "syslog", `${LINE}one`) + frame(3, "syslog", `${LINE}two\n`));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.text).not.toContain("2 rsp");
    release();
    await client.answered("2 rsp 6 200 OK\n3 rsp 6 200 OK\n");
    expect(context.sink.texts).toEqual([`${LINE}one`, `${LINE}two`]);
    client.write(frame(4, "close"));
    await client.closed();
    expect(client.text.endsWith("4 rsp 0\n0 serverclose 0\n")).toBe(true);
    expect(context.sources.keys[0]).toEqual({ input: "relp", discriminator: "127.0.0.1 web1", name: "web1" });
  });

  it("agrees on the sender's version as far as it knows it", async () => {
    const { open } = await started();
    for (const [asked, agreed] of [
      ["1", "1"],
      ["7", "1"],
      ["0", "0"],
    ] as const) {
      const client = await open();
      client.write(frame(1, "open", `relp_version=${asked}\ncommands=syslog`));
      await client.answered(`relp_version=${agreed}\n`);
    }
  });

  it("does not answer what the journal refused for good: the sender keeps it", async () => {
    const { context, input, open } = await started();
    context.sink.gate = () => {
      throw new TytoError("internal", "broken");
    };
    const client = await open();
    client.write(frame(1, "open", OFFER) + frame(2, "syslog", `${LINE}one`));
    await client.closed();
    expect(client.text).not.toContain("2 rsp");
    expect(input.counts()).toMatchObject({ records_left_to_sender: 1, dropped_sink_failed: 0 });
  });

  it("does not answer what it holds when it stops while the journal is full", async () => {
    const { context, input, open } = await started({ drainMs: 50 });
    let tries = 0;
    context.sink.gate = () => {
      tries += 1;
      throw new TytoError("disk-full", "no room");
    };
    const client = await open();
    client.write(frame(1, "open", OFFER) + frame(2, "syslog", `${LINE}one`));
    await until(() => tries > 0, "an attempt");
    await input.stop();
    await client.closed();
    expect(client.text).not.toContain("2 rsp");
    expect(input.counts().records_left_to_sender).toBe(1);
  });

  it("stops in time with a client that reads no answers", async () => {
    const { input, open } = await started({ drainMs: 50 });
    const deaf = await open();
    deaf.socket.pause();
    deaf.write(frame(1, "open", OFFER));
    for (let i = 0; i < 2_000 && deaf.socket.writableLength < 4_000_000; i += 1) {
      deaf.write(frame(2, "nothing").repeat(2_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const began = performance.now();
    await input.stop();
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("cuts a message that is too long, marks it and acknowledges it, and is in step after it", async () => {
    const { context, input, open } = await started({ maxFrameBytes: 100 });
    const client = await open();
    client.write(
      frame(1, "open", OFFER) + frame(2, "syslog", "x".repeat(500)) + frame(3, "syslog", `${LINE}fine`),
    );
    await client.answered("3 rsp 6 200 OK\n");
    expect(context.sink.batches.map(({ fault, records }) => [fault, records[0]?.length])).toEqual([
      ["oversize", 100],
      [undefined, LINE.length + 4],
    ]);
    client.write(frame(4, "close"));
    await client.closed();
    expect(input.counts()).toMatchObject({ faults_oversize: 1, bytes_cut: 400 });
  });

  it("refuses unknown commands by number and goes on", async () => {
    const { context, open } = await started();
    const client = await open();
    client.write(frame(1, "open", OFFER) + frame(2, "starttls") + frame(3, "syslog", `${LINE}a`));
    await client.answered("2 rsp 19 500 unknown command\n3 rsp 6 200 OK\n");
    expect(context.sink.texts).toHaveLength(1);
  });

  it.each<[string, string]>([
    ["a message before the session is open", frame(1, "syslog", `${LINE}early`)],
    ["a length that is too short", `${frame(1, "open", OFFER)}2 syslog 3 ${LINE}\n`],
    ["a length that is no number", `${frame(1, "open", OFFER)}2 syslog x ${LINE}\n`],
    ["a length without data", `${frame(1, "open", OFFER)}2 syslog 12\n`],
    ["a header without end", "1".repeat(200)],
    ["HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("says that it closes, and counts it: %s", async (_what, bytes) => {
    const { context, input, open } = await started();
    const client = await open();
    client.write(bytes);
    await client.closed();
    expect(client.text.endsWith("0 serverclose 0\n")).toBe(true);
    expect(input.counts().connections_protocol).toBe(1);
    expect(context.sink.texts).toEqual([]);
  });

  it("books nothing of a frame that the connection's end cut: its sender has it still", async () => {
    const { context, input, open } = await started();
    const client = await open();
    client.write(frame(1, "open", OFFER) + frame(2, "syslog", `${LINE}whole`));
    await client.answered("2 rsp");
    client.socket.end(`3 syslog 100 ${LINE}`);
    await client.closed();
    expect(context.sink.texts).toEqual([`${LINE}whole`]);
    expect(input.counts().connections_protocol).toBe(1);
  });

  it("closes who never opens a session, and who never reads its answers", async () => {
    const { context, input, open } = await started({ owedMs: 80 });
    await (await open()).closed();
    const deaf = await open();
    deaf.socket.pause();
    deaf.write(frame(1, "open", OFFER));
    let number = 2;
    while (!deaf.socket.destroyed && input.counts().connections_slow < 2) {
      deaf.write(frame(number, "nothing").repeat(200));
      number += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(input.counts().connections_slow).toBe(2);
    expect(context.sink.texts).toEqual([]);
  });
});

describe("the RELP framer", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .constantFrom(
        frame(1, "open", OFFER),
        frame(2, "syslog", "x"),
        frame(3, "close"),
        "4 syslog 0 \n",
        "5 syslog ",
      )
      .map((text) => Uint8Array.from(Buffer.from(text))),
  );
  const stream = fc.array(piece, { maxLength: 8 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)));

  function frames(bytes: Uint8Array, cuts: readonly number[]) {
    const framer = new RelpFramer(40);
    const found = [];
    let from = 0;
    for (const to of [...new Set([...cuts, bytes.length])]
      .filter((cut) => cut <= bytes.length)
      .sort((a, b) => a - b)) {
      found.push(...framer.push(bytes.subarray(from, to)));
      from = to;
    }
    return [
      found.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString("latin1") })),
      framer.isBroken,
    ];
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
