import { connect } from "node:net";
import type { Socket } from "node:net";
import { TytoError } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import { testContext, until } from "../testing/context.ts";
import { syslogTcp } from "./tcp.ts";
import type { SyslogTcpOptions } from "./tcp.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function started(options: Partial<SyslogTcpOptions> = {}) {
  const context = testContext();
  const input = syslogTcp({ host: "127.0.0.1", port: 0, ...options }, context);
  const { address } = await input.start();
  cleanups.push(() => input.stop());
  const port = Number(address.split(":")[1]);
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    cleanups.push(() => socket.destroy());
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  };
  return { context, input, port, open };
}

describe("syslog over TCP", () => {
  it("takes the forms that real senders use, over one connection and several", async () => {
    const { context, open } = await started();
    const one = await open();
    const counted = (text: string): string => `${Buffer.byteLength(text)} ${text}`;
    const rsyslog =
      "<38>1 2026-11-20T21:31:21.444599+00:00 vm sshd 123 - - Failed password for root from 192.0.2.7 port 22 ssh2";
    const syslogNg = `<13>1 2026-11-20T21:31:22+00:00 vm app - - [meta sequenceId="1"] counted, no LF`;
    one.write(counted(`${rsyslog}\n`));
    one.end(counted(syslogNg));
    const two = await open();
    two.end("<38>Nov 20 21:31:21 vm2 sshd[123]: line\n<38>Nov 20 21:31:22 vm2 sshd[123]: last, no LF");
    await until(() => context.sink.texts.length === 4, "four records");
    expect([...context.sink.texts].sort()).toEqual([
      syslogNg,
      rsyslog,
      "<38>Nov 20 21:31:21 vm2 sshd[123]: line",
      "<38>Nov 20 21:31:22 vm2 sshd[123]: last, no LF",
    ]);
    expect(new Set(context.sources.keys.map(({ discriminator }) => discriminator))).toEqual(
      new Set(["127.0.0.1 vm", "127.0.0.1 vm2"]),
    );
  });

  it("gathers a record from a slow client that sends byte by byte", async () => {
    const { context, open } = await started();
    const socket = await open();
    for (const byte of Buffer.from("<1>slow\n")) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    }
    await until(() => context.sink.texts.length === 1, "the record");
    expect(context.sink.texts).toEqual(["<1>slow"]);
  });

  it("hands on bad frames and oversize ones as faults of their own and stays in sync", async () => {
    const { context, input, open } = await started({ maxFrameBytes: 100 });
    const socket = await open();
    socket.end(`12<38>broken\n<1>${"x".repeat(500)}\n<1>fine\n`);
    await until(() => input.counts().records_accepted === 3, "three records");
    const byFault = context.sink.batches.map(({ fault, records }) => [fault ?? "none", records.length]);
    expect(new Map(byFault as [string, number][])).toEqual(
      new Map([
        ["bad-frame", 1],
        ["oversize", 1],
        ["none", 1],
      ]),
    );
    await until(() => input.counts().bytes_cut > 0, "the connection's end");
    expect(input.counts()).toMatchObject({ faults_bad_frame: 1, faults_oversize: 1, bytes_cut: 403 });
  });

  it("stops reading while the journal is behind, and goes on without a loss", async () => {
    const { context, input, open } = await started();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    context.sink.gate = () => held;
    const socket = await open();
    const line = Buffer.from(`<1>${"y".repeat(1_000)}\n`);
    let written = 0;
    let isBlocked = false;
    while (!isBlocked && written < 200_000) {
      isBlocked = !socket.write(line) && socket.writableLength > 4_000_000;
      written += 1;
      if (written % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // The sender's own buffer fills: the receiver's window is closed.
    expect(isBlocked).toBe(true);
    release();
    context.sink.gate = () => undefined;
    socket.end();
    await until(() => input.counts().records_accepted === written, "all records");
    expect(context.sink.texts.length).toBe(written);
  });

  it("tries again while the disk is full and loses nothing of what it read", async () => {
    const { context, input, open } = await started();
    let refusals = 3;
    context.sink.gate = () => {
      refusals -= 1;
      if (refusals >= 0) throw new TytoError("disk-full", "no room");
    };
    (await open()).end("<1>one\n<1>two\n");
    await until(() => input.counts().records_accepted === 2, "both");
    expect(context.sink.texts).toEqual(["<1>one", "<1>two"]);
  });

  it("books a half record of a connection that broke as truncated", async () => {
    const { context, input, open } = await started();
    const socket = await open();
    socket.write("<1>whole\n<1>ha");
    await until(() => context.sink.texts.length === 1, "the whole one");
    socket.resetAndDestroy();
    await until(() => context.sink.texts.length === 2, "the half one");
    expect(context.sink.batches[1]).toMatchObject({ fault: "truncated-stream" });
    expect(input.counts().connections_broken).toBe(1);
  });

  it("closes idle connections and refuses those beyond its limit, and counts both", async () => {
    const { input, open } = await started({ maxConnections: 1, idleMs: 60 });
    const first = await open();
    const firstClosed = new Promise((resolve) => first.once("close", resolve));
    const second = await open();
    await new Promise((resolve) => second.once("close", resolve));
    await firstClosed;
    expect(input.counts()).toMatchObject({ connections_refused: 1, connections_idle: 1 });
  });

  it("stops with open connections: whole records are handed on, the half one is marked", async () => {
    const { context, input, open } = await started();
    const socket = await open();
    await open();
    socket.write("<1>whole\n<1>ha");
    await until(() => context.sink.texts.length === 1, "the whole one");
    await input.stop();
    expect(context.sink.texts).toEqual(["<1>whole", "<1>ha"]);
    expect(context.sink.batches[1]).toMatchObject({ fault: "truncated-stream" });
  });

  it("survives junk of every kind", async () => {
    const { context, input, open } = await started({ maxFrameBytes: 1_000 });
    const junk = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919 + (i >> 5) * 131) % 256));
    const socket = await open();
    socket.end(junk);
    const last = await open();
    last.end("<1>still here\n");
    await until(() => context.sink.texts.includes("<1>still here"), "the record after the junk");
    await until(() => input.counts().connections_opened === 2, "both connections");
  });

  it("names the address when the port is taken", async () => {
    const { port } = await started();
    const second = syslogTcp({ host: "127.0.0.1", port }, testContext());
    await expect(second.start()).rejects.toMatchObject({ code: "port-in-use" });
  });
});
