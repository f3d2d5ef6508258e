import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { backtestCommand } from "./backtest.ts";
import type { Client } from "./client.ts";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const REPLY = {
  rule: { id: "r", title: "Failed\u001b[2J" },
  days: [{ day: "2026-03-10T00:00:00Z", count: 3 }],
  total: 3,
  evaluator: "sql+stream",
  reason: "it takes too long",
  samples: [
    { eventId: "aa-2", timestamp: "2026-03-10T00:01:00Z", count: 2 },
    { eventId: "aa-1", timestamp: "2026-03-10T00:00:00Z", count: 1 },
  ],
  exact: false,
  stats: { rowsRead: 9, bytesRead: 90, elapsedMs: 12.6, rechecked: 1 },
  from: "2026-03-09T00:00:00Z",
  to: "2026-03-11T00:00:00Z",
};

function asked(answer: () => Promise<unknown> = () => Promise.resolve(REPLY)) {
  const bodies: unknown[] = [];
  const client: Client = {
    url: "http://127.0.0.1:8080",
    get: () => Promise.reject(new Error("not asked for")),
    download: () => Promise.resolve(new Uint8Array()),
    stream: () => Promise.reject(new Error("nothing is streamed here")),
    post: (path, body) => {
      bodies.push([path, body]);
      return answer();
    },
    patch: () => Promise.reject(new Error("not asked for")),
    delete: () => Promise.reject(new Error("not asked for")),
  };
  return {
    bodies,
    client,
    io: { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() },
  };
}

afterEach(() => vi.useRealTimers());

it("asks for a loaded rule and shows days, samples, and what was done", async () => {
  const { bodies, client, io } = asked();
  expect(await backtestCommand(client, { rule: "r", from: "-7d", json: false }, io)).toBe(0);
  expect(bodies).toEqual([["/api/v1/rules/backtest", { ruleId: "r", from: "-7d" }]]);
  expect(io.stdout.text).toBe(
    "2026-03-10  3\n  2026-03-10T00:01:00Z  aa-2  2 times\n  2026-03-10T00:00:00Z  aa-1\n",
  );
  expect(io.stderr.text).toBe(
    "Failed\\u001b[2J: at least 3 from 2026-03-09T00:00:00Z to 2026-03-11T00:00:00Z; 9 rows read, 1 looked at by the matcher, counted by the detection engine (it takes too long), 13 ms\n",
  );
});

it("sends a rule file as it is, and prints the answer as JSON", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tyto-backtest-"));
  const file = join(folder, "rule.yml");
  await writeFile(file, "title: x\n");
  const { bodies, client, io } = asked();
  expect(await backtestCommand(client, { rule: file, to: "now", json: true }, io)).toBe(0);
  expect(bodies).toEqual([["/api/v1/rules/backtest", { yaml: "title: x\n", to: "now" }]]);
  expect(JSON.parse(io.stdout.text)).toEqual(REPLY);
  expect(io.stderr.text).toBe("");
  await rm(folder, { recursive: true });
});

it("says every few seconds that it is still looking", async () => {
  vi.useFakeTimers();
  let answer: (reply: unknown) => void = () => undefined;
  const { client, io } = asked(() => new Promise((resolve) => (answer = resolve)));
  const done = backtestCommand(client, { rule: "r", json: true }, io);
  await vi.advanceTimersByTimeAsync(11_000);
  answer(REPLY);
  await done;
  expect(io.stderr.text).toBe("still looking, 5 s\nstill looking, 10 s\n");
});
