import { randomBytes } from "node:crypto";
import { micros, TytoError } from "@tyto/domain";
import { makeKeyring, unlockKeyring } from "./keyring.ts";
import { parseMasterKey } from "./master-key.ts";
import type { MasterKey } from "./master-key.ts";
import type { StoreKeys } from "./store-keys.ts";

/** What an installation without encryption hands to backups and archives. */
export const PLAIN = {
  keys: undefined,
  randomBytes: (size: number): Uint8Array => randomBytes(size),
  unlock: (): Promise<StoreKeys> => Promise.reject(new TytoError("config-invalid", "no key")),
} as const;

export function testMaster(digit = "5"): MasterKey {
  return parseMasterKey(digit.repeat(64), "the test's key");
}

/** Keys of an installation of its own. */
export function testKeys(master: MasterKey = testMaster()): StoreKeys {
  const keyring = makeKeyring({ master, stage: "on", random: randomBytes, now: micros(0) });
  return unlockKeyring(keyring, master);
}
