/** Rules replaced under a running server, by each of the ways to ask for it, between the events of one attack. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RuleBody, RuleReload } from "@tyto/domain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN, REPOSITORY, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const run = promisify(execFile);
const KNOCKING = "00000000-0000-4000-8000-00000000000b";
let packs: string;
let server: ServerProcess;

/** `threshold` knocks of one user within an hour. */
async function rule(threshold: number, title: string): Promise<void> {
  const event = `{times: ${threshold}, fields: {event.category: [authentication], message: knock, user.name: ana}}`;
  const near = event.replace(/\d+/, String(threshold - 1));
  const rules = join(packs, "own-knocks/rules");
  await mkdir(rules, { recursive: true });
  await writeFile(
    join(rules, "knocks.cases.yml"),
    `- {name: enough, expect: 1, events: [${event}]}\n- {name: too few, expect: 0, events: [${near}]}\n`,
  );
  await writeFile(
    join(rules, "knocks.yml"),
    `title: Knock
id: 00000000-0000-4000-8000-00000000000a
name: knock
logsource: {category: authentication}
detection: {s: {message|startswith: knock}, condition: s}
---
title: ${title}
id: ${KNOCKING}
level: high
correlation: {type: event_count, rules: [knock], group-by: [user.name], timespan: 1h, condition: {gte: ${threshold}}}
`,
  );
}

async function knock(times: number): Promise<void> {
  const line = JSON.stringify({
    message: "knock",
    event: { category: ["authentication"] },
    user: { name: "ana" },
  });
  const response = await fetch(`${server.url}/api/v1/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/x-ndjson" },
    body: Array<string>(times).fill(line).join("\n"),
  });
  expect(response.status).toBe(200);
  await until("the events to be applied", async () => (await server.ledger()).totals.queued === 0);
}

const titleNow = async (): Promise<string | undefined> =>
  (await server.get<RuleBody>(`/api/v1/rules/${KNOCKING}`)).title;

/** Counts of the alerts that the rule raised. */
async function alerts(): Promise<readonly number[]> {
  const { items } = await server.get<{ items: readonly { title: string; count: number }[] }>(
    "/api/v1/alerts",
  );
  return items.filter(({ title }) => title.includes("nock")).map(({ count }) => count);
}

beforeAll(async () => {
  packs = await mkdtemp(join(tmpdir(), "tyto-packs-"));
  await rule(10, "Ten knocks");
  server = await ServerProcess.start("--packs", packs, "--watch");
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(packs, { recursive: true, force: true });
});

it("keeps counting over a reload by the API, and applies the new threshold to what was counted", async () => {
  await knock(4);
  const same = await server.post<RuleReload>("/api/v1/rules/reload", {});
  expect(same).toMatchObject({ added: [], removed: [], changed: [], invalid: [] });
  await knock(2);
  expect(await alerts()).toEqual([]);
  await rule(6, "Six knocks");
  await server.post<RuleReload>("/api/v1/rules/reload", {});
  expect(await titleNow()).toBe("Six knocks");
  await until("the alert, without another event", async () => (await alerts()).length > 0);
  expect(await alerts()).toEqual([6]);
  await knock(1);
  await until("the alert to grow", async () => (await alerts())[0] === 7);
}, 60_000);

it("reloads when a file changes, at SIGHUP and by the command, and says what is wrong with what it refuses", async () => {
  await rule(6, "By a file");
  await until("the changed file to be noticed", async () => (await titleNow()) === "By a file");

  const launcher = join(REPOSITORY, "server/bin/tyto.cjs");
  const command = ["rules", "reload", "--data", server.directory];
  const { stdout } = await run(process.execPath, [launcher, ...command]);
  expect(stdout).toMatch(/^\d+ rules run\n$/);

  await mkdir(join(packs, "own-broken"));
  await writeFile(join(packs, "own-broken/pack.yml"), "parsers: [half a file");
  await expect(run(process.execPath, [launcher, ...command])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("own-broken/pack.yml:1") as unknown,
  });
  expect(await titleNow()).toBe("By a file");
  await rm(join(packs, "own-broken"), { recursive: true });

  const before = server.output.split("rules were reloaded").length;
  server.signal("SIGHUP");
  await until("a reload", () => Promise.resolve(server.output.split("rules were reloaded").length > before));
  expect(await alerts()).toEqual([7]);
}, 60_000);
