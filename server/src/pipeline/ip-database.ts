import { readFile, stat } from "node:fs/promises";
import { isIP } from "node:net";
import { Reader } from "mmdb-lib";
import type { AsnResponse, CityResponse } from "mmdb-lib";
import { TytoError } from "@tyto/domain";
import { BoundedCache } from "./enrichers/bounded-cache.ts";

/** What stands before a file's description of itself, within its last 128 KiB. */
const MARKER = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");
const DESCRIPTION_BYTES = 128 * 1024;
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
const CACHED_ADDRESSES = 20_000;
const LONGEST_ADDRESS = 45;

type Cache = BoundedCache<{ readonly found: unknown }>;

/**
 * A database of addresses in MaxMind's format, read into memory whole. It can be read again while it is in use: a look-up sees either
 * the old or the new one.
 */
export class IpDatabase {
  readonly path: string;
  #cache: Cache;

  private constructor(path: string, cache: Cache) {
    this.path = path;
    this.#cache = cache;
  }

  /** @throws TytoError `config-invalid` when the file cannot be read or is no such database. */
  static async open(path: string): Promise<IpDatabase> {
    return new IpDatabase(path, await readDatabase(path));
  }

  /** @throws TytoError `config-invalid`, and then what was read before stays. */
  async reload(): Promise<void> {
    this.#cache = await readDatabase(this.path);
  }

  /** The record of the network that holds the address; `undefined` where there is none. */
  lookup(ip: string): unknown {
    return this.#cache.get(ip).found;
  }
}

async function readDatabase(path: string): Promise<Cache> {
  const reader = openReader(path, await readBytes(path));
  return new BoundedCache((ip) => ({ found: find(reader, ip) }), {
    size: CACHED_ADDRESSES,
    longestText: LONGEST_ADDRESS,
  });
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_FILE_BYTES) return await readFile(path);
  } catch (cause) {
    throw new TytoError("config-invalid", `The address database ${path} cannot be read`, {
      cause,
      hint: "Name a file in MaxMind's format (.mmdb) that this user may read, or leave the option out.",
    });
  }
  throw new TytoError(
    "config-invalid",
    `The address database ${path} is larger than ${MAX_FILE_BYTES} bytes`,
  );
}

function openReader(path: string, bytes: Buffer): Reader<Response> {
  try {
    const description = bytes.subarray(-DESCRIPTION_BYTES);
    if (description.lastIndexOf(MARKER) < 0) throw new Error("there is no description at its end");
    const reader = new Reader<Response>(bytes);
    // A look-up in a file that was cut finds out now what it would at the first event.
    reader.get("192.0.2.1");
    return reader;
  } catch (cause) {
    throw new TytoError("config-invalid", `${path} is no address database in MaxMind's format`, {
      cause,
      hint: "Files for it end in .mmdb; one that was packed (.tar.gz) must be unpacked, one that was cut short fetched again.",
    });
  }
}

/** What the usual files hold. Others are read too, so nobody may rely on it. */
type Response = AsnResponse | CityResponse;

function find(reader: Reader<Response>, ip: string): unknown {
  if (isIP(ip) === 0) return undefined;
  try {
    return reader.get(ip) ?? undefined;
  } catch {
    // A damaged part of the file costs what it would have said, not the event. Only the first look-up of an address gets here.
    return undefined;
  }
}
