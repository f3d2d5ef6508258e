import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import { systemCode, writeFileDurably } from "../journal/durable-file.ts";
import { parseSecretKey, SecretBox } from "./secret-box.ts";

/** In the data directory, for its owner alone. Who copies the directory without it copies no secret. */
export const SECRET_KEY_FILE = "secret.key";

export interface SecretKeyPlace {
  readonly dataDirectory: string;
  /** From `TYTO_SECRET_KEY`. */
  readonly key: string | undefined;
  /** From `--secret-key-file`. */
  readonly keyFile: string | undefined;
  /** Of an installation that is encrypted: its secrets are under the one encryption key as well. */
  readonly sealedKey?: Uint8Array | undefined;
}

/**
 * With the key that is given, else the one in the data directory, which is made at the first start.
 * @throws TytoError `config-invalid`, `data-directory-unusable`.
 */
export async function openSecretBox(
  place: SecretKeyPlace,
  random: (size: number) => Uint8Array,
): Promise<SecretBox> {
  return new SecretBox({ key: await keyOf(place, random), random });
}

async function keyOf(place: SecretKeyPlace, random: (size: number) => Uint8Array): Promise<Uint8Array> {
  const { sealedKey } = place;
  if (sealedKey !== undefined) {
    const given = await givenKey(place);
    if (given === undefined || Buffer.from(given).equals(sealedKey)) return sealedKey;
    throw new TytoError(
      "config-invalid",
      "the secret key is not the one that the encrypted installation has",
      {
        hint: "Leave --secret-key-file and TYTO_SECRET_KEY away: secrets are under the encryption key.",
      },
    );
  }
  const known = (await givenKey(place)) ?? (await keptKey(place.dataDirectory));
  return known ?? makeKey(place.dataDirectory, random);
}

/** The key of the secrets, if there is any yet. */
export async function existingSecretKey(place: SecretKeyPlace): Promise<Uint8Array | undefined> {
  return (await givenKey(place)) ?? (await keptKey(place.dataDirectory));
}

async function keptKey(dataDirectory: string): Promise<Uint8Array | undefined> {
  const path = join(dataDirectory, SECRET_KEY_FILE);
  const text = await textOf(path);
  return text === undefined ? undefined : parsed(text, path);
}

async function givenKey({ key, keyFile }: SecretKeyPlace): Promise<Uint8Array | undefined> {
  if (key !== undefined) return parsed(key, "TYTO_SECRET_KEY");
  if (keyFile === undefined) return undefined;
  const text = await textOf(keyFile);
  if (text !== undefined) return parsed(text, keyFile);
  throw new TytoError("config-invalid", `there is no secret key at ${keyFile}`, { hint: MAKE_ONE });
}

async function makeKey(dataDirectory: string, random: (size: number) => Uint8Array): Promise<Uint8Array> {
  const path = join(dataDirectory, SECRET_KEY_FILE);
  const made = random(32);
  try {
    await writeFileDurably(path, `${Buffer.from(made).toString("hex")}\n`);
  } catch (cause) {
    throw new TytoError("data-directory-unusable", `${path} cannot be written`, { cause });
  }
  return made;
}

const MAKE_ONE = "Make one with `openssl rand -hex 32`, readable by Tyto's user alone.";

function parsed(text: string, where: string): Uint8Array {
  const key = parseSecretKey(text);
  if (key !== undefined) return key;
  throw new TytoError("config-invalid", `${where} holds no key of 256 bits`, { hint: MAKE_ONE });
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw new TytoError("config-invalid", `${path} cannot be read`, {
      cause,
      hint: "Give Tyto's user the right to read it.",
    });
  }
}
