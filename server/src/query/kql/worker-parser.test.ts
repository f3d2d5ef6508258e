import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { micros } from "@tyto/domain";
import { buildKqlWorker } from "./worker-fixture.ts";
import { WorkerKqlParser } from "./worker-parser.ts";

const NOW = micros(1_773_144_000_000_000);
let workerPath = "";
const open: WorkerKqlParser[] = [];

beforeAll(async () => {
  workerPath = await buildKqlWorker();
});
afterEach(async () => {
  for (const parser of open.splice(0)) await parser.close();
});

function parserWith(
  options: { readonly queryTimeoutMs?: number; readonly idleMs?: number } = {},
): WorkerKqlParser {
  const parser = new WorkerKqlParser({ workerPath, ...options });
  open.push(parser);
  return parser;
}

test("starts its thread with the first query and ends it when idle", async () => {
  const parser = parserWith({ idleMs: 50 });
  expect(parser.isRunning).toBe(false);
  const parsed = await parser.parse("Events | take 1", NOW);
  expect([parsed.ok, parser.isRunning]).toEqual([true, true]);
  await vi.waitFor(() => expect(parser.isRunning).toBe(false), { timeout: 5_000 });
  expect((await parser.parse("Events | count", NOW)).ok).toBe(true);
});

test("gives up a query that takes too long, and answers those behind it from a new thread", async () => {
  const parser = parserWith({ queryTimeoutMs: 100 });
  // Warm, so that only the query is timed.
  await parser.parse("Events | take 1", NOW);
  const nested = `Events | where ${"(".repeat(2_000)}1 == 1${")".repeat(2_000)} or ${Array.from({ length: 1_500 }, (_, i) => `raw has "${i}"`).join(" or ")}`;
  const [slow, next] = await Promise.all([parser.parse(nested, NOW), parser.parse("Events | count", NOW)]);
  expect(slow.ok).toBe(false);
  expect(next.ok).toBe(true);
});

test("a text that is abused is refused, not obeyed", async () => {
  const parser = parserWith();
  const texts = [
    `Events | where ${"-".repeat(3_000)}1 == 1`,
    `Events | where ${Array.from({ length: 1_000 }, (_, i) => `port == ${i}`).join(" or ")}`,
    'Events | where raw == "\u0000\ud800"',
    "\u0000",
    "Events | where raw == 'unclosed",
  ];
  for (const text of texts) {
    const parsed = await parser.parse(text, NOW);
    if (!parsed.ok) expect(parsed.diagnostics.length).toBeGreaterThan(0);
  }
  expect((await parser.parse("Events | count", NOW)).ok).toBe(true);
});

test("answers nothing after it is closed", async () => {
  const parser = parserWith();
  const pending = parser.parse("Events | count", NOW);
  const outcome = expect(pending).rejects.toMatchObject({ code: "internal" });
  await parser.close();
  await outcome;
  await expect(parser.parse("Events", NOW)).rejects.toMatchObject({ code: "internal" });
});
