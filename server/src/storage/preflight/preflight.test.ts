import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { originId } from "@tyto/domain";
import { openControlStore } from "../control/open-control-store.ts";
import { openJournal } from "../journal/open-journal.ts";
import { SCHEMA_VERSIONS } from "../schema-versions.ts";
import { preflight } from "./preflight.ts";

let data: string;

/** All three stores as this version makes them; the engine by what it notes beside its data. */
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "tyto-preflight-"));
  const newOrigin = () => originId("00000000000000aa");
  await (
    await openJournal({ directory: join(data, "journal"), newOrigin, clockMs: () => 0, segmentBytes: 4_096 })
  ).close();
  await (await openControlStore({ path: join(data, "control.db") })).close();
  mkdirSync(join(data, "engine/data/store"), { recursive: true });
  writeSchema(SCHEMA_VERSIONS.engine);
});
afterEach(() => rmSync(data, { recursive: true }));

function writeSchema(schema: number): void {
  writeFileSync(join(data, "engine/schema.json"), JSON.stringify({ schema }));
}

function inControl(sql: string): void {
  const database = new Database(join(data, "control.db"));
  database.exec(sql);
  database.close();
}

it("has nothing to say about a new directory, and nothing to do in one of its own", async () => {
  const empty = mkdtempSync(join(tmpdir(), "tyto-preflight-"));
  expect(await preflight(empty)).toMatchObject({ found: "", steps: [], neededBytes: 0 });
  rmSync(empty, { recursive: true });
  expect(await preflight(data)).toMatchObject({ steps: [], neededBytes: 0, lastBackup: undefined });
});

it("names the steps of an upgrade, and the backup before it", async () => {
  writeSchema(0);
  inControl("INSERT INTO setting (key, value) VALUES ('upkeep.last-backup', '2026-11-20T00:00:00.000Z')");
  inControl(`DELETE FROM kysely_migration WHERE name = '${SCHEMA_VERSIONS.control}'`);
  const found = await preflight(data);
  expect(found.steps).toContain(`relational store: ${SCHEMA_VERSIONS.control}`);
  expect(found.steps.some((step) => step.startsWith("event store: 1 "))).toBe(true);
  expect(found.neededBytes).toBeGreaterThan(0);
  expect(found.lastBackup).toBe("2026-11-20T00:00:00.000Z");
});

const NEWER: readonly (readonly [string, () => void])[] = [
  ["the event store", () => writeSchema(999)],
  [
    "the relational store",
    () => inControl("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-later', '')"),
  ],
  [
    "the journal",
    () => {
      const segment = join(data, "journal/0000000000000001.segment");
      const bytes = readFileSync(segment);
      bytes.write("TYTOJNL3", 0, "latin1");
      writeFileSync(segment, bytes);
    },
  ],
];

it.each(NEWER)("refuses a directory in which a newer version has written %s", async (what, change) => {
  change();
  await expect(preflight(data)).rejects.toMatchObject({ code: "data-directory-unusable" });
  await expect(preflight(data)).rejects.toThrow(what);
});

it("refuses what a restore was killed over", async () => {
  writeFileSync(join(data, "restore-unfinished"), "");
  await expect(preflight(data)).rejects.toMatchObject({ code: "data-directory-unusable" });
});
