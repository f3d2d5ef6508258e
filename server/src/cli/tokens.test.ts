import { Readable, Writable } from "node:stream";
import type { Token } from "@tyto/domain";
import { expect, it } from "vitest";
import type { Client } from "./client.ts";
import { createToken, listTokens, revokeToken, rotateToken, switchToken } from "./tokens.ts";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const token: Token = {
  id: "00aa",
  name: "door\u001b[2J",
  scope: "ingest",
  prefix: "tyto_abcde",
  createdAt: "2026-01-15T12:00:00.000Z",
  createdBy: "ana",
  expiresAt: "2026-02-15T12:00:00.000Z",
  lastUsedAt: "2026-01-15T12:30:10.000Z",
  lastUsedFrom: "10.1.2.3",
  isEnabled: true,
  previousUntil: "2026-01-16T12:00:00.000Z",
  source: "front door",
  pack: "acme-door",
  inputs: ["hec"],
  recordsPerSecond: 5,
  bytesPerSecond: null,
};

function serving(tokens: readonly Token[]) {
  const asked: (readonly [string, unknown])[] = [];
  const made = { token, secret: "tyto_secret" };
  const client: Client = {
    url: "http://127.0.0.1:8080",
    get: () => Promise.resolve({ items: tokens, nextCursor: null }),
    post: (path, body) => Promise.resolve((asked.push([`POST ${path}`, body]), made)),
    patch: (path, body) => Promise.resolve((asked.push([`PATCH ${path}`, body]), token)),
    delete: (path) => Promise.resolve((asked.push([`DELETE ${path}`, null]), null)),
    download: () => Promise.reject(new Error("nothing is fetched here")),
    stream: () => Promise.reject(new Error("nothing is streamed here")),
  };
  const io = { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() };
  return { client, asked, io };
}

it("lists tokens with their limits, harmless", async () => {
  const { client, io } = serving([token, { ...token, id: "00bb", isEnabled: false, lastUsedAt: null }]);
  await listTokens(client, { json: false }, io);
  const [, first, second] = io.stdout.text.split("\n");
  expect(first).toMatch(
    /^00aa {2}door\\u001b\[2J {2}ingest {2}tyto_abcde… {2}on until 2026-02-15 {2}front door, read by acme-door {2}hec {8}5 records\/s {2}2026-01-15 12:30 10\.1\.2\.3$/,
  );
  expect(second).toMatch(/^00bb .* off .* never$/);
});

it("makes, rotates, switches and takes back, and writes a secret to standard output alone", async () => {
  const { client, asked, io } = serving([token]);
  await createToken(
    client,
    { name: "n", scope: "ingest", input: ["hec"], recordsPerSecond: 5, json: false },
    io,
  );
  await rotateToken(client, { token: "00aa", hours: 2, json: false }, io);
  expect(io.stdout.text).toBe("tyto_secret\ntyto_secret\n");
  await switchToken(client, { token: token.name, enabled: false }, io);
  await revokeToken(client, "00aa", io);
  expect(asked).toEqual([
    ["POST /api/v1/tokens", { name: "n", scope: "ingest", inputs: ["hec"], recordsPerSecond: 5 }],
    ["POST /api/v1/tokens/00aa/rotate", { validHours: 2 }],
    ["PATCH /api/v1/tokens/00aa", { enabled: false }],
    ["DELETE /api/v1/tokens/00aa", null],
  ]);
});

it("takes no token for another: a name must be one token's", async () => {
  const { client, io } = serving([token, { ...token, id: "00bb" }]);
  await expect(revokeToken(client, token.name, io)).rejects.toMatchObject({ code: "conflict" });
  await expect(revokeToken(client, "nobody", io)).rejects.toMatchObject({ code: "not-found" });
});
