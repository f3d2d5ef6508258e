import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Peer } from "../testing/peer.ts";
import { isPrivateAddress } from "./addresses.ts";
import { HttpClient } from "./http-client.ts";

const { signal } = new AbortController();
const strict = new HttpClient({ allowPrivate: false, allowHttp: true });
const open = new HttpClient({ allowPrivate: true, allowHttp: true });

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("an address", () => {
  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "[::1]",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not an address",
  ])("%s is private", (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(["8.8.8.8", "203.0.113.9", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])(
    "%s is public",
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

describe("a request", () => {
  it.each([
    "127.0.0.1",
    "[::1]",
    "0",
    "0x7f000001",
    "2130706433",
    "localhost",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
  ])("to %s is refused without the setting", async (host) => {
    await expect(strict.whole({ url: `http://${host}:1/`, signal })).rejects.toMatchObject({
      kind: "refused",
      hint: "Set allowPrivateAddresses when that is meant.",
    });
  });

  it("without TLS, or by another protocol, is refused without the setting", async () => {
    const careful = new HttpClient({ allowPrivate: true, allowHttp: false });
    await expect(careful.whole({ url: "http://127.0.0.1:1/", signal })).rejects.toMatchObject({
      kind: "refused",
    });
    await expect(open.whole({ url: "file:///etc/passwd", signal })).rejects.toMatchObject({
      kind: "refused",
    });
    await expect(open.whole({ url: "nonsense", signal })).rejects.toMatchObject({ kind: "settings" });
  });

  it("follows no redirect", async () => {
    const peer = await Peer.start(() => ({ status: 302, headers: { location: "http://127.0.0.1/inside" } }));
    expect((await open.whole({ url: peer.url, signal })).status).toBe(302);
    expect(peer.requests).toHaveLength(1);
  });

  it("gives up on answers that are too large, never come, or break off", async () => {
    const peer = await Peer.start(() => ({ body: "x".repeat(100_000) }));
    await expect(open.whole({ url: peer.url, signal, maxBytes: 10_000 })).rejects.toMatchObject({
      kind: "bad-reply",
    });
    const silent = await listening(
      createServer(() => undefined).on("connection", (socket) => onTestFinished(() => void socket.destroy())),
    );
    await expect(
      open.whole({ url: `http://127.0.0.1:${silent}`, signal, timeoutMs: 50 }),
    ).rejects.toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("in time") as string,
    });
    const broken = await listening(
      createServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        socket.end();
      }),
    );
    await expect(open.whole({ url: `http://127.0.0.1:${broken}`, signal })).rejects.toMatchObject({
      kind: "unreachable",
    });
    await expect(open.whole({ url: "http://127.0.0.1:1", signal })).rejects.toMatchObject({
      message: "127.0.0.1:1 cannot be reached: nothing listens there",
    });
  });

  it("ends at once when its connection is stopped", async () => {
    const silent = await listening(createServer((socket) => onTestFinished(() => void socket.destroy())));
    const stopping = new AbortController();
    const asked = open.whole({ url: `http://127.0.0.1:${silent}`, signal: stopping.signal });
    stopping.abort(new Error("stopped"));
    await expect(asked).rejects.toThrow("stopped");
  });

  it.skipIf(spawnSync("openssl", ["version"]).status !== 0)(
    "refuses a certificate that nobody vouches for (needs openssl)",
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "tyto-tls-"));
      onTestFinished(() => rm(directory, { recursive: true }));
      const [key, cert] = [join(directory, "key"), join(directory, "cert")];
      spawnSync("openssl", [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        key,
        "-out",
        cert,
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
      ]);
      const port = await listening(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }));
      await expect(open.whole({ url: `https://localhost:${port}`, signal })).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringContaining("certificate") as string,
      });
    },
  );
});
