import { TytoError } from "@tyto/domain";
import type { ErrorBody, IngestReply, Micros, RawBatch, RecordSink } from "@tyto/domain";
import { Counter } from "../counts.ts";
import type { InputCounts } from "../counts.ts";
import { fileOrigin, idempotencyOrigin } from "../origin.ts";
import type { SourceKey, SourceResolver } from "../ports.ts";
import { alike } from "../records/alike.ts";
import { IngestMemory, readBody } from "./body.ts";
import type { Body, BodyLimits } from "./body.ts";
import {
  COLUMNS_HEADER,
  decodeRecordFrames,
  FILE_HEADER,
  OBJECT_HEADER,
  RECORD_FRAMES_TYPE,
} from "./record-frames.ts";
import type { SenderToken } from "./shipper.ts";
import { splitBody } from "./split-body.ts";

export type IngestLimits = BodyLimits;

export const DEFAULT_INGEST_LIMITS: IngestLimits = {
  maxCompressedBytes: 10 * 1024 * 1024,
  maxInflatedBytes: 100 * 1024 * 1024,
  maxRatio: 200,
  maxBytesInFlight: 256 * 1024 * 1024,
  maxRecordBytes: 1024 * 1024,
  maxRecords: 500_000,
};

export interface IngestHandlerOptions {
  readonly sink: RecordSink;
  readonly sources: SourceResolver;
  readonly now: () => Micros;
  /** Whether `?source=NAME` names a pack (or a pack's dataset). */
  readonly knownPack: (name: string) => boolean;
  readonly limits?: Partial<BodyLimits>;
  /** Shared with the shippers' protocols; its own when absent. */
  readonly memory?: IngestMemory;
}

/** A request as any web framework has it; header names in lower case. */
export interface IngestRequest {
  readonly body: AsyncIterable<Uint8Array>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: { readonly source?: string };
  /** Who is sending, already authenticated; null where sending needs no token. */
  readonly token: SenderToken | null;
  readonly peer?: string;
}

export interface IngestResponse {
  readonly status: number;
  readonly body: IngestReply | ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

export interface IngestHandler {
  /** Never rejects for anything that the sender or a busy journal did; 2xx only when every accepted record is durable. */
  handle(request: IngestRequest): Promise<IngestResponse>;
  counts(): Readonly<InputCounts>;
}

const SOURCE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._:@/()+-]{0,127}$/u;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export function createIngestHandler(options: IngestHandlerOptions): IngestHandler {
  const limits = { ...DEFAULT_INGEST_LIMITS, ...options.limits };
  const memory = options.memory ?? new IngestMemory(limits.maxBytesInFlight);
  const counter = new Counter();

  async function take(request: IngestRequest): Promise<IngestReply> {
    const sender = describeSender(request, options.knownPack);
    const body = await readBody(request.body, header(request, "content-encoding"), limits, memory);
    try {
      const isFramed = mediaType(request) === RECORD_FRAMES_TYPE;
      return isFramed ? await takeFrames(request, sender, body) : await takeText(request, sender, body);
    } finally {
      body.release();
    }
  }

  async function takeText(request: IngestRequest, sender: Sender, body: Body): Promise<IngestReply> {
    const isText = mediaType(request) === "text/plain";
    const { records, rejected } = splitBody(body.bytes, { ...body.limits, isText });
    const key = header(request, "idempotency-key");
    if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
      throw new TytoError("bad-request", "Idempotency-Key is not 1 to 255 printable characters");
    }
    const source = await options.sources.resolve(sender.key);
    const placed = records.map((record, ordinal) => ({ ...record, ordinal }));
    for (const { header: columns, records: group } of alike(placed)) {
      const identity: RawBatch["identity"] =
        key === undefined
          ? { kind: "journal" }
          : {
              kind: "object",
              origin: idempotencyOrigin(source, key),
              ordinals: group.map(({ ordinal }) => ordinal),
            };
      await append(request, {
        ...sender.batch,
        source,
        receivedAt: options.now(),
        identity,
        records: group.map(({ bytes: record }) => record),
        ...(columns === undefined ? {} : { header: columns }),
      });
    }
    return { accepted: records.length, rejected };
  }

  async function takeFrames(request: IngestRequest, sender: Sender, body: Body): Promise<IngestReply> {
    const object = header(request, OBJECT_HEADER);
    if (object === undefined || !/^[0-9a-f]{64}$/.test(object)) {
      throw new TytoError("bad-request", `${OBJECT_HEADER} is not a SHA-256 in hexadecimal`);
    }
    const frames = decodeRecordFrames(body.bytes, body.limits);
    const origin = fileOrigin(object);
    const columns = decodeColumns(header(request, COLUMNS_HEADER));
    const source = await options.sources.resolve(sender.key);
    for (const { fault, records: group } of alike(frames)) {
      await append(request, {
        ...sender.batch,
        source,
        receivedAt: options.now(),
        identity: { kind: "object", origin, ordinals: group.map((frame) => frame.ordinal) },
        records: group.map((frame) => frame.bytes),
        ...(fault === undefined ? {} : { fault }),
        ...(columns === undefined ? {} : { header: columns }),
      });
    }
    return { accepted: frames.length, rejected: [] };
  }

  async function append({ token }: IngestRequest, batch: RawBatch): Promise<void> {
    await options.sink.append(batch);
    token?.charge?.(
      batch.records.length,
      batch.records.reduce((sum, { length }) => sum + length, 0),
    );
    counter.accepted(batch.records, batch.fault);
  }

  return {
    async handle(request) {
      try {
        return { status: 200, body: await take(request), headers: {} };
      } catch (error) {
        if (!(error instanceof TytoError)) throw error;
        return refusal(error);
      }
    },
    counts: () => counter.totals(),
  };
}

interface Sender {
  readonly key: SourceKey;
  readonly batch: { readonly pack?: string; readonly peer?: string };
}

function describeSender(request: IngestRequest, knownPack: (name: string) => boolean): Sender {
  const asked = request.query.source;
  if (asked !== undefined && !SOURCE_NAME.test(asked)) {
    throw new TytoError("bad-request", "the source's name is not 1 to 128 letters, digits and ._:@/()+-", {
      hint: "use ?source=NAME with a pack's name or a name of your own",
    });
  }
  const { token } = request;
  const pack = token?.pack ?? asked;
  const batch = {
    ...(pack !== undefined && knownPack(pack) ? { pack } : {}),
    ...(request.peer === undefined ? {} : { peer: request.peer }),
  };
  const file = header(request, FILE_HEADER);
  if (token?.source === undefined && file !== undefined && mediaType(request) === RECORD_FRAMES_TYPE) {
    return { key: fileSourceKey(decodeFileName(file)), batch };
  }
  const name = token?.source ?? asked ?? token?.name ?? "http";
  return { key: { input: "http", discriminator: `${token?.id ?? ""} ${name}`, name }, batch };
}

/** Files are told apart by name alone, so that importing one again, from anywhere, is the same source. */
export function fileSourceKey(name: string): SourceKey {
  return { input: "file", discriminator: name, name };
}

function decodeFileName(value: string): string {
  try {
    const name = decodeURIComponent(value);
    if (name.length > 0 && name.length <= 255) return name;
  } catch {
    // Answered below, like any other name that is none.
  }
  throw new TytoError("bad-request", `${FILE_HEADER} is not a percent-encoded file name`);
}

const MAX_COLUMNS_CHARACTERS = 65_536;

function decodeColumns(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    if (value.length <= MAX_COLUMNS_CHARACTERS) return decodeURIComponent(value);
  } catch {
    // Answered below.
  }
  throw new TytoError("bad-request", `${COLUMNS_HEADER} is not a percent-encoded header of columns`);
}

function refusal(error: TytoError): IngestResponse {
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return {
    status: error.status,
    body: { error: { code: error.code, message: error.message, ...hint } },
    headers: {
      ...(error.isRetryable ? { "retry-after": String(error.retryAfterSeconds) } : {}),
      // The rest of such a body is not read, so the connection cannot be used again.
      ...(error.code === "too-large" ? { connection: "close" } : {}),
    },
  };
}

function header(request: IngestRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.[0];
}

function mediaType(request: IngestRequest): string {
  return (header(request, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
