import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { syslogTcp } from "../syslog/tcp.ts";
import type { SyslogTcpOptions } from "../syslog/tcp.ts";
import { testContext, until } from "../testing/context.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(options: Partial<SyslogTcpOptions> = {}) {
  const context = testContext();
  const input = syslogTcp({ host: "127.0.0.1", port: 0, ...options }, context);
  const port = Number((await input.start()).address.split(":")[1]);
  cleanups.push(() => input.stop());
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    cleanups.push(() => socket.destroy());
    socket.on("error", () => undefined);
    socket.resume();
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  };
  return { context, input, open };
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));

describe("a stream listener", () => {
  it("closes who owes the rest of a frame for too long, also when a byte comes now and then", async () => {
    const { context, input, open } = await started({ owedMs: 80 });
    const loris = await open();
    const drip = setInterval(() => loris.write("x"), 10);
    cleanups.push(() => clearInterval(drip));
    loris.write("100 ");
    await closed(loris);
    await until(() => context.sink.texts.length === 1, "the part that came");
    expect(context.sink.batches[0]?.fault).toBe("truncated-stream");
    expect(input.counts().connections_slow).toBe(1);
  });

  it("gives a long frame the time that its length needs", async () => {
    const { context, input, open } = await started({ owedMs: 40, minBytesPerSecond: 50_000 });
    const socket = await open();
    const part = "y".repeat(10_000);
    socket.write(`60000 ${part}`);
    // 6 parts, each within the time that the bytes so far have bought.
    for (let i = 1; i < 6; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      socket.write(part);
    }
    await until(() => context.sink.texts.length === 1, "the frame");
    expect(context.sink.batches[0]?.fault).toBeUndefined();
    expect(input.counts().connections_slow).toBe(0);
  });

  it("leaves who is between frames alone", async () => {
    const { context, input, open } = await started({ owedMs: 20 });
    const socket = await open();
    socket.write("<1>one\n");
    await new Promise((resolve) => setTimeout(resolve, 120));
    socket.write("<1>two\n");
    await until(() => context.sink.texts.length === 2, "both");
    expect(input.counts().connections_slow).toBe(0);
  });

  it("takes no more connections of one peer than its share, and gives a place back", async () => {
    const { context, input, open } = await started({ maxPerPeer: 2 });
    const first = await open();
    await open();
    await closed(await open());
    expect(input.counts().connections_crowded).toBe(1);
    first.end();
    await closed(first);
    await until(async () => {
      (await open()).write("<1>in again\n");
      return context.sink.texts.length > 0;
    }, "a place");
  });

  it("ends the connection that holds most when all hold too much", async () => {
    const { context, input, open } = await started({ maxHeldBytes: 50_000 });
    const small = await open();
    small.write(`60000 ${"s".repeat(10_000)}`);
    const large = await open();
    large.write(`60000 ${"l".repeat(30_000)}`);
    const third = await open();
    third.write(`60000 ${"t".repeat(15_000)}`);
    await closed(large);
    expect(input.counts().connections_heavy).toBe(1);
    small.write("s".repeat(50_000));
    third.write("t".repeat(45_000));
    await until(() => context.sink.texts.filter((text) => text.length === 60_000).length === 2, "the others");
  });

  it("hands on what a sender wrote before it went away without a word", async () => {
    const { context, open } = await started();
    const socket = await open();
    await new Promise((resolve) => socket.write("<1>one\n<1>two\n", resolve));
    socket.destroy();
    await until(() => context.sink.texts.length === 2, "both");
  });
});
