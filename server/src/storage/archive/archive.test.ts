import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { micros, originId, parseRfc3339, sequence } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { MANIFEST } from "../bundle/manifest.ts";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import { cutDay } from "../events/event-archive.ts";
import { eventAt, fieldsOf } from "../events/event-fixture.ts";
import { PLAIN } from "../sealing/sealing.fixture.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import { archiveEntries, FolderPlace, ObjectPlace, verifyArchive } from "./archive-place.ts";
import type { ArchivePlace } from "./archive-place.ts";
import { openArchive } from "./archive-source.ts";
import { restoreArchive } from "./archive-restore.ts";
import { S3Objects } from "./s3-objects.ts";

const DAY = "2026-11-20";
const START = parseRfc3339(`${DAY}T00:00:00Z`) as Micros;
const HOUR = 3_600_000_000;
const CHECKPOINT = sequence(100);

type Fixture = Awaited<ReturnType<typeof temporaryEngine>>;
let folder: string;
let full: Fixture;
let empty: Fixture;

const event = (place: number) =>
  eventAt(place, {
    timestamp: micros(START + (place % 48) * HOUR + place),
    fields: fieldsOf({
      "source.ip": "203.0.113.7",
      "host.ip": ["10.0.0.1", "2001:db8::1"],
      "source.port": place,
      "event.category": ["authentication"],
      "event.start": "2026-11-20T01:02:03.456789Z",
      "custom.odd": `"quoted" ${place}`,
    }),
    raw: place % 3 === 0 ? Buffer.from([0xff, 0, place]) : Buffer.from(`zeile ${place} ü`),
  });

function stores(fixture: Fixture, keys?: StoreKeys) {
  return {
    journal: { origin: originId("00000000000000aa") },
    control: { checkpoint: () => Promise.resolve(CHECKPOINT) },
    engine: fixture.engine,
    version: "0",
    ...PLAIN,
    ...(keys === undefined ? {} : { keys }),
    now: () => micros(START),
  };
}

async function keepIn(place: ArchivePlace): Promise<void> {
  await place.keep(DAY, (await openArchive(stores(full), DAY)).stream);
}

const bringBack = (place: ArchivePlace, fixture: Fixture = empty) =>
  restoreArchive(archiveEntries(place, DAY), {
    engine: fixture.engine,
    checkpoint: sequence(40),
    day: DAY,
    keysOf: PLAIN.unlock,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-archive-"));
  full = await temporaryEngine();
  empty = await temporaryEngine();
  // The last ten came after the checkpoint.
  await full.engine.events.insert(Array.from({ length: 110 }, (_, i) => event(i + 1)));
}, 60_000);

afterAll(async () => {
  await full.remove();
  await empty.remove();
  rmSync(folder, { recursive: true });
});

it("brings a day back into an empty installation, each event as it was and once", async () => {
  const place = new FolderPlace(join(folder, "whole"));
  await keepIn(place);
  const census = await full.engine.keeping.archive.census(DAY, CHECKPOINT);
  expect(await verifyArchive(place, DAY)).toMatchObject({ events: census, day: DAY });
  expect(await bringBack(place)).toMatchObject({ stored: census.rows, present: 0 });
  expect(await empty.engine.keeping.archive.census(DAY, CHECKPOINT)).toEqual(census);
  // Its second run, and one after some of it was lost.
  expect(await bringBack(place)).toMatchObject({ stored: 0, present: census.rows });
  const ids = Array.from({ length: 20 }, (_, i) => event(i + 1).id);
  const [before, after] = [await full.engine.events.byIds(ids), await empty.engine.events.byIds(ids)];
  expect(after.map(({ sequence: _, ...one }) => one)).toEqual(before.map(({ sequence: _, ...one }) => one));
  // What another journal had given to later records is none of this one's: a replay must not take it for its own.
  expect(await empty.engine.events.presentAfter(sequence(40))).toEqual(new Set());
});

it("stores only what is missing", async () => {
  const place = new FolderPlace(join(folder, "missing"));
  await keepIn(place);
  const some = await temporaryEngine();
  onTestFinished(() => some.remove());
  await some.engine.events.insert([event(1), event(2)]);
  const restored = await bringBack(place, some);
  expect(restored.present).toBe(2);
  expect((await some.engine.keeping.archive.census(DAY, CHECKPOINT)).rows).toBe(restored.stored + 2);
});

it("takes a day of any size in shares: of a full minute when it goes, of ids when it comes", async () => {
  const { archive } = full.engine.keeping;
  const some = await temporaryEngine();
  onTestFinished(() => some.remove());
  const back = some.engine.keeping.archive;
  const columns = await archive.columns();
  const whole = await archive.census(DAY, CHECKPOINT);
  await back.beginStaging();
  for (let share = 0; share < 3; share++) {
    const slice = { from: START, to: micros(START + 24 * HOUR), share, shares: 3 };
    await back.stage(columns, await archive.parquet(slice, columns, CHECKPOINT));
  }
  expect(await back.stagedCensus(DAY)).toEqual(whole);
  // A size of which the ids would not fit into one statement.
  expect(await back.moveStaged(columns, CHECKPOINT, 2_000_000)).toBe(whole.rows);
  expect(await back.storedCensus(2_000_000)).toEqual(whole);
  await back.dropStaging();
});

it("keeps what is there and says so when an id has other bytes", async () => {
  const place = new FolderPlace(join(folder, "conflict"));
  await keepIn(place);
  const other = await temporaryEngine();
  onTestFinished(() => other.remove());
  await other.engine.events.insert([
    eventAt(1, { timestamp: micros(START), raw: Buffer.from("another past") }),
  ]);
  await expect(bringBack(place, other)).rejects.toMatchObject({ code: "conflict" });
  expect((await other.engine.events.byIds([event(1).id]))[0]?.raw.toString()).toBe("another past");
});

const parquetOf = (archive: string): string =>
  join(archive, DAY, readdirSync(join(archive, DAY)).find((name) => name.endsWith(".parquet")) ?? "");

const edit = (archive: string, change: (text: string) => string): void =>
  writeFileSync(join(archive, DAY, MANIFEST), change(readFileSync(join(archive, DAY, MANIFEST), "utf8")));

const DAMAGES: readonly (readonly [string, string, (archive: string) => void])[] = [
  [
    "a changed byte",
    "bundle-damaged",
    (archive) => {
      const bytes = readFileSync(parquetOf(archive));
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      writeFileSync(parquetOf(archive), bytes);
    },
  ],
  ["a missing file", "bundle-damaged", (archive) => rmSync(parquetOf(archive))],
  ["a missing manifest", "not-found", (archive) => rmSync(join(archive, DAY, MANIFEST))],
  [
    "other counts",
    "bundle-damaged",
    (archive) => edit(archive, (text) => text.replace(/"rows": \d+/, '"rows": 1')),
  ],
  [
    "a path that leads outside",
    "bundle-damaged",
    (archive) => edit(archive, (text) => text.replace('"events-000000', '"../../events-000000')),
  ],
  [
    "a column of a later version",
    "bundle-damaged",
    (archive) => edit(archive, (text) => text.replace('"tenant"', '"tenant", "later"')),
  ],
  [
    "a column that is none",
    "bundle-damaged",
    (archive) => edit(archive, (text) => text.replace('"tenant"', '"a) SELECT 1"')),
  ],
];

describe("a damaged archive", () => {
  it.each(DAMAGES)("is refused for %s, and nothing of it is stored", async (_what, code, damage) => {
    const archive = mkdtempSync(join(folder, "damaged-"));
    await keepIn(new FolderPlace(join(archive, "a")));
    cpSync(join(archive, "a"), join(archive, "b"), { recursive: true });
    damage(join(archive, "b"));
    const other = await temporaryEngine();
    onTestFinished(() => other.remove());
    await expect(bringBack(new FolderPlace(join(archive, "b")), other)).rejects.toMatchObject({ code });
    expect((await other.engine.events.countBySource()).size).toBe(0);
  });
});

it("never overwrites an archive, and has none of a day without events", async () => {
  const place = new FolderPlace(join(folder, "once"));
  await keepIn(place);
  await expect(keepIn(place)).rejects.toMatchObject({ code: "conflict" });
  await expect(openArchive(stores(full), "2020-01-01")).rejects.toMatchObject({ code: "not-found" });
  await expect(openArchive(stores(full), "2026-02-30")).rejects.toMatchObject({ code: "bad-request" });
  await expect(openArchive(stores(full), "1'; DROP")).rejects.toMatchObject({ code: "bad-request" });
});

it("keeps archives in a bucket, signed, the manifest last", async () => {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const key = request.url ?? "";
      if (!/^AWS4-HMAC-SHA256 Credential=key\//.test(request.headers.authorization ?? ""))
        response.statusCode = 403;
      else if (request.method === "PUT") objects.set(key, Buffer.concat(pieces));
      else if (!objects.has(key)) response.statusCode = 404;
      response.end(request.method === "GET" ? objects.get(key) : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const settings = {
    bucket: "logs",
    prefix: "tyto",
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${port}`,
  };
  const place = new ObjectPlace(
    new S3Objects({ ...settings, accessKeyId: "key", secretAccessKey: "secret" }),
  );
  await keepIn(place);
  expect([...objects.keys()].at(-1)).toBe(`/logs/tyto/${DAY}/${MANIFEST}`);
  expect((await verifyArchive(place, DAY)).events.rows).toBeGreaterThan(0);
  await expect(keepIn(place)).rejects.toMatchObject({ code: "conflict" });
  const restored = await bringBack(place);
  expect(restored.stored + restored.present).toBe(restored.manifest.events.rows);
  objects.delete(`/logs/tyto/${DAY}/events-000000.parquet`);
  await expect(verifyArchive(place, DAY)).rejects.toMatchObject({ code: "bundle-damaged" });
  const wrong = new ObjectPlace(
    new S3Objects({ ...settings, accessKeyId: "other", secretAccessKey: "secret" }),
  );
  await expect(verifyArchive(wrong, DAY)).rejects.toMatchObject({ code: "store-failed" });
});

it("leaves no folder with an archive's name when the stream breaks", async () => {
  const place = new FolderPlace(join(folder, "broken"));
  const { stream } = await openArchive(stores(full), DAY);
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield (await stream.next()).value as Uint8Array;
    throw new Error("the line is cut");
  };
  await expect(place.keep(DAY, broken())).rejects.toThrow("cut");
  expect(existsSync(join(folder, "broken", DAY))).toBe(false);
});

describe("a day", () => {
  const span = { from: micros(0), to: micros(86_400_000_000) };
  const minute = (at: number, rows: number) => ({ at: at * 60_000_000, rows });

  it.each([
    ["one file", [minute(0, 5), minute(700, 5)], [[0, 1440, 1]]],
    [
      "files of whole minutes",
      [minute(1, 6), minute(2, 6)],
      [
        [0, 2, 1],
        [2, 1440, 1],
      ],
    ],
    [
      "shares of a full minute",
      [minute(1, 2), minute(2, 35), minute(3, 1)],
      [
        [0, 2, 1],
        [2, 3, 4],
        [3, 1440, 1],
      ],
    ],
    ["nothing", [], []],
  ])("is cut into %s", (_what, minutes, expected) => {
    const slices = cutDay(span, minutes, 10);
    const spans = slices
      .filter(({ share }) => share === 0)
      .map(({ from, to, shares }) => [from / 60_000_000, to / 60_000_000, shares]);
    expect(spans).toEqual(expected);
    expect(slices.length).toBe(spans.reduce((sum, [, , shares]) => sum + (shares ?? 0), 0));
  });
});
