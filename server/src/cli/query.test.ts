import { csvCell } from "@tyto/domain";
import { Readable, Writable } from "node:stream";
import { expect, it } from "vitest";
import type { Client } from "./client.ts";
import { ledgerCommand } from "./ledger.ts";
import { queryCommand } from "./query.ts";
import type { QueryFormat } from "./query.ts";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function streams() {
  return { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() };
}

const answering = (reply: unknown): Client => ({
  url: "http://127.0.0.1:8080",
  get: () => Promise.resolve(reply),
  post: () => Promise.resolve(reply),
  download: () => Promise.resolve(new Uint8Array()),
  stream: () => Promise.reject(new Error("nothing is streamed here")),
  patch: () => Promise.resolve(reply),
  delete: () => Promise.resolve(reply),
});

async function query(rows: readonly (readonly unknown[])[], format: QueryFormat): Promise<string> {
  const io = streams();
  const reply = {
    columns: [
      { name: "user.name", type: "string" },
      { name: "count", type: "long" },
    ],
    rows,
    stats: { rowsRead: 9, bytesRead: 9, elapsedMs: 1.4, partial: true },
    kql: "Events",
    from: "2026-01-01T00:00:00Z",
    to: "2026-01-02T00:00:00Z",
  };
  expect(await queryCommand(answering(reply), { kql: "Events", format }, io)).toBe(0);
  expect(io.stderr.text).toContain("(cut by the limit)");
  return io.stdout.text;
}

it("lines a table up, shows control characters, and keeps a row on one line", async () => {
  const text = await query(
    [
      ["a\u001b[2Jb\nc", 1],
      [null, 22],
      ["x".repeat(80), 3],
    ],
    "table",
  );
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(text).not.toContain("\u001b");
  expect(lines[1]).toMatch(/^a\\u001b\[2Jb ⏎ c +1$/);
  expect(lines[3]).toMatch(/^x{59}… {2}3$/);
});

it("writes one JSON object a row", async () => {
  expect(await query([["a\nb", 1]], "ndjson")).toBe('{"user.name":"a\\nb","count":1}\n');
});

it("asks for whole events in OCSF and writes each on a line, whatever the format", async () => {
  const asked: unknown[] = [];
  const reply = {
    columns: [{ name: "event", type: "dynamic" }],
    rows: [[{ class_uid: 3002 }], [{ class_uid: 0 }]],
    stats: { rowsRead: 2, bytesRead: 2, elapsedMs: 1, partial: false },
  };
  const client: Client = {
    ...answering(reply),
    post: (_path, body) => {
      asked.push(body);
      return Promise.resolve(reply);
    },
  };
  const io = streams();
  await queryCommand(client, { kql: "Events", format: "table", schema: "ocsf" }, io);
  expect(asked).toEqual([{ kql: "Events", schema: "ocsf" }]);
  expect(io.stdout.text).toBe('{"class_uid":3002}\n{"class_uid":0}\n');
});

it("writes CSV that no spreadsheet runs", async () => {
  expect(await query([['=HYPERLINK("http://x")', -5]], "csv")).toBe(
    'user.name,count\n"\'=HYPERLINK(""http://x"")",-5\n',
  );
  expect(["=1", "+1", "-1+2", "@x", "\tx"].map(csvCell)).toEqual(["'=1", "'+1", "'-1+2", "'@x", "'\tx"]);
  expect(["-1", "-2.5", "a=b", ""].map(csvCell)).toEqual(["-1", "-2.5", "a=b", ""]);
  expect(csvCell("a,b")).toBe('"a,b"');
  expect(csvCell("\rx")).toBe('"\'\rx"');
});

it("shows each source's account and fails when one is open", async () => {
  const counts = { received: 10, stored: 7, filtered: 1, quarantined: 1, queued: 0 };
  const item = { name: "fw\u001b1", input: "syslog-udp", ...counts, isBalanced: false };
  const io = streams();
  const list = { items: [item], totals: counts, udpDropped: 3 };
  expect(await ledgerCommand(answering(list), { json: false }, io)).toBe(1);
  expect(io.stdout.text).toContain("fw\\u001b1");
  expect(io.stdout.text).toMatch(/syslog-udp +10 +7 +1 +1 +0 +OPEN/);
  expect(io.stdout.text).toContain("3 UDP datagrams were dropped");
  const balanced = { items: [{ ...item, isBalanced: true }], totals: counts, udpDropped: null };
  expect(await ledgerCommand(answering(balanced), { json: true }, streams())).toBe(0);
});
