import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { TytoError } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import { testContext, until } from "../testing/context.ts";
import { dropsOf, kernelDrops, procAddress } from "../datagram/kernel-drops.ts";
import { syslogUdp } from "./udp.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function started(options: { readonly maxHeldBytes?: number; readonly drainMs?: number } = {}) {
  const context = testContext();
  const input = syslogUdp({ host: "127.0.0.1", port: 0, ...options }, context);
  const { address } = await input.start();
  cleanups.push(() => input.stop());
  const port = Number(address.split(":")[1]);
  const socket = createSocket("udp4");
  cleanups.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { context, input, port, send: (bytes: Uint8Array | string) => sendTo(socket, port, bytes) };
}

function sendTo(socket: Socket, port: number, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(bytes, port, "127.0.0.1", (error) => (error === null ? resolve() : reject(error))),
  );
}

describe("syslog over UDP", () => {
  it("takes one datagram for one record, without its LF or NUL, and counts empty ones", async () => {
    const { context, input, send } = await started();
    await send("<38>Nov 20 21:31:21 vm sshd[123]: one");
    await send("<38>Nov 20 21:31:21 vm sshd[123]: two\n\0");
    await send("\n");
    await send("");
    await send("<38>Nov 20 21:31:21 vm sshd[123]: line\ninside");
    await until(() => context.sink.texts.length === 3 && input.counts().records_empty === 2, "all datagrams");
    expect(context.sink.texts).toEqual([
      "<38>Nov 20 21:31:21 vm sshd[123]: one",
      "<38>Nov 20 21:31:21 vm sshd[123]: two",
      "<38>Nov 20 21:31:21 vm sshd[123]: line\ninside",
    ]);
    expect(context.sink.batches[0]).toMatchObject({ peer: "127.0.0.1", identity: { kind: "journal" } });
    expect(context.sources.keys[0]).toEqual({
      input: "syslog-udp",
      discriminator: "127.0.0.1 vm",
      name: "vm",
    });
  });

  it("keeps hosts behind one address apart, and binary junk whole", async () => {
    const { context, send } = await started();
    await send("<38>Nov 20 21:31:21 web1 sshd[1]: a");
    await send("<38>1 2026-11-20T21:31:21Z web2 sshd 1 - - b");
    await send(Uint8Array.of(0xff, 0x00, 0xfe, 0x80));
    await until(() => context.sink.texts.length === 3, "three records");
    expect(new Set(context.sources.keys.map(({ name }) => name))).toEqual(
      new Set(["web1", "web2", "127.0.0.1"]),
    );
    expect(context.sink.batches.flatMap(({ records }) => records)).toContainEqual(
      Uint8Array.of(0xff, 0, 0xfe, 0x80),
    );
  });

  it("takes 10,000 small datagrams in a few batches and loses none", async () => {
    const { context, input, send } = await started();
    for (let i = 0; i < 10_000; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, k) => send(`<38>Nov 20 21:31:21 vm app: ${i + k}`)));
    }
    await until(() => input.counts().records_accepted === 10_000, "10,000 records");
    const numbers = context.sink.texts.map((text) => Number(text.split(" ").at(-1)));
    expect(new Set(numbers).size).toBe(10_000);
    expect(context.sink.batches.length).toBeLessThan(5_000);
    expect(input.counts().dropped_back_pressure).toBe(0);
  });

  it("holds what it can while the journal is full, counts what it drops, and drains when there is room", async () => {
    const { context, input, send } = await started({ maxHeldBytes: 4_000 });
    context.sink.gate = () => {
      throw new TytoError("disk-full", "no room");
    };
    for (let i = 0; i < 100; i += 1) await send(`<38>Nov 20 21:31:21 vm app: number ${i}`);
    await until(() => input.counts().dropped_back_pressure > 0, "a drop");
    await until(() => context.messages.some((message) => message.includes("trying again")), "a warning");
    context.sink.gate = () => undefined;
    await until(() => {
      const { records_accepted, dropped_back_pressure } = input.counts();
      return records_accepted + dropped_back_pressure === 100;
    }, "every datagram in one count");
    expect(context.messages.filter((message) => message.includes("trying again"))).toHaveLength(1);
  });

  it("hands on what it holds when it stops, and counts as lost what the journal does not take in time", async () => {
    const { context, input, send } = await started({ drainMs: 50 });
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "behind");
    };
    let tried = false;
    context.sink.gate = () => {
      tried = true;
      throw new TytoError("back-pressure", "behind");
    };
    await send("<38>Nov 20 21:31:21 vm app: one");
    await until(() => tried, "an attempt");
    await input.stop();
    expect(input.counts().dropped_shutdown).toBe(1);
  });

  it("names the address when the port is taken", async () => {
    const { port } = await started();
    const second = syslogUdp({ host: "127.0.0.1", port }, testContext());
    await expect(second.start()).rejects.toMatchObject({ code: "port-in-use" });
  });

  it.skipIf(process.platform !== "linux")("reads the kernel's drops of its own socket", async () => {
    const { input, port } = await started();
    expect(await input.dropped()).toBe(0);
    expect(await kernelDrops("127.0.0.1", port)).toBe(0);
    expect(await kernelDrops("127.0.0.2", port)).toBeNull();
  });
});

describe("the kernel's table", () => {
  it("is read by address and port", () => {
    const table = [
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops",
      "  123: 0100007F:1588 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5151 2 0000000000000000 42",
      "  124: 0200007F:1588 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5152 2 0000000000000000 7",
    ].join("\n");
    expect(dropsOf(table, "0100007F:1588")).toBe(42);
    expect(dropsOf(table, "0300007F:1588")).toBeNull();
  });

  it("spells addresses as the kernel does", () => {
    expect(procAddress("127.0.0.1", 5514)).toBe("0100007F:158A");
    expect(procAddress("::1", 514)).toBe("00000000000000000000000001000000:0202");
    expect(procAddress("::", 514)).toBe("00000000000000000000000000000000:0202");
    expect(procAddress("2001:db8::7", 1)).toBe("B80D0120000000000000000007000000:0001");
  });
});
