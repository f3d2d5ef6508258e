import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { micros } from "@tyto/domain";
import { WorkerKqlParser, type WorkerParserOptions } from "./worker-parser.ts";

/** The life of the thread, with a thread that does as it is told instead of Kusto's library, which needs seconds to start. */
const OBEDIENT = `
import { parentPort, threadId } from "node:worker_threads";
parentPort.on("message", ({ id, text }) => {
  if (text === "hang") for (;;);
  if (text === "die") process.exit(1);
  if (text === "throw") parentPort.postMessage({ kind: "failed", id, message: "no" });
  else parentPort.postMessage({ kind: "parsed", id, result: { ok: true, value: { text, threadId } } });
});
parentPort.postMessage({ kind: "ready" });
`;
const NOW = micros(1_773_144_000_000_000);
const open: WorkerKqlParser[] = [];
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "tyto-kql-"));
  await writeFile(path.join(folder, "worker.mjs"), OBEDIENT);
});
afterEach(async () => {
  for (const parser of open.splice(0)) await parser.close();
});
afterAll(() => rm(folder, { recursive: true }));

function parserWith(options: Omit<WorkerParserOptions, "workerPath"> = {}): WorkerKqlParser {
  const parser = new WorkerKqlParser({ workerPath: path.join(folder, "worker.mjs"), ...options });
  open.push(parser);
  return parser;
}

test("starts its thread with the first query and ends it when idle", async () => {
  const parser = parserWith({ idleMs: 20 });
  expect(parser.isRunning).toBe(false);
  const first = await parser.parse("a", NOW);
  expect([first.ok, parser.isRunning]).toEqual([true, true]);
  await vi.waitFor(() => expect(parser.isRunning).toBe(false), { timeout: 5_000 });
  const second = await parser.parse("b", NOW);
  expect(second).not.toEqual(first);
});

test("one thread answers all that is asked while it lives, in order", async () => {
  const parser = parserWith();
  const parsed = await Promise.all(["a", "b", "c"].map((text) => parser.parse(text, NOW)));
  const values = parsed.map((each) =>
    each.ok ? (each.value as unknown as { text: string; threadId: number }) : null,
  );
  expect(values.map((value) => value?.text)).toEqual(["a", "b", "c"]);
  expect(new Set(values.map((value) => value?.threadId)).size).toBe(1);
});

test("gives up a query that takes too long, and answers those behind it from a new thread", async () => {
  const parser = parserWith({ queryTimeoutMs: 300 });
  const [slow, next] = await Promise.all([parser.parse("hang", NOW), parser.parse("a", NOW)]);
  expect(slow).toMatchObject({ ok: false, diagnostics: [{ code: "query-too-complex" }] });
  expect(next.ok).toBe(true);
});

test("a thread that dies takes one query with it", async () => {
  const parser = parserWith();
  const dying = expect(parser.parse("die", NOW)).rejects.toMatchObject({ code: "internal" });
  const next = parser.parse("a", NOW);
  await dying;
  expect((await next).ok).toBe(true);
});

test("what the library throws is ours to explain, and the thread goes on", async () => {
  const parser = parserWith();
  await expect(parser.parse("throw", NOW)).rejects.toMatchObject({ code: "internal" });
  expect((await parser.parse("a", NOW)).ok).toBe(true);
});

test("a thread that cannot start fails what waits for it", async () => {
  const parser = new WorkerKqlParser({ workerPath: path.join(folder, "missing.mjs") });
  open.push(parser);
  await expect(parser.parse("a", NOW)).rejects.toMatchObject({ code: "internal" });
  expect(parser.isRunning).toBe(false);
});

test("answers nothing after it is closed", async () => {
  const parser = parserWith();
  const outcome = expect(parser.parse("a", NOW)).rejects.toMatchObject({ code: "internal" });
  await parser.close();
  await outcome;
  await expect(parser.parse("a", NOW)).rejects.toMatchObject({ code: "internal" });
});
