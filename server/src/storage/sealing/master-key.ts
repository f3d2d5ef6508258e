import { createHash } from "node:crypto";
import { TytoError } from "@tyto/domain";
import { parseSecretKey } from "../secrets/secret-box.ts";

const ID_CHARACTERS = 8;

/** The one key that an operator keeps. It encrypts no data, only the keys that do. */
export interface MasterKey {
  /** 256 bits. */
  readonly bytes: Uint8Array;
  /** Tells keys apart without telling them: eight hexadecimal digits of a hash. */
  readonly id: string;
}

export const MAKE_A_KEY =
  "Make one with `tyto key make FILE` (or `openssl rand -hex 32`), readable by Tyto's user alone.";

/**
 * @param where names the place for people, never the key
 * @throws TytoError `config-invalid`
 */
export function parseMasterKey(text: string, where: string): MasterKey {
  const bytes = parseSecretKey(text);
  if (bytes === undefined)
    throw new TytoError("config-invalid", `${where} holds no key of 256 bits`, { hint: MAKE_A_KEY });
  const id = createHash("sha256")
    .update("tyto master key")
    .update(bytes)
    .digest("hex")
    .slice(0, ID_CHARACTERS);
  return { bytes, id };
}
