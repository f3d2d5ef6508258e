import { rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { SCRATCH } from "../backup/data-layout.ts";
import { lockDirectory } from "../journal/directory-lock.ts";
import { syncDirectory, writeFileDurably } from "../journal/durable-file.ts";
import { preflight } from "../preflight/preflight.ts";
import {
  createKeyring,
  makeKeyring,
  readKeyring,
  removeKeyring,
  replaceKeyring,
  unlockKeyring,
} from "../sealing/keyring.ts";
import type { Keyring, Stage } from "../sealing/keyring.ts";
import type { MasterKey } from "../sealing/master-key.ts";
import { isNew } from "../sealing/open-store-keys.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import { existingSecretKey, SECRET_KEY_FILE } from "../secrets/open-secret-box.ts";
import { CONVERTED, copyControl, placeControl } from "./convert-control.ts";
import { clearOldEngine, copyEngine, discardCopy, engineBytes } from "./convert-engine.ts";
import type { EngineForms } from "./convert-engine.ts";
import { copySegments, discardSegmentCopies, journalBytes, placeSegments } from "./convert-journal.ts";

export interface ConversionOptions {
  readonly dataDirectory: string;
  readonly master: MasterKey;
  /** The key of secrets that was configured so far, if one was. */
  readonly secretKey: string | undefined;
  readonly secretKeyFile: string | undefined;
  /** The bundle of `engine/child.ts`. */
  readonly childPath: string;
  readonly random: (size: number) => Uint8Array;
  readonly now: () => Micros;
  readonly clockMs: () => number;
  readonly onStep: (step: ConversionStep) => void;
}

export type ConversionStep =
  | { readonly kind: "store"; readonly store: "relational store" | "journal" }
  | { readonly kind: "engine"; readonly bytes: number; readonly total: number }
  | { readonly kind: "clearing" };

const MEBIBYTE = 1024 * 1024;
const SPARE_BYTES = 512 * MEBIBYTE;

/**
 * Encrypts a data directory that no server has open. Everything is copied first and compared, and what was there is deleted only then: an
 * interrupted run leaves the old form or the new one whole, and the next goes on. Files that were deleted are not overwritten.
 * @throws TytoError `conflict` when it is encrypted already, or being decrypted.
 */
export async function encryptDirectory(options: ConversionOptions): Promise<void> {
  await converting(options, async () => {
    const keyring = await keyringToEncrypt(options);
    const keys = unlockKeyring(keyring, options.master);
    const forms = await formsOf(options, keys, "sealed");
    if (keyring.stage === "encrypting") {
      await copyAll(options, forms, { from: undefined, to: keys.control });
      await enter(options, keyring, "encrypting-clearing");
    }
    options.onStep({ kind: "clearing" });
    await placeAll(options, forms);
    await rm(join(options.dataDirectory, SECRET_KEY_FILE), { force: true });
    await enter(options, keyring, "on");
  });
}

/** The reverse, for who wants no encryption any more, or another data key: encrypting again makes a new one. */
export async function decryptDirectory(options: ConversionOptions): Promise<void> {
  await converting(options, async () => {
    const { dataDirectory } = options;
    const keyring = await readKeyring(dataDirectory);
    if (keyring === undefined) throw new TytoError("conflict", `${dataDirectory} is not encrypted`);
    refuseOther(keyring, "decrypt", dataDirectory);
    const keys = unlockKeyring(keyring, options.master);
    const forms = await formsOf(options, keys, "plain");
    if (keyring.stage !== "decrypting-clearing") {
      await enter(options, keyring, "decrypting");
      await copyAll(options, forms, { from: keys.control, to: undefined });
      await enter(options, keyring, "decrypting-clearing");
    }
    options.onStep({ kind: "clearing" });
    await placeAll(options, forms);
    const secret = `${Buffer.from(keys.secrets).toString("hex")}\n`;
    await writeFileDurably(join(dataDirectory, SECRET_KEY_FILE), secret);
    await removeKeyring(dataDirectory);
  });
}

/** With the lock that servers take, so that none starts meanwhile. */
async function converting({ dataDirectory }: ConversionOptions, work: () => Promise<void>): Promise<void> {
  const journal = join(dataDirectory, "journal");
  if ((await stat(journal).catch(() => undefined)) === undefined) {
    throw new TytoError("not-found", `${dataDirectory} holds no data`, {
      hint: "Name the directory with --data. A new one is encrypted from its first start on when a key is given to `tyto serve`.",
    });
  }
  const lock = lockDirectory(journal);
  try {
    await rm(join(dataDirectory, SCRATCH), { recursive: true, force: true });
    await work();
  } finally {
    lock.release();
  }
}

async function keyringToEncrypt(options: ConversionOptions): Promise<Keyring> {
  const { dataDirectory, master, random, now, secretKey, secretKeyFile } = options;
  const keyring = await readKeyring(dataDirectory);
  if (keyring !== undefined) {
    if (keyring.stage === "on") throw new TytoError("conflict", `${dataDirectory} is encrypted already`);
    refuseOther(keyring, "encrypt", dataDirectory);
    return keyring;
  }
  await refuseUpgrade(dataDirectory);
  const place = { dataDirectory, key: secretKey, keyFile: secretKeyFile };
  const secretsKey = await existingSecretKey(place);
  const made = makeKeyring({
    master,
    stage: (await isNew(dataDirectory)) ? "encrypting-clearing" : "encrypting",
    random,
    now: now(),
    ...(secretsKey === undefined ? {} : { secretsKey }),
  });
  return createKeyring(dataDirectory, made);
}

function refuseOther({ stage }: Keyring, wanted: "encrypt" | "decrypt", dataDirectory: string): void {
  if (stage === "on" || stage.startsWith(wanted)) return;
  const other = wanted === "encrypt" ? "decrypt" : "encrypt";
  throw new TytoError("conflict", `${dataDirectory} is being ${other}ed`, {
    hint: `Finish it first: run \`tyto ${other}\` again.`,
  });
}

/** The engine would bring its tables up to date when it is opened to compare them. */
async function refuseUpgrade(dataDirectory: string): Promise<void> {
  const { steps } = await preflight(dataDirectory);
  if (steps.length === 0) return;
  throw new TytoError("conflict", `${dataDirectory} was written by an older Tyto`, {
    hint: "Make a backup, start this version once, stop it, and run the command again.",
  });
}

async function copyAll(
  options: ConversionOptions,
  forms: EngineForms,
  control: { readonly from: string | undefined; readonly to: string | undefined },
): Promise<void> {
  const { dataDirectory, onStep } = options;
  const keys = unlockKeyring(await keyringOf(dataDirectory), options.master);
  const journal = join(dataDirectory, "journal");
  await discardSegmentCopies(journal);
  await refuseFullDisk(dataDirectory, forms);
  onStep({ kind: "store", store: "relational store" });
  await copyControl({ path: join(dataDirectory, "control.db"), ...control });
  onStep({ kind: "store", store: "journal" });
  await copySegments({ directory: journal, to: forms.to, key: keys.journal, random: options.random });
  await copyEngine(forms);
}

async function placeAll({ dataDirectory }: ConversionOptions, forms: EngineForms): Promise<void> {
  await placeControl(join(dataDirectory, "control.db"));
  await placeSegments(join(dataDirectory, "journal"));
  await clearOldEngine(forms);
  await syncDirectory(dataDirectory);
}

async function keyringOf(dataDirectory: string): Promise<Keyring> {
  const keyring = await readKeyring(dataDirectory);
  if (keyring !== undefined) return keyring;
  throw new TytoError("data-directory-unusable", `${dataDirectory} has lost its keyring`);
}

async function formsOf(
  options: ConversionOptions,
  keys: StoreKeys,
  to: EngineForms["to"],
): Promise<EngineForms> {
  const { dataDirectory, childPath, random, now, clockMs, onStep } = options;
  const directory = join(dataDirectory, "engine");
  const total = await engineBytes({ directory, to });
  let bytes = 0;
  return {
    directory,
    to,
    diskKey: keys.engine,
    childPath,
    scratch: join(dataDirectory, SCRATCH),
    random,
    now,
    clockMs,
    onBytes: (more) => {
      bytes += more;
      onStep({ kind: "engine", bytes, total });
    },
  };
}

async function refuseFullDisk(dataDirectory: string, forms: EngineForms): Promise<void> {
  const control = (await stat(join(dataDirectory, "control.db")).catch(() => undefined))?.size ?? 0;
  const needed =
    (await engineBytes(forms)) +
    (await journalBytes(join(dataDirectory, "journal"))) +
    2 * control +
    SPARE_BYTES;
  const { bavail, bsize } = await statfs(dataDirectory);
  if (bavail * bsize >= needed) return;
  throw new TytoError("disk-full", `the copy needs ${needed} bytes, and ${bavail * bsize} are free`, {
    hint: "Free some space, then run the command again. Nothing was changed yet.",
  });
}

async function enter({ dataDirectory }: ConversionOptions, keyring: Keyring, stage: Stage): Promise<void> {
  await replaceKeyring(dataDirectory, { ...keyring, stage });
}

/**
 * Takes back a conversion that has not come so far that anything was deleted: the directory is as it was before.
 * @throws TytoError `conflict` when there is nothing to take back.
 */
export async function abandonConversion(options: ConversionOptions): Promise<void> {
  await converting(options, async () => {
    const { dataDirectory, master } = options;
    const keyring = await readKeyring(dataDirectory);
    const stage = keyring?.stage;
    if (keyring === undefined || (stage !== "encrypting" && stage !== "decrypting")) {
      throw new TytoError("conflict", `nothing in ${dataDirectory} can be taken back`, {
        hint: "A conversion that deletes the old form already can only be finished.",
      });
    }
    const keys = unlockKeyring(keyring, master);
    await discardSegmentCopies(join(dataDirectory, "journal"));
    await rm(join(dataDirectory, `control.db${CONVERTED}`), { force: true });
    await discardCopy(await formsOf(options, keys, stage === "encrypting" ? "sealed" : "plain"));
    if (stage === "encrypting") await removeKeyring(dataDirectory);
    else await enter(options, keyring, "on");
  });
}
