/** What a power cut leaves of a merge: the engine syncs all files of a merged part but those of its text index. */
import { mkdir, readdir, rm, truncate } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeEngineConfig } from "./config-files.ts";
import { EngineClient } from "./engine-client.ts";
import { buildEngineChild, temporaryDirectory } from "./engine-fixture.ts";
import { EngineProcess } from "./engine-process.ts";

async function withEngine<T>(directory: string, work: (client: EngineClient) => Promise<T>): Promise<T> {
  const data = path.join(directory, "data");
  await mkdir(data, { recursive: true });
  const engine = await EngineProcess.start({
    childPath: await buildEngineChild(),
    directory: data,
    configPath: await writeEngineConfig(path.join(directory, "config"), {
      memoryLimitBytes: 512 * 1024 * 1024,
    }),
    readers: 2,
    clockMs: () => performance.now(),
  });
  try {
    return await work(new EngineClient((limitMs) => engine.connection(limitMs), 10_000));
  } finally {
    await engine.close();
  }
}

async function words(client: EngineClient): Promise<readonly unknown[]> {
  const { data } = await client.rows({ sql: "SELECT word FROM t ORDER BY word", lane: "write" });
  return data.flat();
}

async function cutIndexOf(directory: string, part: string): Promise<number> {
  const files = await readdir(path.join(directory, "data/store"), { recursive: true });
  const cut = files.filter((file) => file.includes(`/${part}/`) && file.includes("skp_idx_by_word"));
  for (const file of cut) await truncate(path.join(directory, "data/store", file), 0);
  return cut.length;
}

test("goes back to what a part was merged from when its text index never reached the disk", async () => {
  const directory = await temporaryDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await withEngine(directory, async (client) => {
    await client.command({
      sql: "CREATE TABLE t (word String, INDEX by_word word TYPE text(tokenizer = 'splitByNonAlpha')) ENGINE = MergeTree ORDER BY word",
      lane: "write",
    });
    for (const word of ["one", "two"]) await client.insert("t", Buffer.from(`${JSON.stringify({ word })}\n`));
    await client.command({ sql: "OPTIMIZE TABLE t FINAL", lane: "write" });
  });
  // Ended and started in between: what an end or a start clears away is gone.
  expect(await withEngine(directory, words)).toEqual(["one", "two"]);
  expect(await cutIndexOf(directory, "all_1_2_1")).toBeGreaterThan(0);
  expect(await withEngine(directory, words)).toEqual(["one", "two"]);
}, 60_000);

test("keeps what was merged for longer than the kernel keeps anything unwritten", async () => {
  const directory = await temporaryDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { data } = await withEngine(directory, (client) =>
    client.rows({
      sql: `SELECT name, value FROM system.merge_tree_settings WHERE name IN
        ('fsync_after_insert', 'fsync_part_directory', 'min_rows_to_fsync_after_merge', 'old_parts_lifetime') ORDER BY name`,
    }),
  );
  expect(data).toEqual([
    ["fsync_after_insert", "1"],
    ["fsync_part_directory", "1"],
    ["min_rows_to_fsync_after_merge", "1"],
    ["old_parts_lifetime", "480"],
  ]);
}, 60_000);
