/** A followed file survives `kill -9` and a rotation in between: no line missing, none twice, and its secrets are nowhere in the clear. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Connection, ConnectionList } from "@tyto/domain";
import { ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const ROUNDS = process.env["TYTO_VERIFY"] === undefined ? 1 : 12;
const CANARY = "canary-7f3a9c51d0e2";
let server: ServerProcess;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "tyto-pull-"));
  server = await ServerProcess.start();
}, 120_000);

afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

it(`keeps every line exactly once over ${ROUNDS} kills`, async () => {
  const log = join(directory, "app.log");
  writeFileSync(log, "");
  await server.post<Connection>("/api/v1/connections", {
    kind: "file",
    name: "app",
    settings: { paths: [log], from: "beginning", scanEveryMs: 20 },
  });
  await server.post<Connection>("/api/v1/connections", {
    kind: "okta",
    name: "okta",
    enabled: false,
    settings: { baseUrl: "https://okta.example.com" },
    secret: { apiToken: CANARY },
  });
  let written = 0;
  const append = (lines: number): void => {
    const texts = Array.from({ length: lines }, (_, n) => `followed line ${written + n}`);
    appendFileSync(log, `${texts.join("\n")}\n`);
    written += lines;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    // Killed while it reads: somewhere between reading, appending and keeping its place.
    for (let burst = 0; burst < 10; burst += 1) {
      append(200);
      await new Promise((resolve) => setTimeout(resolve, (round * 7 + burst) % 23));
    }
    await server.killHard();
    append(100);
    if (round % 2 === 0) renameSync(log, `${log}.${round}`);
    append(100);
    await server.restart();
  }
  const kql =
    'Events | where message startswith "followed line " | summarize rows = count(), lines = dcount(message)';
  const rows = await until(
    "all lines to be stored",
    async () => {
      const list = await server.ledger();
      const [row] = (await server.search(kql, { from: "-1d" })).rows;
      return list.totals.queued === 0 && Number(row?.[0]) >= written ? row : undefined;
    },
    { timeoutMs: 120_000 },
  );
  expect(Number(rows[0])).toBe(written);
  const ledger = await server.ledger();
  expect(ledger.items.every((source) => source.isBalanced)).toBe(true);
  const { items } = await server.get<ConnectionList>("/api/v1/connections");
  expect(items.map(({ name, status, secrets }) => [name, status.state, secrets])).toEqual([
    ["app", "running", []],
    ["okta", "paused", ["apiToken"]],
  ]);
  expect(JSON.stringify(items) + server.output).not.toContain(CANARY);
  const found = spawnSync("grep", ["-rlF", CANARY, server.directory]);
  expect(found.stdout.toString()).toBe("");
}, 600_000);
