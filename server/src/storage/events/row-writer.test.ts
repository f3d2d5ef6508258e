import { afterAll, beforeAll, expect, test } from "vitest";
import { eventId, sequence, TytoError } from "@tyto/domain";
import { EngineClient } from "../engine/engine-client.ts";
import { openFixtureClient } from "../engine/engine-fixture.ts";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { ORIGIN } from "./event-fixture.ts";
import { RowWriter } from "./row-writer.ts";
import type { OutgoingRow } from "./row-writer.ts";

let fixture: Awaited<ReturnType<typeof openFixtureClient>>;

beforeAll(async () => {
  fixture = await openFixtureClient();
  await fixture.client.command({
    sql: "CREATE TABLE t (origin String, ordinal UInt64, sequence UInt64) ENGINE = MergeTree PARTITION BY ordinal % 3 ORDER BY sequence",
    lane: "write",
  });
});
afterAll(() => fixture.remove());

function row(place: number): OutgoingRow {
  const json = `{"origin":"${ORIGIN}","ordinal":${place},"sequence":${place}}\n`;
  return { id: eventId(ORIGIN, place), sequence: sequence(place), json };
}

const broken = (place: number): OutgoingRow => ({
  ...row(place),
  json: `{"origin":"\\ud800","ordinal":${place}\n`,
});

async function stored(from: number, to: number): Promise<readonly number[]> {
  const { data } = await fixture.client.rows({
    sql: "SELECT ordinal FROM t WHERE sequence BETWEEN {p0:UInt64} AND {p1:UInt64} ORDER BY ordinal",
    params: { p0: from, p1: to },
  });
  return data.map(([ordinal]) => Number(ordinal));
}

test("names the rows that the engine refuses and stores all others", async () => {
  const writer = new RowWriter(fixture.client, "t");
  const rows = Array.from({ length: 40 }, (_, index) =>
    [7, 8, 39].includes(index) ? broken(index) : row(index),
  );
  const rejected = await writer.write(rows);
  expect(rejected.map(({ id }) => id)).toEqual([7, 8, 39].map((place) => eventId(ORIGIN, place)));
  expect(rejected[0]?.message).toMatch(/engine/);
  expect(rejected[0]?.message).not.toContain("ordinal");
  expect(await stored(0, 99)).toEqual(
    rows.map((_, index) => index).filter((index) => ![7, 8, 39].includes(index)),
  );
});

test("stores nothing twice when a statement is refused after rows of one partition were stored", async () => {
  let refusals = 1;
  const half = new EngineClient(async (limitMs) => {
    const connection = await fixture.connection(limitMs);
    const insert: EngineConnection["insert"] = async (table, rows) => {
      if (refusals-- <= 0) return connection.insert(table, rows);
      const lines = rows.toString("utf8").split("\n");
      const ofOnePartition = lines.filter((line) => Number(/"ordinal":(\d+)/.exec(line)?.[1]) % 3 === 0);
      await connection.insert(table, Buffer.from(`${ofOnePartition.join("\n")}\n`));
      throw new TytoError("engine-rejected", "the rename of a part failed");
    };
    return new Proxy(connection, {
      get: (target, name) => (name === "insert" ? insert : bind(target, name)),
    });
  }, 1_000);
  const rows = Array.from({ length: 30 }, (_, index) => row(200 + index));
  expect(await new RowWriter(half, "t").write(rows)).toEqual([]);
  expect(await stored(200, 299)).toEqual(rows.map((_, index) => 200 + index));
});

test("stores nothing twice when an answer was lost", async () => {
  const lossy = new EngineClient(async (limitMs) => {
    const connection = await fixture.connection(limitMs);
    return new Proxy(connection, {
      get: (target, name) => (name === "insert" ? loseAnswer(target) : bind(target, name)),
    });
  }, 1_000);
  const writer = new RowWriter(lossy, "t");
  const rows = Array.from({ length: 30 }, (_, index) => row(100 + index));
  // The first call stores its rows in part and the second one the others, and neither is heard of.
  await expect(writer.write(rows.slice(0, 20))).rejects.toMatchObject({ code: "engine-unavailable" });
  await expect(writer.write(rows)).rejects.toMatchObject({ code: "engine-unavailable" });
  answersToLose = 0;
  expect(await writer.write(rows)).toEqual([]);
  expect(await stored(100, 199)).toEqual(rows.map((_, index) => 100 + index));
});

let answersToLose = 2;

function loseAnswer(target: EngineConnection): EngineConnection["insert"] {
  return async (table, rows) => {
    await target.insert(table, rows);
    if (answersToLose-- > 0) throw new TytoError("engine-unavailable", "the answer was lost");
  };
}

function bind(target: EngineConnection, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name);
  return typeof member === "function" ? (member as (...args: unknown[]) => unknown).bind(target) : member;
}

test("sends less at once after the engine ran out of memory", async () => {
  const sizes: number[] = [];
  let isShort = true;
  const narrow = new EngineClient(async (limitMs) => {
    const connection = await fixture.connection(limitMs);
    const insert: EngineConnection["insert"] = (table, rows) => {
      sizes.push(rows.length);
      if (isShort) throw new TytoError("query-too-expensive", "out of memory");
      return connection.insert(table, rows);
    };
    return new Proxy(connection, {
      get: (target, name) => (name === "insert" ? insert : bind(target, name)),
    });
  }, 1_000);
  const writer = new RowWriter(narrow, "t");
  const wide = (place: number): OutgoingRow => ({ ...row(place), json: row(place).json.padEnd(1_000_000) });
  const rows = Array.from({ length: 12 }, (_, index) => wide(300 + index));
  await expect(writer.write(rows)).rejects.toMatchObject({ code: "engine-unavailable" });
  isShort = false;
  expect(await writer.write(rows)).toEqual([]);
  expect(sizes).toEqual([12_000_000, 9_000_000, 3_000_000]);
  expect(await stored(300, 399)).toEqual(rows.map((_, index) => 300 + index));
});

test("writes nothing for no rows", async () => {
  expect(await new RowWriter(fixture.client, "no_such_table").write([])).toEqual([]);
});
