import { randomBytes } from "node:crypto";
import {
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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import { openControlStore } from "../control/open-control-store.ts";
import { buildEngineChild } from "../engine/engine-fixture.ts";
import { openEngine } from "../engine/open-engine.ts";
import { eventAt } from "../events/event-fixture.ts";
import { openJournal } from "../journal/open-journal.ts";
import { keyringText, readKeyring, unlockKeyring } from "../sealing/keyring.ts";
import { openStoreKeys } from "../sealing/open-store-keys.ts";
import { testMaster } from "../sealing/sealing.fixture.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import { abandonConversion, decryptDirectory, encryptDirectory } from "./convert-directory.ts";
import type { ConversionOptions, ConversionStep } from "./convert-directory.ts";

const NEEDLE = "needle-in-every-store";
const now = () => micros(Date.UTC(2026, 10, 20) * 1_000);
const source = sourceId("00000000000000aa");
const master = testMaster();

let folder: string;
let childPath: string;
let plain: string;
let data: string;
let copies = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-conversion-"));
  childPath = await buildEngineChild();
  plain = join(folder, "plain");
  await fill(plain);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  data = join(folder, `data-${copies++}`);
  cpSync(plain, data, { recursive: true, verbatimSymlinks: true });
});

const textAt = (place: number): string => `${NEEDLE} number ${place} ${"filler ".repeat(20)}`;

async function openAll(directory: string, keys: StoreKeys | undefined) {
  const journal = await openJournal({
    directory: join(directory, "journal"),
    newOrigin: () => originId("00000000000000aa"),
    clockMs: () => 0,
    segmentBytes: 20_000,
    minFreeBytes: 0,
    ...(keys === undefined ? {} : { seal: { key: keys.journal, random: randomBytes } }),
  });
  const control = await openControlStore({ path: join(directory, "control.db"), key: keys?.control });
  const engine = await openEngine({
    directory: join(directory, "engine"),
    childPath,
    now,
    clockMs: () => 0,
    diskKey: keys?.engine,
  });
  const close = async (): Promise<void> => {
    await engine.close();
    await control.close();
    await journal.close();
  };
  return { journal, control, engine, close };
}

async function fill(directory: string): Promise<void> {
  const stores = await openAll(directory, undefined);
  const { journal, control, engine } = stores;
  for (let batch = 0; batch < 20; batch++) {
    const texts = Array.from({ length: 10 }, (_, index) => textAt(batch * 10 + index + 1));
    await journal.append({
      source,
      receivedAt: now(),
      identity: { kind: "journal" },
      records: texts.map((text) => Buffer.from(text)),
    });
  }
  // Several inserts: the engine merges, and parts that were merged away lie beside.
  for (let part = 0; part < 6; part++) {
    await engine.events.insert(
      Array.from({ length: 50 }, (_, index) => {
        const place = part * 50 + index + 1;
        return { ...eventAt(place), id: eventId(journal.origin, place), raw: Buffer.from(textAt(place)) };
      }),
    );
  }
  await control.settings.set("kept", NEEDLE);
  await stores.close();
  writeFileSync(join(directory, "secret.key"), `${"ab".repeat(32)}\n`);
}

/** Everything that the stores give back. */
async function contentOf(keys: StoreKeys | undefined): Promise<unknown> {
  const stores = await openAll(data, keys);
  try {
    const records = await stores.journal.read(sequence(1), { records: 1_000, bytes: 10_000_000 });
    return {
      head: stores.journal.head,
      records: records.map(({ bytes }) => Buffer.from(bytes).toString()),
      census: await stores.engine.files.census(),
      setting: await stores.control.settings.get("kept"),
    };
  } finally {
    await stores.close();
  }
}

const options = (onStep: (step: ConversionStep) => void = () => undefined): ConversionOptions => ({
  dataDirectory: data,
  master,
  secretKey: undefined,
  secretKeyFile: undefined,
  childPath,
  random: randomBytes,
  now,
  clockMs: () => 0,
  onStep,
});

const keysOf = (): Promise<StoreKeys | undefined> =>
  openStoreKeys({
    dataDirectory: data,
    source: { kind: "environment", name: "K", text: "5".repeat(64) },
    programPath: "",
  });

function filesWith(needle: string, directory = data): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesWith(needle, path);
    return entry.isFile() && readFileSync(path).includes(needle) ? [path] : [];
  });
}

it("encrypts all stores and decrypts them again, with the same content each time", async () => {
  const before = await contentOf(undefined);
  expect(filesWith(NEEDLE).length).toBeGreaterThan(2);
  const steps: string[] = [];
  await encryptDirectory(options((step) => steps.push(step.kind)));
  expect(new Set(steps)).toEqual(new Set(["store", "engine", "clearing"]));
  expect(filesWith(NEEDLE)).toEqual([]);
  expect(filesWith("ab".repeat(32))).toEqual([]);
  const keys = await keysOf();
  expect(Buffer.from(keys?.secrets ?? "").toString("hex")).toBe("ab".repeat(32));
  for (const key of [keys?.control ?? "?", keys?.engine ?? "?"]) expect(filesWith(key)).toEqual([]);
  expect(await contentOf(keys)).toEqual(before);
  expect(filesWith(NEEDLE)).toEqual([]);
  await expect(encryptDirectory(options())).rejects.toMatchObject({ code: "conflict" });

  await decryptDirectory(options());
  expect(existsSync(join(data, "keyring.json"))).toBe(false);
  expect(readFileSync(join(data, "secret.key"), "utf8").trim()).toBe("ab".repeat(32));
  expect(existsSync(join(data, "engine/data/sealed"))).toBe(false);
  expect(await contentOf(undefined)).toEqual(before);
}, 600_000);

describe.each(["encrypt", "decrypt"] as const)("an interrupted run of %s", (direction) => {
  const convert = direction === "encrypt" ? encryptDirectory : decryptDirectory;
  const keysAfter = (): Promise<StoreKeys | undefined> =>
    direction === "encrypt" ? keysOf() : Promise.resolve(undefined);

  const moments = [
    [
      "while the engine's files are copied",
      (step: ConversionStep) => step.kind === "engine" && step.bytes > 50_000,
    ],
    ["before anything was copied", (step: ConversionStep) => step.kind === "store"],
    ["before the old form was deleted", (step: ConversionStep) => step.kind === "clearing"],
  ] as const;
  const tried =
    process.env["TYTO_VERIFY"] === undefined ? [moments[direction === "encrypt" ? 0 : 2]] : moments;
  it.each(tried)(
    "goes on %s",
    async (_when, isTime) => {
      const before = await contentOf(undefined);
      if (direction === "decrypt") await encryptDirectory(options());
      await expect(
        convert(
          options((step) => {
            if (isTime(step)) throw new Error("killed");
          }),
        ),
      ).rejects.toThrow("killed");
      // Nobody starts in between.
      await expect(keysOf()).rejects.toMatchObject({ code: "data-directory-unusable" });
      await convert(options());
      expect(await contentOf(await keysAfter())).toEqual(before);
      if (direction === "encrypt") expect(filesWith(NEEDLE)).toEqual([]);
    },
    120_000,
  );
});

it("takes an unfinished encryption back, and leaves the directory as it was", async () => {
  const before = await contentOf(undefined);
  const killed = encryptDirectory(
    options((step) => {
      if (step.kind === "engine" && step.bytes > 50_000) throw new Error("killed");
    }),
  );
  await expect(killed).rejects.toThrow("killed");
  await abandonConversion(options());
  expect(await readKeyring(data)).toBeUndefined();
  expect(existsSync(join(data, "engine/data/sealed"))).toBe(false);
  expect(await contentOf(undefined)).toEqual(before);
  await expect(abandonConversion(options())).rejects.toMatchObject({ code: "conflict" });
}, 300_000);

it("refuses a directory that a server has open, and one that holds nothing", async () => {
  const stores = await openAll(data, undefined);
  try {
    await expect(encryptDirectory(options())).rejects.toMatchObject({ code: "data-directory-in-use" });
  } finally {
    await stores.close();
  }
  await expect(
    encryptDirectory({ ...options(), dataDirectory: join(folder, "nothing") }),
  ).rejects.toMatchObject({ code: "not-found" });
});

it("opens with no other key, and damages nothing in the attempt", async () => {
  await encryptDirectory(options());
  const before = await contentOf(await keysOf());
  const other = { kind: "environment", name: "K", text: "6".repeat(64) } as const;
  for (const [source, message] of [
    [other, "the encryption key is another one"],
    [{ kind: "none" } as const, "no encryption key was given"],
  ] as const) {
    const sizes = statSync(join(data, "control.db")).size;
    await expect(openStoreKeys({ dataDirectory: data, source, programPath: "" })).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(message) as string,
    });
    expect(statSync(join(data, "control.db")).size).toBe(sizes);
  }
  const keyring = await readKeyring(data);
  if (keyring === undefined) throw new Error("a keyring");
  const changed = {
    ...keyring,
    dataKey: keyring.dataKey.replace(/^./, (char) => (char === "A" ? "B" : "A")),
  };
  expect(() => unlockKeyring(changed, master)).toThrow("was changed or damaged");
  expect(keyringText(keyring)).not.toContain("5".repeat(64));
  expect(await contentOf(await keysOf())).toEqual(before);
}, 300_000);
