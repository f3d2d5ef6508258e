import { setTimeout as delay } from "node:timers/promises";
import { TytoError } from "@tyto/domain";
import type { InputFault, Micros, RecordSink } from "@tyto/domain";
import { isRetryable } from "../delivery.ts";
import { fileSourceKey } from "../http/ingest-handler.ts";
import {
  COLUMNS_HEADER,
  encodeRecordFrames,
  FILE_HEADER,
  OBJECT_HEADER,
  RECORD_FRAMES_TYPE,
} from "../http/record-frames.ts";
import { fileOrigin } from "../origin.ts";
import type { SourceResolver } from "../ports.ts";
import type { SplitRecord } from "../records/splitter.ts";

/** Records of one file; `offset` is their ordinal. */
export interface ImportBatch {
  readonly file: string;
  /** Of the file's content, hexadecimal. */
  readonly sha256: string;
  readonly pack?: string;
  readonly fault?: InputFault;
  /** Lines that name the columns of these records. */
  readonly header?: string;
  readonly records: readonly SplitRecord[];
}

/** Where imported records go. Both ways give the same records the same ids, so that a second import adds nothing. */
export interface ImportTarget {
  /** Resolves when the records are durable. @throws TytoError */
  send(batch: ImportBatch, signal?: AbortSignal): Promise<void>;
}

/** Straight into a data directory that no server holds. */
export function sinkTarget(options: {
  readonly sink: RecordSink;
  readonly sources: SourceResolver;
  readonly now: () => Micros;
}): ImportTarget {
  return {
    async send(batch, signal) {
      const source = await options.sources.resolve(fileSourceKey(batch.file));
      await withRetries(signal, () =>
        options.sink.append({
          source,
          receivedAt: options.now(),
          identity: {
            kind: "object",
            origin: fileOrigin(batch.sha256),
            ordinals: batch.records.map((record) => record.offset),
          },
          ...(batch.pack === undefined ? {} : { pack: batch.pack }),
          ...(batch.fault === undefined ? {} : { fault: batch.fault }),
          ...(batch.header === undefined ? {} : { header: batch.header }),
          records: batch.records.map((record) => record.bytes),
        }),
      );
    },
  };
}

/** Into a running server. */
export function httpTarget(options: {
  /** Of the server: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
}): ImportTarget {
  let isKnown = false;
  return {
    async send(batch, signal) {
      const url = new URL("/api/v1/ingest", options.url);
      if (batch.pack !== undefined) url.searchParams.set("source", batch.pack);
      const fault = batch.fault === undefined ? {} : { fault: batch.fault };
      const body = encodeRecordFrames(
        batch.records.map(({ offset, bytes }) => ({ ordinal: offset, bytes, ...fault })),
      );
      const headers = {
        "content-type": RECORD_FRAMES_TYPE,
        [OBJECT_HEADER]: batch.sha256,
        [FILE_HEADER]: encodeURIComponent(batch.file),
        ...(batch.header === undefined ? {} : { [COLUMNS_HEADER]: encodeURIComponent(batch.header) }),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      };
      await withRetries(signal, async () => {
        const init = { method: "POST", headers, body, ...(signal === undefined ? {} : { signal }) };
        const response = await reached(() => options.fetch(url, init), url, isKnown);
        isKnown = true;
        await accepted(response);
      });
    },
  };
}

/** @param isKnown whether it answered before: then it may only be restarting, and waiting helps. */
async function reached(call: () => Promise<Response>, url: URL, isKnown: boolean): Promise<Response> {
  try {
    return await call();
  } catch (error) {
    throw new TytoError(isKnown ? "engine-unavailable" : "not-found", `no Tyto answers at ${url.origin}`, {
      cause: error,
      hint: "start it with `tyto serve`, or name it with --url",
    });
  }
}

async function accepted(response: Response): Promise<void> {
  const text = await response.text();
  if (response.ok) return;
  const isBusy = response.status === 503 || response.status === 429;
  const code = isBusy
    ? "back-pressure"
    : response.status === 401
      ? "unauthenticated"
      : response.status === 403
        ? "forbidden"
        : "bad-request";
  throw new TytoError(code, `the server refused the records (${response.status}): ${messageOf(text)}`, {
    ...(response.status === 401 ? { hint: "name a token with --token" } : {}),
  });
}

function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    if (typeof body.error?.message === "string") return body.error.message;
  } catch {
    // Something else than Tyto answered: its own words are the best there are.
  }
  return text.slice(0, 200);
}

const ATTEMPTS = 8;
const FIRST_WAIT_MS = 200;

/** About 50 seconds in all. */
async function withRetries(signal: AbortSignal | undefined, attempt: () => Promise<unknown>): Promise<void> {
  for (let tried = 1, waitMs = FIRST_WAIT_MS; ; tried += 1, waitMs *= 2) {
    try {
      await attempt();
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRetryable(error) || tried === ATTEMPTS) throw error;
    }
    await delay(waitMs, undefined, signal === undefined ? {} : { signal });
  }
}
