import { fork } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { micros, sequence, TytoError } from "@tyto/domain";
import type { Event, EventId } from "@tyto/domain";
import { sql } from "../../query/index.ts";
import { eventAt } from "../events/event-fixture.ts";
import {
  buildEngineChild,
  bundleBelowRepository,
  temporaryDirectory,
  temporaryEngine,
} from "./engine-fixture.ts";
import { openEngine } from "./open-engine.ts";
import type { EmbeddedEngine } from "./open-engine.ts";

const directories: string[] = [];
const engines: EmbeddedEngine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function open(
  directory?: string,
): Promise<{ readonly engine: EmbeddedEngine; readonly directory: string }> {
  const where = directory ?? (await temporaryDirectory());
  if (directory === undefined) directories.push(where);
  const { engine } = await temporaryEngine({ directory: where });
  engines.push(engine);
  return { engine, directory: where };
}

async function columnCount(engine: EmbeddedEngine): Promise<unknown> {
  const query = sql`SELECT count(), sum(cityHash64(name, type)) FROM system.columns WHERE table = 'events'`;
  const { rows } = await engine.queries.run(query, {
    limits: { timeoutMs: 5_000, maxRows: 10, maxMemoryBytes: 100_000_000 },
    queryId: "columns",
  });
  return rows;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A dead child that nobody has waited for still has a number.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error("the condition did not come true within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("keeps events and schema over a restart, and its configuration to itself", async () => {
  const { engine, directory } = await open();
  for (const name of ["config.xml", "users.xml"]) {
    expect(statSync(path.join(directory, "config", name)).mode & 0o777).toBe(0o600);
  }
  const columns = await columnCount(engine);
  await engine.events.insert([eventAt(1)]);
  await engine.close();
  const { engine: again } = await open(directory);
  expect(await columnCount(again)).toEqual(columns);
  expect((await again.events.byIds([eventAt(1).id])).length).toBe(1);
});

test("says that another process uses the directory, and leaves it alone", async () => {
  const { engine, directory } = await open();
  await engine.events.insert([eventAt(1)]);
  await expect(open(directory)).rejects.toMatchObject({ code: "data-directory-in-use" });
  expect((await engine.events.byIds([eventAt(1).id])).length).toBe(1);
});

test("ends the child with its parent, however the parent ends", async () => {
  const directory = await temporaryDirectory();
  directories.push(directory);
  const parent = fork(
    await bundleBelowRepository("server/src/storage/engine/orphan.child.ts"),
    [await buildEngineChild(), directory],
    {
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  const pid = await new Promise<number>((resolve) =>
    parent.once("message", (message) => resolve(Number(message))),
  );
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await until(() => !isAlive(pid));
});

test("loses and doubles nothing when the child is killed during inserts", async () => {
  const { engine } = await open();
  const acknowledged = new Set<EventId>();
  let place = 1;
  for (let round = 0; round < 3; round++) {
    const killer = setTimeout(() => process.kill(engine.pid() ?? 0, "SIGKILL"), 30 + round * 40);
    for (let batch = 0; batch < 4; batch++) {
      const events = Array.from({ length: 500 }, () => eventOfDay(place++));
      await insertUntilDone(engine, events);
      for (const { id } of events) acknowledged.add(id);
    }
    clearTimeout(killer);
    await until(() => engine.health().status === "ok");
  }
  expect(engine.health().restarts).toBeGreaterThan(0);
  const [counts] = [...(await engine.events.countBySource()).values()];
  expect(counts).toEqual({ stored: acknowledged.size, quarantined: 0 });
  expect(await engine.events.presentAfter(sequence(0))).toEqual(acknowledged);
});

test("lets a call wait for the restart, and no longer than its limit", async () => {
  const { engine } = await open();
  process.kill(engine.pid() ?? 0, "SIGKILL");
  await until(() => engine.health().status !== "ok");
  expect(await engine.events.byIds([eventAt(1).id])).toEqual([]);
  await engine.close();
  await expect(engine.events.byIds([eventAt(1).id])).rejects.toMatchObject({ code: "engine-unavailable" });
});

test("says why an engine cannot be started", async () => {
  const directory = await temporaryDirectory();
  directories.push(directory);
  const missing = openEngine({
    directory,
    childPath: path.join(directory, "none.mjs"),
    now: () => micros(0),
    clockMs: () => 0,
  });
  await expect(missing).rejects.toMatchObject({ code: "engine-unavailable" });
});

/** Each batch touches three months, so that an insert can be stored in part. */
function eventOfDay(place: number): Event {
  const { timestamp } = eventAt(place);
  return eventAt(place, { timestamp: micros(timestamp - (place % 3) * 31 * 86_400_000_000) });
}

/** What the pipeline does: the same rows again until the engine takes them. */
async function insertUntilDone(engine: EmbeddedEngine, events: readonly Event[]): Promise<void> {
  for (;;) {
    try {
      expect(await engine.events.insert(events)).toEqual([]);
      return;
    } catch (error) {
      if (!(error instanceof TytoError) || error.code !== "engine-unavailable") throw error;
    }
  }
}
