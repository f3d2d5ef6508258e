import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { createKeyring, makeKeyring, parseKeyring, readKeyring, unlockKeyring } from "./keyring.ts";
import type { Keyring } from "./keyring.ts";
import { readMasterKey } from "./read-master-key.ts";
import type { KeySource } from "./read-master-key.ts";
import type { StoreKeys } from "./store-keys.ts";

export interface KeyRequest {
  readonly dataDirectory: string;
  readonly source: KeySource;
  /** `PATH` of a command that gives the key. */
  readonly programPath: string;
}

/** What a data directory that is new becomes when a key is given: encrypted, from its first byte on. */
export interface NewDirectory {
  readonly random: (size: number) => Uint8Array;
  readonly now: () => Micros;
  /** Called when the encryption was switched on by this start. */
  readonly onEncrypted: () => void;
}

/**
 * The keys of a data directory; `undefined` for one that is not encrypted. Changes nothing, unless the directory is new and a key was given.
 * @throws TytoError when key and directory do not go together, before any store was touched.
 */
export async function openStoreKeys(
  { dataDirectory, source, programPath }: KeyRequest,
  fresh?: NewDirectory,
): Promise<StoreKeys | undefined> {
  const keyring = await readKeyring(dataDirectory);
  if (keyring === undefined && source.kind === "none") return undefined;
  if (keyring !== undefined) refuseUnfinished(keyring, dataDirectory);
  const master = await readMasterKey(source, programPath);
  if (master === undefined) throw keyMissing(dataDirectory);
  if (keyring !== undefined) return unlockKeyring(keyring, master);
  if (fresh === undefined || !(await isNew(dataDirectory))) throw notEncrypted(dataDirectory);
  const { random, now, onEncrypted } = fresh;
  const made = await createKeyring(dataDirectory, makeKeyring({ master, stage: "on", random, now: now() }));
  onEncrypted();
  return unlockKeyring(made, master);
}

/** Of what another installation has encrypted, with the master key that is configured here. */
export async function unlockOther(
  keyring: string,
  { source, programPath }: Omit<KeyRequest, "dataDirectory">,
): Promise<StoreKeys> {
  const where = "what another installation has encrypted";
  const master = await readMasterKey(source, programPath);
  if (master === undefined) throw keyMissing(where);
  return unlockKeyring(parseKeyring(keyring, where), master);
}

/** Whether no store has been made in it yet. */
export async function isNew(dataDirectory: string): Promise<boolean> {
  const names: readonly string[] = await readdir(dataDirectory).catch(() => []);
  if (names.includes("control.db")) return false;
  const inside = await Promise.all(
    ["journal", "engine/data"].map((name) =>
      readdir(join(dataDirectory, name)).catch((): readonly string[] => []),
    ),
  );
  return inside.flat().every((name) => name.startsWith("lock"));
}

function refuseUnfinished({ stage }: Keyring, dataDirectory: string): void {
  if (stage === "on") return;
  const command = stage.startsWith("encrypting") ? "encrypt" : "decrypt";
  throw new TytoError("data-directory-unusable", `${dataDirectory} is being ${command}ed and not done yet`, {
    hint: `Run \`tyto ${command}\` again: it goes on where it was interrupted.`,
  });
}

/** @param what for people: a data directory, a backup */
export function keyMissing(what: string): TytoError {
  return new TytoError("config-invalid", `${what} is encrypted, and no encryption key was given`, {
    hint: "Name it with --encryption-key-file, --encryption-key-command or TYTO_ENCRYPTION_KEY. Without the key nothing can be read; nothing was changed.",
  });
}

export function notEncrypted(dataDirectory: string): TytoError {
  return new TytoError(
    "config-invalid",
    `${dataDirectory} is not encrypted, and an encryption key was given`,
    {
      hint: "Stop Tyto and run `tyto encrypt` once with the same key, or leave the key away. Nothing was changed.",
    },
  );
}
