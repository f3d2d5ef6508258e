/** Backups and archives of an encrypted installation: nothing of an event can be read in them, and they come back with the key alone. */
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventId, micros, originId, sequence, sourceId, TytoError } from "@tyto/domain";
import type { Event } from "@tyto/domain";
import { archiveEntries, FolderPlace, verifyArchive } from "../archive/archive-place.ts";
import { openArchive } from "../archive/archive-source.ts";
import { restoreArchive } from "../archive/archive-restore.ts";
import { keepBundle } from "../bundle/keep-bundle.ts";
import { openControlStore } from "../control/open-control-store.ts";
import { buildEngineChild, temporaryEngine } from "../engine/engine-fixture.ts";
import { openEngine } from "../engine/open-engine.ts";
import { eventAt } from "../events/event-fixture.ts";
import { openJournal } from "../journal/open-journal.ts";
import { openStoreKeys } from "../sealing/open-store-keys.ts";
import { rotateKey } from "../sealing/rotate-key.ts";
import { testMaster } from "../sealing/sealing.fixture.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import { openBackup } from "./backup-source.ts";
import { restoreBackup } from "./restore-backup.ts";

const NEEDLE = "needle-of-a-backup";
const DAY = "2026-11-20";
const now = () => micros(Date.parse(`${DAY}T12:00:00Z`) * 1_000);
const source = sourceId("00000000000000aa");
const keyOf = (digit: string) => ({ kind: "environment", name: "K", text: digit.repeat(64) }) as const;

let folder: string;
let childPath: string;
let data: string;
let keys: StoreKeys;
let stores: Awaited<ReturnType<typeof openAll>>;

async function openAll(directory: string, digit = "5") {
  const opened = await openStoreKeys(
    { dataDirectory: directory, source: keyOf(digit), programPath: "" },
    { random: randomBytes, now, onEncrypted: () => undefined },
  );
  if (opened === undefined) throw new Error("keys");
  const journal = await openJournal({
    directory: join(directory, "journal"),
    newOrigin: () => originId("00000000000000aa"),
    clockMs: () => 0,
    segmentBytes: 1024 * 1024,
    minFreeBytes: 0,
    seal: { key: opened.journal, random: randomBytes },
  });
  const control = await openControlStore({ path: join(directory, "control.db"), key: opened.control });
  const engine = await openEngine({
    directory: join(directory, "engine"),
    childPath,
    now,
    clockMs: () => 0,
    diskKey: opened.engine,
  });
  const close = async (): Promise<void> => {
    await engine.close();
    await control.close();
    await journal.close();
  };
  return { keys: opened, journal, control, engine, close };
}

async function record(count: number): Promise<readonly Event[]> {
  const bytes = Array.from({ length: count }, (_, i) => Buffer.from(`${NEEDLE} ${i}`));
  const receipt = await stores.journal.append({
    source,
    receivedAt: now(),
    identity: { kind: "journal" },
    records: bytes,
  });
  return bytes.map((raw, i) => ({
    ...eventAt(receipt.first + i, { timestamp: now() }),
    id: eventId(stores.journal.origin, receipt.first + i),
    sequence: sequence(receipt.first + i),
    raw,
  }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-sealed-backup-"));
  childPath = await buildEngineChild();
  data = join(folder, "data");
  stores = await openAll(data);
  ({ keys } = stores);
  await stores.control.settings.set("kept", NEEDLE);
  await stores.engine.events.insert(await record(200));
  await stores.control.commit({ sequence: sequence(200), ledger: [], alerts: [], state: [] });
  await record(30);
}, 300_000);

afterAll(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

const parts = () => ({ ...stores, dataDirectory: data, randomBytes, version: "0", now });

async function backUp(name: string): Promise<string> {
  const { stream } = await openBackup({ ...parts(), ownPacks: [] }, { have: new Map(), includesKeys: true });
  await keepBundle(stream, { target: join(folder, name) });
  return join(folder, name);
}

function filesWith(needle: string, directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesWith(needle, path);
    return entry.isFile() && readFileSync(path).includes(needle) ? [path] : [];
  });
}

const restore = (from: string, target: string, digit: string | undefined) =>
  restoreBackup({
    from,
    target,
    childPath,
    now,
    clockMs: () => 0,
    encryptionKey: digit === undefined ? { kind: "none" } : keyOf(digit),
    programPath: "",
    randomBytes,
    newOrigin: () => originId("00000000000000bb"),
  });

it("makes a backup in which nothing can be read, and which comes back with the key alone", async () => {
  const backup = await backUp("whole");
  expect(filesWith(NEEDLE, data)).toEqual([]);
  expect(filesWith(NEEDLE, backup)).toEqual([]);
  for (const digit of [undefined, "6"]) {
    const target = join(folder, `refused-${digit}`);
    await expect(restore(backup, target, digit)).rejects.toMatchObject({ code: "config-invalid" });
    expect(existsSync(target) || existsSync(`${target}.restoring`)).toBe(false);
  }
  const target = join(folder, "restored");
  expect(await restore(backup, target, "5")).toMatchObject({ queued: 30, manifest: { format: 2 } });
  expect(filesWith(NEEDLE, target)).toEqual([]);
  const again = await openAll(target);
  try {
    expect(await again.control.settings.get("kept")).toBe(NEEDLE);
    expect((await again.engine.events.countBySource()).size).toBeGreaterThan(0);
    const tail = await again.journal.read(sequence(201), { records: 100, bytes: 1_000_000 });
    expect(tail.map(({ bytes }) => Buffer.from(bytes).toString())).toContain(`${NEEDLE} 29`);
    expect(tail).toHaveLength(30);
  } finally {
    await again.close();
  }
}, 300_000);

it("finds a changed bit in the sealed tail, even when the manifest was changed along with it", async () => {
  const backup = await backUp("changed");
  const tail = join(backup, "journal/tail.sealed");
  const bytes = readFileSync(tail);
  bytes.writeUInt8((bytes[60] ?? 0) ^ 1, 60);
  writeFileSync(tail, bytes);
  await expect(restore(backup, join(folder, "damaged"), "5")).rejects.toMatchObject({
    code: "bundle-damaged",
  });
}, 300_000);

it("archives a day so that nothing can be read, checks it without a key, and takes it back with one", async () => {
  const place = new FolderPlace(join(folder, "archive"));
  await place.keep(DAY, (await openArchive(parts(), DAY)).stream);
  expect(filesWith(NEEDLE, join(folder, "archive"))).toEqual([]);
  expect(await verifyArchive(place, DAY)).toMatchObject({ events: { rows: 200 } });
  const { engine, remove } = await temporaryEngine();
  const into = (keysOf: () => Promise<StoreKeys>) =>
    restoreArchive(archiveEntries(place, DAY), { engine, checkpoint: sequence(0), day: DAY, keysOf });
  try {
    const refusal = new TytoError("config-invalid", "no key");
    await expect(into(() => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(await into(() => Promise.resolve(keys))).toMatchObject({ stored: 200 });
  } finally {
    await remove();
  }
}, 300_000);

it("needs the new key after a rotation, for the same data, and the old one for an older backup", async () => {
  const before = await backUp("before-rotation");
  const copy = join(folder, "rotated");
  cpSync(data, copy, { recursive: true, filter: (path) => !/\/journal\/lock/.test(path) });
  await rotateKey(copy, { from: testMaster("5"), to: testMaster("7") }, randomBytes);
  const open = (digit: string) =>
    openStoreKeys({ dataDirectory: copy, source: keyOf(digit), programPath: "" });
  await expect(open("5")).rejects.toMatchObject({ code: "config-invalid" });
  const rotated = await open("7");
  expect(rotated?.engine).toBe(keys.engine);
  const control = await openControlStore({ path: join(copy, "control.db"), key: rotated?.control });
  expect(await control.settings.get("kept")).toBe(NEEDLE);
  await control.close();
  await expect(restore(before, join(folder, "by-new"), "7")).rejects.toMatchObject({
    code: "config-invalid",
  });
  expect((await restore(before, join(folder, "by-old"), "5")).queued).toBe(30);
}, 300_000);
