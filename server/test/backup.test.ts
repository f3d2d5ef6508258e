/**
 * A backup and an archived day come back into an empty installation, hashes equal and searchable, by the commands that people use. What
 * is killed on the way leaves nothing that looks whole.
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArchiveDayList, ArchiveRestore } from "@tyto/domain";
import { ADMIN_TOKEN, REPOSITORY, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

/** A day of this week as `2026-11-23`; Monday is 0. Old days would be over for the retention. */
function weekday(offset: number): string {
  const today = new Date();
  const monday = today.getUTCDate() - ((today.getUTCDay() + 6) % 7);
  const day = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), monday + offset));
  return day.toISOString().slice(0, 10);
}

const [BEFORE, DAY, AFTER] = [weekday(-5), weekday(-4), weekday(-3)];
const DAYS = [BEFORE, DAY, AFTER];
const PER_DAY = 2_000;
/** After the archive's arrival at the server. */
const KILL_DELAYS_MS =
  process.env["TYTO_VERIFY"] === undefined ? [400] : [0, 200, 400, 600, 800, 1_000, 1_500];
const IS_VERIFYING = process.env["TYTO_VERIFY"] !== undefined;
const LAUNCHER = join(REPOSITORY, "server/bin/tyto.cjs");

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-backup-test-"));
  server = await ServerProcess.start();
  for (const day of DAYS) await ingest(server, day, PER_DAY);
  await settled(server);
}, 180_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ingest(to: ServerProcess, day: string, count: number, first = 0): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => numbered(day, first + index));
  const response = await fetch(`${to.url}/api/v1/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  expect(response.ok).toBe(true);
}

const numbered = (day: string, i: number): string =>
  JSON.stringify({
    "@timestamp": `${day}T${String(i % 24).padStart(2, "0")}:00:00.${String(i % 1_000).padStart(3, "0")}Z`,
    message: `numbered ${day}x${i}`,
    filler: Math.sin(i).toString(36).repeat(8),
  });

const FEED_DAY = weekday(0);
const FEED_BATCH = 50;

/** Small batches of numbered lines, each acknowledged before the next. */
async function keepSending(
  to: ServerProcess,
  feed: { readonly isOver: boolean; batches: number },
): Promise<void> {
  while (!feed.isOver) {
    await ingest(to, FEED_DAY, FEED_BATCH, feed.batches * FEED_BATCH);
    feed.batches++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const settled = (which: ServerProcess): Promise<unknown> =>
  until("everything to be stored", async () => (await which.ledger()).totals.queued === 0, {
    timeoutMs: 60_000,
  });

async function count(which: ServerProcess, kql: string): Promise<number> {
  const { rows } = await which.search(`Events | where ${kql} | count`, { from: `${weekday(-21)}T00:00:00Z` });
  return Number(rows[0]?.[0]);
}

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const command = (...args: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const child = execFile(process.execPath, [LAUNCHER, ...args], (_error, stdout, stderr) =>
      done({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

/** What a command prints with `--json`. */
async function tyto<T>(...args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await command(...args, "--json");
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

async function refused(...args: readonly string[]): Promise<string> {
  const { status, stderr } = await command(...args);
  expect(status).toBe(1);
  return stderr;
}

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...args], { detached: true, stdio: "ignore" });
}

async function killWhen(child: ChildProcess, isTime: () => boolean): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  await until("the moment to kill", () => Promise.resolve(isTime() || child.exitCode !== null), {
    everyMs: 2,
  });
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  await ended;
}

interface Kept {
  readonly events: { readonly rows: number; readonly hash: string };
}

describe("a backup of a running server", () => {
  it("comes back into an empty directory, hashes equal, and is found and searched", async () => {
    const target = join(folder, "backup");
    const [data, again] = [join(folder, "restored"), join(folder, "backup-of-restored")];
    // Senders go on meanwhile.
    const feed = { isOver: false, batches: 0 };
    const feeding = keepSending(server, feed);
    await until("some batches", () => Promise.resolve(feed.batches > 3));
    const before = feed.batches;
    const made = await tyto<Kept>("backup", target, "--data", server.directory).finally(() => {
      feed.isOver = true;
    });
    await feeding;
    const restored = await tyto<Kept>("restore", target, "--data", data);
    expect(restored.events).toEqual(made.events);
    expect(made.events.rows).toBeGreaterThanOrEqual(DAYS.length * PER_DAY);
    // Stopped: the command opens the directory itself, and the hash is that of the first installation.
    expect((await tyto<Kept>("backup", again, "--data", data)).events).toEqual(made.events);
    const second = await ServerProcess.startOn(data);
    try {
      await settled(second);
      for (const day of DAYS)
        expect(await count(second, `message startswith 'numbered ${day}'`)).toBe(PER_DAY);
      expect(await count(second, `message == 'numbered ${DAY}x777'`)).toBe(1);
      // Everything acknowledged before is there; what came meanwhile is there whole or not at all, and all of it once.
      const { rows } = await second.search(
        `Events | where message startswith 'numbered ${FEED_DAY}' | summarize n = count() by message | summarize distinct = count(), all = sum(n)`,
        { from: `${weekday(-21)}T00:00:00Z` },
      );
      const [distinct, all] = (rows[0] ?? []).map(Number);
      expect(distinct).toBe(all);
      expect(all).toBeGreaterThanOrEqual(before * FEED_BATCH);
      expect(Number(all) % FEED_BATCH).toBe(0);
      // It takes up where the other stopped: new records, new ids.
      await ingest(second, weekday(1), 10);
      await settled(second);
      expect(await count(second, `message startswith 'numbered ${weekday(1)}'`)).toBe(10);
      const { items, totals } = await second.ledger();
      expect(items.every((source) => source.isBalanced)).toBe(true);
      expect(totals.stored).toBe(await count(second, "true"));
    } finally {
      await second.stop();
    }
  }, 240_000);

  it.runIf(IS_VERIFYING)(
    "leaves nothing that looks whole when the command is killed",
    async () => {
      const target = join(folder, "killed");
      await killWhen(start("backup", target, "--data", server.directory), () =>
        existsSync(`${target}.incomplete`),
      );
      expect(existsSync(target)).toBe(false);
      expect(await refused("restore", `${target}.incomplete`, "--data", join(folder, "none"))).toContain(
        "manifest.json",
      );
      expect(existsSync(join(folder, "none"))).toBe(false);
      // The next one clears it away.
      await until(
        "the server to see that nobody reads",
        async () => (await command("backup", target, "--data", server.directory)).status === 0,
        { timeoutMs: 60_000 },
      );
      expect(readdirSync(folder)).not.toContain("killed.incomplete");
    },
    120_000,
  );

  it.runIf(IS_VERIFYING)(
    "leaves no directory when the restore is killed",
    async () => {
      const data = join(folder, "half");
      await killWhen(start("restore", join(folder, "backup"), "--data", data), () =>
        existsSync(join(`${data}.restoring`, "data/restore-unfinished")),
      );
      expect(existsSync(data)).toBe(false);
      const half = join(`${data}.restoring`, "data");
      if (existsSync(join(half, "restore-unfinished")))
        expect(await refused("serve", "--data", half)).toContain("not whole");
      const { events } = await tyto<Kept>("restore", join(folder, "backup"), "--data", data);
      expect(events.rows).toBeGreaterThanOrEqual(DAYS.length * PER_DAY);
    },
    120_000,
  );
});

describe("an archived day", () => {
  it("comes back into an empty installation, also over kills: hashes equal, searchable, once", async () => {
    const place = join(folder, "archive");
    const made = await tyto<Kept>("archive", "make", "--day", DAY, "--to", place, "--data", server.directory);
    expect(made.events.rows).toBe(PER_DAY);
    expect((await tyto<Kept>("archive", "verify", "--day", DAY, "--from", place)).events).toEqual(
      made.events,
    );
    // Told at once: nothing waits for a stream that nobody reads.
    expect(await refused("archive", "--day", DAY, "--to", place, "--data", server.directory)).toContain(
      "exists",
    );
    const empty = await ServerProcess.start();
    try {
      const back = ["archive", "restore", "--day", DAY, "--from", place, "--data", empty.directory];
      for (const delayMs of KILL_DELAYS_MS) await killOverRestore(empty, start(...back), delayMs);
      const { stored, present } = await tyto<ArchiveRestore>(...back);
      expect(stored + present).toBe(PER_DAY);
      expect(await count(empty, "message startswith 'numbered'")).toBe(PER_DAY);
      expect(await count(empty, `message == 'numbered ${DAY}x777'`)).toBe(1);
      expect((await empty.get<ArchiveDayList>("/api/v1/archive/days")).interrupted).toEqual([]);
      const again = await tyto<Kept>(
        "archive",
        "make",
        "--day",
        DAY,
        "--to",
        join(folder, "again"),
        "--data",
        empty.directory,
      );
      expect(again.events).toEqual(made.events);
    } finally {
      await empty.stop();
    }
  }, 300_000);
});

/** Part of a day is never there without being said. */
async function killOverRestore(into: ServerProcess, command: ChildProcess, delayMs: number): Promise<void> {
  const ended = new Promise((done) => command.once("exit", done));
  await until(
    "the archive to arrive",
    () => Promise.resolve(existsSync(join(into.directory, "upkeep.tmp")) || command.exitCode !== null),
    {
      everyMs: 5,
      timeoutMs: 60_000,
    },
  );
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  await into.killHard();
  await ended;
  await into.restart();
  const { interrupted } = await into.get<ArchiveDayList>("/api/v1/archive/days");
  const rows = await count(into, "message startswith 'numbered'");
  if (rows > 0 && rows < PER_DAY) expect(interrupted).toEqual([DAY]);
}

it.runIf(IS_VERIFYING)(
  "starts clean after the server was killed over a backup",
  async () => {
    const request = await fetch(`${server.url}/api/v1/backup`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: "{}",
    });
    expect(request.status).toBe(200);
    await server.killHard();
    await request.arrayBuffer().catch(() => undefined);
    await server.restart();
    expect(existsSync(join(server.directory, "upkeep.tmp"))).toBe(false);
    expect(existsSync(join(server.directory, "engine/data/shadow"))).toBe(false);
    for (const day of DAYS) expect(await count(server, `message startswith 'numbered ${day}'`)).toBe(PER_DAY);
  },
  120_000,
);
