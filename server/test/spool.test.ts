/** Masking, filters and lanes in a whole server, over a `kill -9`: the books say what the engine holds, and no secret is on disk. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Filter, FilterPreview, Masking, Source } from "@tyto/domain";
import { ADMIN_TOKEN, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const SECRET = "hunter2hunter2";
const NAMES = ["quiet", "noisy"] as const;
type Name = (typeof NAMES)[number];

let server: ServerProcess;
const tokens = new Map<Name, string>();

beforeAll(async () => {
  server = await ServerProcess.start();
}, 180_000);
afterAll(() => server.stop());

async function send(name: Name, lines: readonly object[]): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokens.get(name) ?? ""}`, "content-type": "application/x-ndjson" },
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
  });
  expect(response.status).toBe(200);
}

async function sourceOf(name: Name): Promise<Source> {
  const { items } = await server.ledger();
  const source = items.find((one) => one.name.includes(name));
  if (source === undefined) throw new Error(`no source ${name}`);
  return source;
}

const drained = (): Promise<unknown> =>
  until("the journal to be read", async () => (await server.ledger()).totals.queued === 0 || undefined, {
    timeoutMs: 120_000,
  });

describe("the spool", { timeout: 400_000 }, () => {
  it("masks, leaves out, and reads in lanes; what a kill interrupts comes out once, and the books balance", async () => {
    for (const name of NAMES) {
      const made = await server.post<{ readonly secret: string }>("/api/v1/tokens", {
        name,
        scope: "ingest",
        source: name,
      });
      tokens.set(name, made.secret);
      await send(name, [{ message: `first of ${name}`, kind: "noise" }]);
    }
    await drained();
    const [quiet, noisy] = [await sourceOf("quiet"), await sourceOf("noisy")];
    await server.post(`/api/v1/sources/${quiet.id}/priority`, { priority: "high" });
    await server.post(`/api/v1/sources/${noisy.id}/priority`, { priority: "low" });
    await server.post(`/api/v1/sources/${noisy.id}/masking`, { masked: true });

    const filter = { name: "noise", source: noisy.id, condition: 'custom.kind == "noise"', keepOneIn: null };
    const preview = await server.post<FilterPreview>("/api/v1/filters/preview", { filter });
    expect(preview).toMatchObject({ events: 1, dropped: { events: 1 }, isExact: true });
    const { id } = await server.post<Filter>("/api/v1/filters", filter);
    await server.post(`/api/v1/filters/${id}/switch`, { enabled: true, confirm: true });

    const lines = (name: Name, round: number): readonly object[] =>
      Array.from({ length: 500 }, (_, at) => ({
        message: `${name} ${round}-${at}`,
        kind: at % 2 === 0 ? "noise" : "signal",
        note: `password=${SECRET}`,
      }));
    for (let round = 0; round < 4; round++) {
      await Promise.all(NAMES.map((name) => send(name, lines(name, round))));
      if (round === 1) {
        await server.killHard();
        await server.restart();
      }
    }
    await drained();

    const found = await server.search(
      'Events | where message matches regex "^(quiet|noisy) [0-9]" | summarize rows = count(), distinct = dcount(message) by source',
      { from: "-1d" },
    );
    expect([...found.rows].sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [noisy.id, 1_000, expect.any(Number)],
      [quiet.id, 2_000, expect.any(Number)],
    ]);
    const after = await sourceOf("noisy");
    expect(after).toMatchObject({
      priority: "low",
      isMasked: true,
      isBalanced: true,
      received: 2_001,
      stored: 1_001,
      filtered: 1_000,
      masked: { password: 2_000 },
    });
    expect(await sourceOf("quiet")).toMatchObject({
      isBalanced: true,
      received: 2_001,
      stored: 2_001,
      filtered: 0,
    });
    const { items } = await server.get<{ readonly items: readonly Filter[] }>("/api/v1/filters");
    expect(items[0]?.filtered.events).toBe(1_000);
    expect((await server.get<Masking>("/api/v1/masking")).counts).toMatchObject({ password: 2_000 });
    const metrics = await (
      await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    ).text();
    expect(metrics).toContain('tyto_secrets_masked_total{kind="password"} 2000');
    expect(metrics).toContain(`tyto_filter_events_total{filter="${id}"} 1000`);
    // The journal keeps the originals, masked: only the lines of the source that is not masked hold the secret.
    const onDisk = spawnSync(
      "grep",
      ["-raob", `noisy [0-9-]*","kind":"[a-z]*","note":"password=${SECRET}`, server.directory],
      {
        encoding: "utf8",
      },
    );
    expect(onDisk.stdout).toBe("");
  });
});
