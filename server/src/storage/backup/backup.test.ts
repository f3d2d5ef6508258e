import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { Event } from "@tyto/domain";
import { keepBundle } from "../bundle/keep-bundle.ts";
import { MANIFEST } from "../bundle/manifest.ts";
import { openControlStore } from "../control/open-control-store.ts";
import { buildEngineChild } from "../engine/engine-fixture.ts";
import { openEngine } from "../engine/open-engine.ts";
import type { EmbeddedEngine } from "../engine/open-engine.ts";
import { eventAt } from "../events/event-fixture.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { ControlStore, Journal } from "../ports.ts";
import { PLAIN } from "../sealing/sealing.fixture.ts";
import { openBackup } from "./backup-source.ts";
import { partsOf } from "./earlier-parts.ts";
import { restoreBackup } from "./restore-backup.ts";
import type { Restored } from "./restore-backup.ts";

const now = () => micros(Date.UTC(2026, 0, 20) * 1_000);
const source = sourceId("00000000000000aa");

const NO_KEY = { encryptionKey: { kind: "none" }, programPath: "", randomBytes: PLAIN.randomBytes } as const;

interface Stores {
  readonly dataDirectory: string;
  readonly journal: Journal;
  readonly control: ControlStore;
  readonly engine: EmbeddedEngine;
}

let folder: string;
let childPath: string;
let stores: Stores;
let restores = 0;

async function openStores(dataDirectory: string, origin: string): Promise<Stores> {
  const journal = await openJournal({
    directory: join(dataDirectory, "journal"),
    newOrigin: () => originId(origin),
    clockMs: () => performance.now(),
    segmentBytes: 1024 * 1024,
  });
  const control = await openControlStore({ path: join(dataDirectory, "control.db") });
  const engine = await openEngine({
    directory: join(dataDirectory, "engine"),
    childPath,
    now,
    clockMs: () => performance.now(),
  });
  return { dataDirectory, journal, control, engine };
}

async function closeStores({ engine, control, journal }: Stores): Promise<void> {
  await engine.close();
  await control.close();
  await journal.close();
}

/** A record in the journal and the event that the pipeline makes of it. */
async function record(count: number): Promise<readonly Event[]> {
  const bytes = Array.from({ length: count }, (_, i) => Buffer.from(`line ${i}`));
  const { first } = await stores.journal.append({
    source,
    receivedAt: now(),
    identity: { kind: "journal" },
    records: bytes,
  });
  return bytes.map((raw, i) => ({
    ...eventAt(first + i),
    id: eventId(stores.journal.origin, first + i),
    sequence: sequence(first + i),
    raw,
  }));
}

async function backUp(target: string, base?: string): Promise<string> {
  const have = base === undefined ? new Map<string, string>() : await partsOf(base);
  const backup = await openBackup(
    { ...stores, ...PLAIN, ownPacks: [join(folder, "own-packs")], version: "0.0.0-test", now },
    { have, includesKeys: false },
  );
  const { seal } = await keepBundle(backup.stream, { target, ...(base === undefined ? {} : { base }) });
  return seal;
}

function restore(from: string, seal?: string): Promise<Restored & { readonly target: string }> {
  const target = join(folder, `restored-${restores++}`);
  const options = {
    from,
    target,
    childPath,
    ...NO_KEY,
    newOrigin: () => originId("00000000000000bb"),
    now,
    clockMs: () => 0,
  };
  return restoreBackup(seal === undefined ? options : { ...options, seal }).then((done) => ({
    ...done,
    target,
  }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-backup-"));
  childPath = await buildEngineChild();
  const data = join(folder, "data");
  cpSync(import.meta.dirname, join(folder, "own-packs"), { recursive: true });
  stores = await openStores(data, "00000000000000aa");
  writeFileSync(join(data, "later-kind-of-file.json"), "{}");
  writeFileSync(join(data, "tls.key"), "secret");
  writeFileSync(join(data, "cli-token"), "secret");
  await stores.control.settings.set("kept", "yes");
  await stores.engine.events.insert(await record(300));
  await stores.control.commit({ sequence: sequence(300), ledger: [], alerts: [], state: [] });
  // Stored by the pipeline, and not yet committed; then received, and not yet stored.
  await stores.engine.events.insert((await record(20)).slice(0, 10));
}, 60_000);

afterAll(async () => {
  await closeStores(stores);
  rmSync(folder, { recursive: true });
});

describe.each(["backup", "backup.tar"])("a backup into %s", (name) => {
  it("comes back whole, with the journal's tail waiting", async () => {
    const seal = await backUp(join(folder, name));
    const { target, queued, packs, manifest } = await restore(join(folder, name), seal);
    expect({ queued, packs }).toEqual({ queued: 20, packs: ["packs-restored/0-own-packs"] });
    expect(manifest).toMatchObject({ checkpoint: 300, head: 320, events: { rows: 300 } });
    const again = await openStores(target, "00000000000000cc");
    try {
      expect(await again.control.settings.get("kept")).toBe("yes");
      expect(await again.engine.keeping.census("events", sequence(300))).toEqual(manifest.events);
      // An identity of its own, going on where the other stopped; the tail keeps its ids.
      expect(again.journal.origin).toBe("00000000000000bb");
      const tail = await again.journal.read(sequence(301), { records: 100, bytes: 1_000_000 });
      expect(tail.map(({ origin, ordinal, sequence: at }) => [origin, ordinal, at])).toEqual(
        Array.from({ length: 20 }, (_, i) => [stores.journal.origin, 301 + i, 301 + i]),
      );
      const present = await again.engine.events.present(tail);
      expect([...present.values()]).toEqual(Array.from({ length: 10 }, (_, i) => 301 + i));
      expect((await again.engine.events.byIds([eventId(stores.journal.origin, 7)]))[0]?.fields).toEqual(
        eventAt(7).fields,
      );
    } finally {
      await closeStores(again);
    }
    expect(readdirSync(target)).toContain("later-kind-of-file.json");
    for (const left of ["tls.key", "cli-token", "restore-unfinished"])
      expect(readdirSync(target)).not.toContain(left);
  });
});

describe("a second backup", () => {
  it("links what has not changed and is whole without the first", async () => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    await backUp(first);
    await backUp(second, first);
    const linked = readdirSync(second, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.includes("data.bin") && statSync(join(second, path)).nlink > 1,
    );
    expect(linked.length).toBeGreaterThan(0);
    rmSync(first, { recursive: true });
    expect((await restore(second)).manifest.events.rows).toBe(300);
  });

  it("refuses to build on an earlier one that has rotted", async () => {
    const [first, second] = [join(folder, "rotten"), join(folder, "on-rotten")];
    await backUp(first);
    appendFileSync(dataFileOf(first), "x");
    await expect(backUp(second, first)).rejects.toMatchObject({ code: "bundle-damaged" });
    expect(existsSync(second) || existsSync(`${second}.incomplete`)).toBe(false);
  });
});

function dataFileOf(backup: string): string {
  const path = readdirSync(backup, { recursive: true, encoding: "utf8" }).find((one) =>
    one.endsWith("data.bin"),
  );
  return join(backup, path ?? "none");
}

const DAMAGES: readonly (readonly [string, (backup: string) => void])[] = [
  ["a changed byte", (backup) => flip(dataFileOf(backup))],
  ["a missing file", (backup) => rmSync(dataFileOf(backup))],
  ["a missing manifest", (backup) => rmSync(join(backup, MANIFEST))],
  [
    "a cut manifest",
    (backup) => writeFileSync(join(backup, MANIFEST), readFileSync(join(backup, MANIFEST)).subarray(0, 500)),
  ],
  [
    "a path that leads outside",
    (backup) => edit(backup, (text) => text.replace("data/control.db", "../../control.db")),
  ],
  [
    "a link that leads outside",
    (backup) => edit(backup, (text) => text.replace(/"target": "[^"]+"/, '"target": "../../../../.."')),
  ],
  [
    "other counts in the manifest",
    (backup) => edit(backup, (text) => text.replace('"rows": 300', '"rows": 299')),
  ],
  ["a newer format", (backup) => edit(backup, (text) => text.replace('"format": 1', '"format": 3'))],
];

function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function edit(backup: string, change: (text: string) => string): void {
  const text = readFileSync(join(backup, MANIFEST), "utf8");
  const changed = change(text);
  expect(changed).not.toBe(text);
  writeFileSync(join(backup, MANIFEST), changed);
}

describe("a restore", () => {
  let whole: string;
  beforeAll(async () => {
    whole = join(folder, "whole");
    await backUp(whole);
  });

  it.each(DAMAGES)("refuses %s and leaves nothing", async (_what, damage) => {
    const copy = join(folder, `damaged-${restores}`);
    cpSync(whole, copy, { recursive: true });
    damage(copy);
    const target = join(folder, `restored-${restores}`);
    await expect(restore(copy)).rejects.toMatchObject({ code: "bundle-damaged" });
    expect(existsSync(target) || existsSync(`${target}.restoring`)).toBe(false);
  });

  it("refuses another seal than the one that was noted", async () => {
    await expect(restore(whole, "0".repeat(64))).rejects.toMatchObject({ code: "bundle-damaged" });
  });

  it("refuses a directory that holds anything, and a backup refuses a place that is taken", async () => {
    const options = {
      from: whole,
      target: folder,
      childPath,
      ...NO_KEY,
      newOrigin: () => originId("00000000000000bb"),
      now,
      clockMs: () => 0,
    };
    await expect(restoreBackup(options)).rejects.toMatchObject({ code: "conflict" });
    await expect(backUp(whole)).rejects.toMatchObject({ code: "conflict" });
  });
});

it("leaves neither snapshot nor scratch when the reader goes away", async () => {
  const backup = await openBackup(
    { ...stores, ...PLAIN, ownPacks: [], version: "0", now },
    { have: new Map(), includesKeys: true },
  );
  await backup.stream.next();
  await backup.stream.return(undefined);
  expect(existsSync(join(stores.dataDirectory, "upkeep.tmp"))).toBe(false);
  expect(existsSync(join(stores.dataDirectory, "engine/data/shadow"))).toBe(false);
});
