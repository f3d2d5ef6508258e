import { Readable, Writable } from "node:stream";
import { expect, it } from "vitest";
import type { QuarantineList, ReparseJob, ReplayJob } from "@tyto/domain";
import type { Client } from "./client.ts";
import { quarantineListCommand, quarantineReplayCommand } from "./quarantine.ts";
import { reparseCommand } from "./reparse.ts";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Answers in turn, and remembers what it was asked. */
function talking(answers: readonly unknown[]) {
  const asked: unknown[] = [];
  const rest = [...answers];
  const answer = (question: unknown): Promise<unknown> => {
    asked.push(question);
    return Promise.resolve(rest.shift());
  };
  const client: Client = {
    url: "http://127.0.0.1:8080",
    get: answer,
    post: (path, body) => answer([path, body]),
    patch: () => Promise.reject(new Error("nothing is changed")),
    delete: () => Promise.reject(new Error("nothing is changed")),
    download: () => Promise.resolve(new Uint8Array()),
    stream: () => Promise.reject(new Error("nothing is streamed here")),
  };
  return {
    client,
    asked,
    io: { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() },
  };
}

const job = {
  id: "0123456789abcdef",
  createdAt: "2026-01-15T12:00:00.000Z",
  createdBy: "ana",
  total: 10,
  problem: null,
};
const reparse: ReparseJob = {
  ...job,
  state: "done",
  from: "2026-01-08T12:00:00.000Z",
  to: "2026-01-15T12:00:00.000Z",
  pack: "unknown",
  sources: null,
  dryRun: false,
  report: {
    lookedAt: 10,
    changed: 7,
    recognised: 6,
    unchanged: 2,
    kept: 1,
    packs: [
      { pack: "acme-gate", lookedAt: 7, changed: 7, recognised: 6 },
      { pack: "unknown", lookedAt: 3, changed: 0, recognised: 0 },
    ],
    fields: [{ field: "source.ip", events: 7 }],
  },
};

it("starts a reparse, waits for its end and says what changed", async () => {
  const { client, asked, io } = talking([{ ...reparse, state: "running" }, reparse]);
  const options = { from: "-7d", pack: "unknown", dryRun: false, json: false };
  expect(await reparseCommand(client, options, io)).toBe(0);
  expect(asked).toEqual([
    ["/api/v1/reparse", { dryRun: false, from: "-7d", pack: "unknown" }],
    "/api/v1/reparse/0123456789abcdef",
  ]);
  expect(io.stdout.text).toContain(
    "10 events looked at, 7 changed (6 newly recognised), 2 unchanged, 1 kept",
  );
  expect(io.stdout.text).toMatch(/acme-gate +7 +7 +6/);
  expect(io.stdout.text).toMatch(/source\.ip +7/);
});

it("says of a job that did not come to its end why, with status 1", async () => {
  const { client, io } = talking([{ ...reparse, state: "failed", problem: "no \u001b[2J engine" }]);
  expect(await reparseCommand(client, { dryRun: true, json: true }, io)).toBe(1);
  expect(JSON.parse(io.stdout.text)).toMatchObject({ state: "failed" });
  expect(io.stderr.text).toContain("no \\u001b[2J engine");
});

it("replays what is chosen and says what became of it", async () => {
  const replay: ReplayJob = {
    ...job,
    state: "done",
    report: { lookedAt: 10, stored: 6, filtered: 1, quarantined: 3 },
  };
  const { client, asked, io } = talking([replay]);
  const options = { reason: "pack-rejected", id: ["0000000000000000-1"], json: false };
  expect(await quarantineReplayCommand(client, options, io)).toBe(0);
  expect(asked).toEqual([
    ["/api/v1/quarantine/replay", { reason: "pack-rejected", ids: ["0000000000000000-1"] }],
  ]);
  expect(io.stdout.text).toBe(
    "done: 10 records tried again, 6 are events now, 1 are dropped by their pack, 3 stay in quarantine\n",
  );
});

it("lists quarantined records harmless, bytes that are no text in hexadecimal", async () => {
  const record = {
    id: "0000000000000000-1",
    ingested: "2026-01-15T12:00:00.000Z",
    source: "gate",
    reason: "bad-frame",
    detail: "broken",
    pack: null,
    bytes: 2,
  };
  const list: QuarantineList = {
    items: [
      { ...record, excerpt: "\u001b[2Jx", isText: true, hex: "1b" },
      { ...record, excerpt: "\ufffd", isText: false, hex: "ff00" },
    ],
    nextCursor: null,
    counts: [{ reason: "bad-frame", source: "gate", pack: null, count: 2 }],
  };
  const { client, asked, io } = talking([list]);
  await quarantineListCommand(client, { reason: "bad-frame", json: false }, io);
  expect(asked).toEqual(["/api/v1/quarantine?reason=bad-frame"]);
  expect(io.stdout.text).toMatch(/ {6}2 {2}bad-frame {2}gate/);
  expect(io.stdout.text).toContain("\\u001b[2Jx");
  expect(io.stdout.text).toContain("ff00");
});
