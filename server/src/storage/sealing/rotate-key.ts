import { TytoError } from "@tyto/domain";
import { readKeyring, replaceKeyring, rewrapKeyring, unlockKeyring } from "./keyring.ts";
import type { Keyring } from "./keyring.ts";
import type { MasterKey } from "./master-key.ts";

/** What can be said of a data directory's encryption without a key. */
export type EncryptionState =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly keyId: string; readonly since: string }
  | { readonly kind: "unfinished"; readonly command: "encrypt" | "decrypt"; readonly keyId: string };

export async function encryptionState(dataDirectory: string): Promise<EncryptionState> {
  const keyring = await readKeyring(dataDirectory);
  if (keyring === undefined) return { kind: "off" };
  const { stage, masterKey: keyId, createdAt: since } = keyring;
  if (stage === "on") return { kind: "on", keyId, since };
  return { kind: "unfinished", command: stage.startsWith("encrypting") ? "encrypt" : "decrypt", keyId };
}

/** @throws TytoError when the key opens not every key of the directory. */
export async function checkKey(dataDirectory: string, master: MasterKey): Promise<void> {
  unlockKeyring(await keyringOf(dataDirectory), master);
}

/**
 * Puts the directory's keys under another master key. Data is not written again, and a server that runs runs on: it has its keys. The old
 * master key opens backups and archives that were made before, and nothing else.
 */
export async function rotateKey(
  dataDirectory: string,
  keys: { readonly from: MasterKey; readonly to: MasterKey },
  random: (size: number) => Uint8Array,
): Promise<void> {
  const rewrapped = rewrapKeyring(await keyringOf(dataDirectory), keys, random);
  // Before the old form is replaced: what cannot be opened again must not take its place.
  unlockKeyring(rewrapped, keys.to);
  await replaceKeyring(dataDirectory, rewrapped);
}

async function keyringOf(dataDirectory: string): Promise<Keyring> {
  const keyring = await readKeyring(dataDirectory);
  if (keyring !== undefined) return keyring;
  throw new TytoError("conflict", `${dataDirectory} is not encrypted`, {
    hint: "Switch the encryption on with `tyto encrypt`; a new directory is encrypted when `tyto serve` is given a key.",
  });
}
