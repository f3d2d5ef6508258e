import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ERROR_CATALOGUE, originId, TytoError } from "@tyto/domain";
import type {
  ArchiveDayList,
  ArchiveRestore,
  BackupBody,
  ErrorCode,
  Retention,
  RetentionBody,
  RetentionRun,
} from "@tyto/domain";
import type { Config } from "../config/index.ts";
import { createTelemetry } from "../telemetry/index.ts";
import { openStoredParts } from "../main/stored-parts.ts";
import type { World } from "../main/world.ts";
import { openStoreKeys, preflight, Upkeep } from "../storage/index.ts";
import { isServerAt, serverUrl, tokenFor } from "./client.ts";

export interface Download {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Of the files in it, when that is known. */
  readonly bytes?: number;
  /** Ends it however far it was read: an answer that nobody reads keeps its connection, and this process with it. */
  readonly discard: () => Promise<void> | void;
}

/** A running server, or a data directory of one that is stopped. */
export interface UpkeepTarget {
  backup(body: BackupBody): Promise<Download>;
  archiveDays(): Promise<ArchiveDayList>;
  archive(day: string): Promise<Download>;
  restoreArchive(
    body: AsyncIterable<Uint8Array>,
    request: { readonly day: string; readonly holdDays: number },
  ): Promise<ArchiveRestore>;
  retention(): Promise<Retention>;
  changeRetention(change: RetentionBody): Promise<Retention>;
  runRetention(isDryRun: boolean): Promise<RetentionRun>;
  close(): Promise<void>;
}

/** A server that runs does it; without one the data directory is opened, and nothing else can open it meanwhile. */
export async function openUpkeepTarget(
  config: Config,
  options: {
    readonly world: World;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly url?: string;
    readonly token?: string;
  },
): Promise<UpkeepTarget> {
  const url = serverUrl(config, options.url);
  if (options.url !== undefined || (await isServerAt(url)))
    return serverTarget(url, tokenFor({ config, ...options }));
  return directoryTarget(config, options.world);
}

const ACTOR = "tyto command";

async function directoryTarget(config: Config, world: World): Promise<UpkeepTarget> {
  const { dataDirectory } = config;
  if ((await stat(join(dataDirectory, "journal")).catch(() => undefined)) === undefined) {
    throw new TytoError("not-found", `${dataDirectory} is no data directory, and no server runs`, {
      hint: "Name the directory with --data, or a running server with --url.",
    });
  }
  await refuseUpgrade(config, world);
  const telemetry = createTelemetry({ stream: world.log, level: "warn", now: world.now });
  const stored = await openStoredParts(config, world, telemetry.log);
  const upkeep = new Upkeep({
    ...stored,
    dataDirectory,
    ownPacks: config.packDirectories.slice(1),
    version: world.version,
    randomBytes: world.randomBytes,
    now: world.now,
  });
  return {
    backup: (body) => upkeep.backup(body, ACTOR),
    archiveDays: () => upkeep.archiveDays(),
    archive: (day) => upkeep.archive(day, ACTOR),
    restoreArchive: (body, request) => upkeep.restoreArchive(body, { ...request, actor: ACTOR }),
    retention: () => upkeep.retention(),
    changeRetention: (change) => upkeep.changeRetention(change, ACTOR),
    runRetention: (isDryRun) => upkeep.runRetention({ kind: "person", name: ACTOR }, isDryRun),
    close: () => stored.close(),
  };
}

/** Opening the stores would bring them up to date, and the backup that should come before that would come after it. */
async function refuseUpgrade({ dataDirectory, encryptionKey }: Config, world: World): Promise<void> {
  const source = encryptionKey;
  const keys = await openStoreKeys({ dataDirectory, source, programPath: world.programPath });
  const { steps } = await preflight(dataDirectory, keys);
  if (steps.length === 0) return;
  throw new TytoError(
    "conflict",
    `${dataDirectory} was written by an older Tyto: this command would upgrade it`,
    {
      hint: "Use the version that wrote it, or start the server once (`tyto doctor` says what that will do).",
    },
  );
}

function serverTarget(url: string, token: string | undefined): UpkeepTarget {
  const ask = (method: string, path: string, body?: unknown): Promise<IncomingMessage> =>
    exchange(url, token, { method, path, ...(body === undefined ? {} : { body }) });
  // The server answers by its own contract.
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    JSON.parse(await textOf(await ask(method, path, body))) as T;
  return {
    backup: async (body) => {
      const reply = await ask("POST", "/api/v1/backup", body);
      return { ...downloadOf(reply), bytes: Number(reply.headers["x-tyto-bytes"]) };
    },
    archiveDays: () => json("GET", "/api/v1/archive/days"),
    archive: async (day) => downloadOf(await ask("GET", `/api/v1/archive/${encodeURIComponent(day)}`)),
    restoreArchive: async (body, { day, holdDays }) => {
      const path = `/api/v1/archive/restore?day=${encodeURIComponent(day)}&hold=${holdDays}`;
      return JSON.parse(
        await textOf(await exchange(url, token, { method: "POST", path, upload: body })),
      ) as ArchiveRestore;
    },
    retention: () => json("GET", "/api/v1/retention"),
    changeRetention: (change) => json("PUT", "/api/v1/retention", change),
    runRetention: (isDryRun) => json("POST", "/api/v1/retention/run", { dryRun: isDryRun }),
    close: () => Promise.resolve(),
  };
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly upload?: AsyncIterable<Uint8Array>;
}

/** Node's own client: `fetch` gives up after five minutes without a byte, and a census of a large store takes longer. */
async function exchange(url: string, token: string | undefined, what: Exchange): Promise<IncomingMessage> {
  const target = new URL(`${url}${what.path}`);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(what.body === undefined ? {} : { "content-type": "application/json" }),
    ...(what.upload === undefined ? {} : { "content-type": "application/x-tar" }),
  };
  const start = target.protocol === "https:" ? requestHttps : requestHttp;
  const request = start(target, { method: what.method, headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", (cause) =>
      reject(
        new TytoError("engine-unavailable", `No server answers at ${url}`, {
          cause,
          hint: "Start one with `npx tyto serve`, or name it with --url.",
        }),
      ),
    );
  });
  // Awaited below; an upload that fails first must not leave it without a listener.
  answer.catch(() => undefined);
  await send(request, what);
  const reply = await answer;
  if (reply.statusCode === 200) return reply;
  throw errorOf(reply.statusCode ?? 500, await textOf(reply));
}

async function send(request: ClientRequest, { body, upload }: Exchange): Promise<void> {
  if (upload === undefined) {
    request.end(body === undefined ? undefined : JSON.stringify(body));
    return;
  }
  try {
    await pipeline(Readable.from(upload, { objectMode: false }), request);
  } catch (error) {
    // What cannot be read is the reason; a server that hangs up says its own in the answer.
    if (error instanceof TytoError) throw error;
  }
}

function downloadOf(reply: IncomingMessage): Download {
  return { stream: whole(reply), discard: () => void reply.destroy() };
}

/** An answer that ends before its end is an error of the server's, told as one. */
async function* whole(reply: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* reply as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new TytoError("store-failed", "the server ended the transfer before it was complete", {
      cause,
      hint: "Its log says why. What had come was discarded; run the command again.",
    });
  }
}

async function textOf(reply: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of reply as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

function errorOf(status: number, text: string): TytoError {
  let error: { readonly code?: string; readonly message?: string; readonly hint?: string } = {};
  try {
    ({ error } = JSON.parse(text) as { readonly error: typeof error });
  } catch {
    // Not ours: a proxy's page, say. The status is all there is.
  }
  const { code = "", message = `HTTP status ${status}` } = error;
  const hint = error.hint ?? (status === 401 ? "Give an admin token with --token or TYTO_TOKEN." : undefined);
  return new TytoError(isCode(code) ? code : "internal", message, hint === undefined ? {} : { hint });
}

function isCode(text: string): text is ErrorCode {
  return text in ERROR_CATALOGUE;
}

export const newOrigin = () => originId(randomBytes(8).toString("hex"));
