import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micros } from "@tyto/domain";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createQueryFrontend } from "../query/index.ts";
import { openControlStore } from "../storage/index.ts";
import type { ControlStore, QueryRunner, SavedSearchRecord } from "../storage/index.ts";
import { ScheduledSearches } from "./scheduled-searches.ts";

let directory: string;
let control: ControlStore;
let now = micros(1e15);
let count = 0;
let failure: Error | undefined;
const query = createQueryFrontend({ kqlWorkerPath: "none" });

const queries: QueryRunner = {
  run: (sql) => {
    if (failure !== undefined) return Promise.reject(failure);
    const rows = sql.sql.includes("count()") ? [[count]] : [["a"]];
    return Promise.resolve({ columns: [], rows, rowsRead: 0, bytesRead: 0, elapsedMs: 0, isPartial: false });
  },
  cancel: () => Promise.resolve(),
  progress: () => Promise.resolve(undefined),
  estimate: () => Promise.reject(new Error("not asked for here")),
  bytes: () => Promise.reject(new Error("not asked for here")),
};

const SEARCH: SavedSearchRecord = {
  id: "0123456789abcdef",
  name: "Failures",
  owner: "ana",
  isShared: false,
  mode: "text",
  query: "event.outcome:failure",
  from: "-1h",
  to: "now",
  columns: [],
  createdAt: micros(0),
  updatedAt: micros(0),
  schedule: { everyMinutes: 10, threshold: 5, isEnabled: true },
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-scheduled-"));
  control = await openControlStore({ path: join(directory, "control.db") });
});
afterAll(async () => {
  await control.close();
  await rm(directory, { recursive: true });
});

let scheduled: ScheduledSearches;
beforeEach(async () => {
  failure = undefined;
  count = 0;
  await control.searches.deleteSaved(SEARCH.id);
  scheduled = new ScheduledSearches({
    searches: control.searches,
    queries,
    query,
    accessOf: () => Promise.resolve(undefined),
    now: () => now,
    onProblem: () => undefined,
  });
});

describe("a scheduled search", () => {
  it("runs when it is due, once, and keeps what it found", async () => {
    await control.searches.save(SEARCH);
    count = 3;
    await scheduled.tick();
    await scheduled.tick();
    expect((await control.searches.runs(SEARCH.id, 10)).map((run) => [run.count, run.isOver])).toEqual([
      [3, false],
    ]);
    now = micros(now + 600_000_000);
    await scheduled.tick();
    expect(await control.searches.runs(SEARCH.id, 10)).toHaveLength(2);
    const [newest] = await control.searches.runs(SEARCH.id, 1);
    expect(newest?.result?.rows).toHaveLength(1);
    expect(newest?.result?.columns).toContain("raw");
  });

  it("is an alarm from its threshold on, until it is below it again", async () => {
    await control.searches.save(SEARCH);
    count = 5;
    await scheduled.tick();
    expect(scheduled.conditions()).toMatchObject([{ kind: "search-threshold", subject: SEARCH.id }]);
    expect(scheduled.conditions()[0]?.message).toContain("5 rows");
    now = micros(now + 600_000_000);
    failure = new Error("the engine is down");
    await scheduled.tick();
    // Nobody knows whether it is over.
    expect(scheduled.conditions()).toHaveLength(1);
    failure = undefined;
    count = 4;
    now = micros(now + 600_000_000);
    await scheduled.tick();
    expect(scheduled.conditions()).toEqual([]);
    expect((await control.searches.runs(SEARCH.id, 10)).map(({ problem }) => problem)).toEqual([
      null,
      "the engine is down",
      null,
    ]);
  });

  it("stops with its switch, and is forgotten when it is deleted", async () => {
    await control.searches.save(SEARCH);
    count = 9;
    await scheduled.tick();
    await control.searches.save({
      ...SEARCH,
      schedule: { everyMinutes: 10, threshold: 5, isEnabled: false },
    });
    now = micros(now + 600_000_000);
    await scheduled.tick();
    expect(scheduled.conditions()).toEqual([]);
    expect(await control.searches.runs(SEARCH.id, 10)).toHaveLength(1);
  });
});
