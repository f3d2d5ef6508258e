import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, TestIdentity } from "../testing/certificates.ts";
import { testContext, until } from "../testing/context.ts";
import { syslogTcp, syslogTls } from "./tcp.ts";
import type { SyslogTcpOptions } from "./tcp.ts";

const authority = certificate("Test authority");
const server = certificate("localhost", authority);
const laptop = certificate("laptop-7", authority);
const stranger = certificate("laptop-7", certificate("Another authority"));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(identity = new TestIdentity(server), options: Partial<SyslogTcpOptions> = {}) {
  const context = testContext();
  const input = syslogTls({ host: "127.0.0.1", port: 0, tls: identity, ...options }, context);
  const port = Number((await input.start()).address.split(":")[1]);
  cleanups.push(() => input.stop());
  const open = (client: ConnectionOptions = {}): Promise<TLSSocket> => secure(port, client);
  const raw = async (): Promise<Socket> => {
    const socket = connectTcp({ host: "127.0.0.1", port });
    cleanups.push(() => socket.destroy());
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  };
  return { context, input, port, open, raw };
}

/** Resolves when hands are shaken. In TLS 1.3 a client learns only afterwards that the server does not trust it. */
async function secure(port: number, client: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca: authority.cert, ...client });
  cleanups.push(() => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  return socket;
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve).resume());

/** In the middle of the handshake or right after it. */
async function turnedAway(opening: Promise<TLSSocket>): Promise<void> {
  const socket = await opening.catch(() => undefined);
  socket?.write("<38>not to be taken\n");
  if (socket !== undefined) await closed(socket);
}

const counted = (text: string): string => `${Buffer.byteLength(text)} ${text}`;

describe("syslog over TLS", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("takes counted frames over %s", async (version) => {
    const { context, open } = await started();
    const socket = await open({ minVersion: version, maxVersion: version });
    socket.write(counted("<38>1 2026-11-20T21:31:21Z web1 sshd 1 - - one"));
    socket.end(counted("<38>1 2026-11-20T21:31:22Z web1 sshd 1 - - two\n"));
    await until(() => context.sink.texts.length === 2, "both");
    expect(context.sources.keys[0]).toEqual({
      input: "syslog-tls",
      discriminator: "127.0.0.1 web1",
      name: "web1",
    });
  });

  it("speaks nothing older than TLS 1.2", async () => {
    const { input, open } = await started();
    const old = open({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    await expect(old).rejects.toThrow();
    await until(() => input.counts().connections_untrusted === 1, "the count");
  });

  it("counts and closes who speaks no TLS, or never gets on with it", async () => {
    const { context, input, raw } = await started(undefined, { handshakeMs: 150 });
    const plain = await raw();
    plain.write("<38>Nov 20 21:31:21 vm sshd: in the clear\n".repeat(20));
    await closed(plain);
    const silent = await raw();
    await closed(silent);
    const half = await raw();
    half.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    await closed(half);
    await until(() => input.counts().connections_untrusted === 3, "three counts");
    expect(context.sink.texts).toEqual([]);
  });

  it("knows clients by the subject of their certificate, which outlives their address and its renewal", async () => {
    const { context, open } = await started(new TestIdentity({ ...server, clientCa: authority.cert }));
    for (const { cert, key } of [laptop, certificate("laptop-7", authority)]) {
      (await open({ cert, key })).end("<38>no header of its own\n");
    }
    await until(() => context.sink.texts.length === 2, "both");
    expect(new Set(context.sources.keys.map(({ discriminator }) => discriminator))).toEqual(
      new Set(["certificate CN=laptop-7"]),
    );
    expect(context.sources.keys[0]?.name).toBe("laptop-7");
    expect(context.sink.batches[0]?.peer).toBe("127.0.0.1");
  });

  it("refuses a certificate that its authorities do not vouch for, and takes none at all unless one is required", async () => {
    const material = { ...server, clientCa: authority.cert };
    const free = await started(new TestIdentity(material));
    await turnedAway(free.open({ cert: stranger.cert, key: stranger.key }));
    await until(() => free.input.counts().connections_untrusted === 1, "the stranger's count");
    (await free.open()).end("<38>nameless\n");
    await until(() => free.context.sink.texts.length === 1, "the nameless client's line");

    const strict = await started(new TestIdentity(material, true));
    await turnedAway(strict.open());
    await until(() => strict.input.counts().connections_untrusted === 1, "the nameless client's count");
    (await strict.open({ cert: laptop.cert, key: laptop.key })).end("<38>known\n");
    await until(() => strict.context.sink.texts.length === 1, "the known client's line");
    expect(strict.context.sink.texts).toEqual(["<38>known"]);
  });

  it("shows a renewed certificate to whom connects next, and goes on with who is there", async () => {
    const identity = new TestIdentity(server);
    const { context, open } = await started(identity);
    const before = await open();
    const renewed = certificate("localhost", authority);
    identity.replace(renewed);
    const after = await open();
    expect(after.getPeerCertificate().serialNumber).not.toBe(before.getPeerCertificate().serialNumber);
    before.end("<38>before\n");
    after.end("<38>after\n");
    await until(() => context.sink.texts.length === 2, "both");
  });

  it("loses nothing of a client that writes, reads nothing and goes", async () => {
    const { context, open } = await started();
    const text = `<38>${"x".repeat(60_000)}\n`;
    for (let i = 1; i <= 10; i += 1) {
      const socket = await open();
      expect(socket.getProtocol()).toBe("TLSv1.2");
      socket.pause();
      await new Promise<void>((resolve) => socket.write(text, () => resolve()));
      socket.destroy();
      await until(() => context.sink.texts.length === i, "the line");
    }
    expect(context.sink.batches.every(({ fault }) => fault === undefined)).toBe(true);
  });

  it("stops with handshakes and connections open", async () => {
    const { context, input, open, raw } = await started();
    const half = await raw();
    half.write(Buffer.from([0x16]));
    const socket = await open();
    socket.write("<38>whole\n");
    await until(() => context.sink.texts.length === 1, "the line");
    await input.stop();
    await Promise.all([closed(half), closed(socket)]);
  });
});

describe("syslog behind a proxy", () => {
  const header = "PROXY TCP4 203.0.113.9 127.0.0.1 4000 6514\r\n";

  async function proxied(options: Partial<SyslogTcpOptions> = {}) {
    const context = testContext();
    const input = syslogTcp({ host: "127.0.0.1", port: 0, proxies: ["127.0.0.0/8"], ...options }, context);
    const port = Number((await input.start()).address.split(":")[1]);
    cleanups.push(() => input.stop());
    const open = async (): Promise<Socket> => {
      const socket = connectTcp({ host: "127.0.0.1", port, noDelay: true });
      cleanups.push(() => socket.destroy());
      socket.on("error", () => undefined);
      await new Promise<void>((resolve) => socket.once("connect", resolve));
      return socket;
    };
    return { context, input, open };
  }

  it("takes the client's address from the header, whether it comes with the first line or byte by byte", async () => {
    const { context, open } = await proxied();
    (await open()).end(`${header}<38>at once\n`);
    await until(() => context.sink.texts.length === 1, "the first");
    const slow = await open();
    for (const byte of Buffer.from(`${header}<38>slowly\n`))
      await new Promise((resolve) => slow.write(Uint8Array.of(byte), resolve));
    await until(() => context.sink.texts.length === 2, "the second");
    expect(context.sink.batches.map(({ peer }) => peer)).toEqual(["203.0.113.9", "203.0.113.9"]);
  });

  it("reads it before the TLS handshake", async () => {
    const { context, port } = await started(undefined, { proxies: ["127.0.0.1"] });
    const raw = connectTcp({ host: "127.0.0.1", port });
    cleanups.push(() => raw.destroy());
    await new Promise<void>((resolve) => raw.once("connect", resolve));
    raw.write(header);
    const socket = connect({ socket: raw, ca: authority.cert, servername: "localhost" });
    await new Promise<void>((resolve) => socket.once("secureConnect", resolve));
    socket.end("<38>inside\n");
    await until(() => context.sink.texts.length === 1, "the line");
    expect(context.sink.batches[0]?.peer).toBe("203.0.113.9");
  });

  it("refuses a proxy without a header, one that is late, and believes no header of anyone else", async () => {
    const { context, input, open } = await proxied({ handshakeMs: 100 });
    const without = await open();
    without.write("<38>no header\n");
    const late = await open();
    late.write("PROXY TCP4 ");
    await Promise.all([closed(without), closed(late)]);
    expect(input.counts()).toMatchObject({ connections_protocol: 1, connections_slow: 1 });
    const other = await proxied({ proxies: ["192.0.2.0/24"] });
    (await other.open()).end(`${header}<38>line\n`);
    await until(() => other.context.sink.texts.length === 2, "the header as a line");
    expect(other.context.sink.batches[0]?.peer).toBe("127.0.0.1");
    expect(context.sink.texts).toEqual([]);
  });
});
