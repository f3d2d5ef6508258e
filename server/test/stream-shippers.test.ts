/** Stream protocols through the whole server: what was acknowledged survives kill -9, is found once, and the books balance. */
import { createSocket } from "node:dgram";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FluentClient } from "@fluent-org/logger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificate } from "../src/inputs/testing/certificates.ts";
import { ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const LINES = 100;
const KEY = "owl at night";
const authority = certificate("Test authority");

let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tyto-streams-"));
  const { cert, key } = certificate("localhost", authority);
  const files = { "cert.pem": cert, "key.pem": key, "fluent.key": `${KEY}\n` };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const any = "127.0.0.1:0";
  server = await ServerProcess.start(
    ...["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")],
    ...["--syslog-tls", any, "--relp", `${any},tls:${any}`, "--gelf-udp", any, "--gelf-tcp", any],
    ...["--lumberjack", any, "--fluent", any, "--fluent-key-file", join(folder, "fluent.key")],
    "--ingest-tls",
  );
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function portOf(name: string): Promise<number> {
  const text = await readFile(join(server.directory, "addresses.json"), "utf8");
  const { inputs } = JSON.parse(text) as { readonly inputs: Readonly<Record<string, string>> };
  return Number(inputs[name]?.split(":")[1]);
}

/** Writes, and waits for an answer that shows that all of it is taken. */
async function exchange(port: number, bytes: Uint8Array | string, answer: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  socket.write(bytes);
  await until(`the answer ${JSON.stringify(answer)}`, () => Promise.resolve(received.includes(answer)), {
    everyMs: 10,
  });
  socket.destroy();
}

const texts = (marker: string): readonly string[] =>
  Array.from({ length: LINES }, (_, i) => `${marker} line ${String(i).padStart(4, "0")}`);
const syslog = (text: string): string => `<38>1 2026-11-20T21:31:21Z web1 app 1 - - ${text}`;
const gelf = (text: string): string => JSON.stringify({ version: "1.1", host: "web1", short_message: text });

const senders: readonly (readonly [string, string, (lines: readonly string[]) => Promise<void>])[] = [
  [
    "RELP",
    "relpaaa",
    async (lines) => {
      const frames = lines.map(
        (text, i) => `${i + 2} syslog ${Buffer.byteLength(syslog(text))} ${syslog(text)}\n`,
      );
      await exchange(await portOf("relp"), `1 open 0\n${frames.join("")}`, `${LINES + 1} rsp 6 200 OK\n`);
    },
  ],
  [
    "Lumberjack",
    "beataaa",
    async (lines) => {
      const u32 = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);
      const documents = lines.map((text, i) => {
        const json = Buffer.from(JSON.stringify({ "@timestamp": "2026-02-27T10:00:00Z", message: text }));
        return Buffer.concat([Buffer.from("2J"), u32(i + 1), u32(json.length), json]);
      });
      const window = Buffer.concat([Buffer.from("2W"), u32(LINES), ...documents]);
      await exchange(await portOf("lumberjack"), window, `2A${u32(LINES).toString("latin1")}`);
    },
  ],
  [
    "Fluent Forward",
    "fluentaaa",
    async (lines) => {
      const client = new FluentClient("app", {
        eventMode: "CompressedPackedForward",
        socket: { host: "127.0.0.1", port: await portOf("fluent") },
        security: { clientHostname: "web1", sharedKey: KEY },
        ack: { ackTimeout: 20_000 },
      });
      await Promise.all(lines.map((text) => client.emit({ log: text })));
      await client.shutdown();
    },
  ],
];

/** Of those who are not answered: they are found once they are stored. */
const unanswered: typeof senders = [
  [
    "syslog over TLS",
    "tlsaaa",
    async (lines) => {
      const socket = connectTls({ host: "127.0.0.1", port: await portOf("syslog-tls"), ca: authority.cert });
      const frames = lines.map(syslog).map((text) => `${Buffer.byteLength(text)} ${text}`);
      await new Promise<void>((resolve) => socket.end(frames.join(""), () => resolve()));
    },
  ],
  [
    "GELF over TCP",
    "gelftcpaaa",
    async (lines) => {
      const socket = connect(await portOf("gelf-tcp"), "127.0.0.1");
      await new Promise<void>((resolve) =>
        socket.end(lines.map((text) => `${gelf(text)}\0`).join(""), () => resolve()),
      );
    },
  ],
  [
    "GELF over UDP",
    "gelfudpaaa",
    async (lines) => {
      const socket = createSocket("udp4");
      const port = await portOf("gelf-udp");
      for (const text of lines)
        await new Promise<void>((resolve) => socket.send(gelf(text), port, "127.0.0.1", () => resolve()));
      socket.close();
    },
  ],
];

async function expectFoundOnce(marker: string): Promise<void> {
  const kql = `Events | where raw contains "${marker}" | summarize dcount(raw), count()`;
  const range = { from: "-400d", to: "2100-01-01T00:00:00Z" };
  const count = async (): Promise<readonly unknown[]> => (await server.search(kql, range)).rows[0] ?? [];
  await until(`${LINES} lines of ${marker}`, async () => Number((await count())[0]) === LINES, {
    everyMs: 200,
  });
  expect((await count()).map(Number)).toEqual([LINES, LINES]);
}

async function expectBalanced(): Promise<void> {
  const ledger = await until("an empty queue", async () => {
    const list = await server.ledger();
    return list.totals.queued === 0 ? list : undefined;
  });
  expect(ledger.items.filter((source) => !source.isBalanced)).toEqual([]);
}

describe("shippers of stream protocols", () => {
  it("are acknowledged what survives kill -9, and find it once", { timeout: 120_000 }, async () => {
    await Promise.all(senders.map(([, marker, send]) => send(texts(marker))));
    await server.killHard();
    await server.restart();
    for (const [, marker] of senders) await expectFoundOnce(marker);
    await expectBalanced();
  });

  it.each(unanswered)("are found: %s", async (_name, marker, send) => {
    await send(texts(marker));
    await expectFoundOnce(marker);
    await expectBalanced();
  });

  it("speak RELP over TLS beside RELP in the clear", async () => {
    const socket = connectTls({ host: "127.0.0.1", port: await portOf("relp-2"), ca: authority.cert });
    const answer = new Promise<string>((resolve) =>
      socket.once("data", (chunk: Buffer) => resolve(chunk.toString())),
    );
    socket.write("1 open 0\n");
    expect(await answer).toMatch(/^1 rsp \d+ 200 OK\n/);
    socket.destroy();
  });

  it("find the HTTP protocols over TLS, and no longer in the clear", async () => {
    const { ingest } = server.addresses;
    await expect(fetch(`http://${ingest}/api/v1/health`)).rejects.toThrow();
    expect(server.output).toContain(`https://${ingest}/api/v1/ingest`);
  });

  it("send junk to every port, and the books balance", async () => {
    const junk = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919 + (i >> 5) * 131) % 256));
    for (const name of ["syslog-tls", "relp", "relp-2", "gelf-tcp", "lumberjack", "fluent"]) {
      const socket = connect(await portOf(name), "127.0.0.1");
      socket.on("error", () => undefined);
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.resume().end(junk);
      await closed;
    }
    expect((await fetch(`${server.url}/api/v1/health`)).ok).toBe(true);
    await expectBalanced();
  });
});
