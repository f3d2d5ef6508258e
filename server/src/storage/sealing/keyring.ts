import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { formatMicros } from "@tyto/domain";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { syncDirectory, systemCode, writeFileDurably } from "../journal/durable-file.ts";
import type { MasterKey } from "./master-key.ts";
import { KEY_BYTES, unwrapKey, wrapKey } from "./wrapped-key.ts";
import { StoreKeys } from "./store-keys.ts";

/** Of a data directory that is encrypted, or on the way there or back. Its keys are wrapped: it may be copied anywhere. */
export const KEYRING_FILE = "keyring.json";

const FORMAT = 1;
const KeyringSchema = Type.Object({
  format: Type.Integer({ minimum: 1 }),
  /** Random; what is wrapped is bound to it. */
  id: Type.String({ pattern: "^[0-9a-f]{32}$" }),
  createdAt: Type.String(),
  stage: Type.Union([
    Type.Literal("encrypting"),
    Type.Literal("encrypting-clearing"),
    Type.Literal("on"),
    Type.Literal("decrypting"),
    Type.Literal("decrypting-clearing"),
  ]),
  /** Which master key opens it. */
  masterKey: Type.String({ pattern: "^[0-9a-f]{8}$" }),
  dataKey: Type.String({ maxLength: 200 }),
  /** The key of secrets from before the encryption was switched on. */
  secretsKey: Type.Optional(Type.String({ maxLength: 200 })),
});
export type Keyring = Type.Static<typeof KeyringSchema>;

/**
 * How far a conversion is. `encrypting` and `decrypting`: copies are being made, the old form is whole. `…-clearing`: the new form is
 * whole, the old one is being deleted. The server runs in `on` only.
 */
export type Stage = Keyring["stage"];

const isKeyring = Compile(KeyringSchema);
const MAX_BYTES = 16 * 1024;

const DATA_PLACE = "data key";
const SECRETS_PLACE = "secrets key";

/** @returns `undefined` for a data directory that is not encrypted. @throws TytoError `data-directory-unusable` for one that is damaged. */
export async function readKeyring(dataDirectory: string): Promise<Keyring | undefined> {
  const path = join(dataDirectory, KEYRING_FILE);
  try {
    return parseKeyring(await readFile(path, "utf8"), path);
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    if (cause instanceof TytoError) throw cause;
    throw new TytoError("data-directory-unusable", `${path} cannot be read`, { cause });
  }
}

/** @param where names the place for people */
export function parseKeyring(text: string, where: string): Keyring {
  let value: unknown;
  try {
    value = text.length > MAX_BYTES ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isKeyring.Check(value)) {
    throw new TytoError("data-directory-unusable", `${where} is damaged`, {
      hint: "Without it nothing can be decrypted. Put back the copy of keyring.json from the newest backup; nothing was changed.",
    });
  }
  if (value.format > FORMAT) {
    throw new TytoError("data-directory-unusable", `${where} was written by a newer Tyto`, {
      hint: "Start that version again. Nothing was changed.",
    });
  }
  return value;
}

export function keyringText(keyring: Keyring): string {
  return `${JSON.stringify(keyring, undefined, 1)}\n`;
}

export interface NewKeyring {
  readonly master: MasterKey;
  readonly stage: Stage;
  readonly random: (size: number) => Uint8Array;
  readonly now: Micros;
  readonly secretsKey?: Uint8Array;
}

export function makeKeyring({ master, stage, random, now, secretsKey }: NewKeyring): Keyring {
  const id = Buffer.from(random(16)).toString("hex");
  return {
    format: FORMAT,
    id,
    createdAt: formatMicros(now),
    stage,
    ...wrappedKeys({ id, dataKey: random(KEY_BYTES), secretsKey }, master, random),
  };
}

/** The same keys under another master key: nothing that they encrypt has to be written again. */
export function rewrapKeyring(
  keyring: Keyring,
  keys: { readonly from: MasterKey; readonly to: MasterKey },
  random: (size: number) => Uint8Array,
): Keyring {
  const { dataKey, secretsKey } = openedKeys(keyring, keys.from);
  return { ...keyring, ...wrappedKeys({ id: keyring.id, dataKey, secretsKey }, keys.to, random) };
}

/** @throws TytoError `config-invalid` when the master key is another one. */
export function unlockKeyring(keyring: Keyring, master: MasterKey): StoreKeys {
  const keys = openedKeys(keyring, master);
  return new StoreKeys({ ...keys, keyring: keyringText(keyring) });
}

interface OpenedKeys {
  readonly dataKey: Uint8Array;
  readonly secretsKey: Uint8Array | undefined;
}

function openedKeys(keyring: Keyring, master: MasterKey): OpenedKeys {
  const opened = (wrapped: string, name: string): Buffer => {
    const key = unwrapKey(wrapped, { master, place: placeOf(keyring.id, name) });
    if (key !== undefined) return key;
    throw keyring.masterKey === master.id ? keyringChanged() : wrongKey(keyring, master);
  };
  return {
    dataKey: opened(keyring.dataKey, DATA_PLACE),
    secretsKey: keyring.secretsKey === undefined ? undefined : opened(keyring.secretsKey, SECRETS_PLACE),
  };
}

function wrappedKeys(
  { id, dataKey, secretsKey }: OpenedKeys & { readonly id: string },
  master: MasterKey,
  random: (size: number) => Uint8Array,
): Pick<Keyring, "masterKey" | "dataKey" | "secretsKey"> {
  const wrapped = (key: Uint8Array, name: string): string =>
    wrapKey(key, { master, place: placeOf(id, name) }, random);
  return {
    masterKey: master.id,
    dataKey: wrapped(dataKey, DATA_PLACE),
    ...(secretsKey === undefined ? {} : { secretsKey: wrapped(secretsKey, SECRETS_PLACE) }),
  };
}

const placeOf = (id: string, name: string): string => `${id} ${name}`;

/** Of a data directory that has none yet. Of two processes that try, the first wins. @returns the one that stands */
export async function createKeyring(dataDirectory: string, keyring: Keyring): Promise<Keyring> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const path = join(dataDirectory, KEYRING_FILE);
  const draft = `${path}.${keyring.id}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(keyringText(keyring));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, path);
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") throw cause;
  } finally {
    await rm(draft, { force: true });
  }
  await syncDirectory(dirname(path));
  return (await readKeyring(dataDirectory)) ?? keyring;
}

/** Whole or not at all. */
export async function replaceKeyring(dataDirectory: string, keyring: Keyring): Promise<void> {
  await writeFileDurably(join(dataDirectory, KEYRING_FILE), keyringText(keyring));
}

export async function removeKeyring(dataDirectory: string): Promise<void> {
  await rm(join(dataDirectory, KEYRING_FILE), { force: true });
  await syncDirectory(dataDirectory);
}

function wrongKey({ masterKey }: Keyring, { id }: MasterKey): TytoError {
  return new TytoError(
    "config-invalid",
    `the encryption key is another one: ${masterKey} is needed, ${id} was given`,
    {
      hint: "Give the key that the data was encrypted with, or that it was last rotated to. Nothing was changed.",
    },
  );
}

function keyringChanged(): TytoError {
  return new TytoError("data-directory-unusable", `${KEYRING_FILE} was changed or damaged`, {
    hint: "Put back the copy of it from the newest backup; nothing was changed.",
  });
}
