import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Diagnostic } from "@tyto/domain";
import { BrokenGzip, GzipBomb } from "../gunzip.ts";
import { EvtxSplitter } from "../records/evtx-splitter.ts";
import { alike } from "../records/alike.ts";
import { SniffingSplitter } from "../records/sniffing-splitter.ts";
import type { RecordSplitter, SplitRecord } from "../records/splitter.ts";
import { fileEncoding, fileText } from "./file-stream.ts";
import type { FileEncoding } from "./file-stream.ts";
import type { ImportTarget } from "./import-target.ts";

export interface ImportLimits {
  readonly maxRecordBytes: number;
  readonly maxInflatedBytes: number;
  /** gzip cannot exceed about 1,030: a file that a person names may be that repetitive. */
  readonly maxRatio: number;
  readonly batchRecords: number;
  readonly batchBytes: number;
}

export const DEFAULT_IMPORT_LIMITS: ImportLimits = {
  maxRecordBytes: 1024 * 1024,
  maxInflatedBytes: 2 ** 38,
  maxRatio: 2_000,
  batchRecords: 5_000,
  batchBytes: 4 * 1024 * 1024,
};

export interface ImportProgress {
  readonly file: string;
  /** `identifying` hashes the content, so that importing it again adds nothing; `sending` hands on its records. */
  readonly phase: "identifying" | "sending";
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly records: number;
}

export interface ImportOptions {
  readonly target: ImportTarget;
  /** Fixed pack of all records; recognition decides when absent. */
  readonly pack?: string;
  readonly limits?: Partial<ImportLimits>;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportOutcome {
  readonly file: string;
  /** Handed to the target and durable there. */
  readonly records: number;
  /** Of those: records that arrive with a fault and are quarantined. */
  readonly faulty: number;
  readonly bytes: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a pass over the file's text came to. */
interface Pass {
  readonly bytes: number;
  readonly problem: Diagnostic | undefined;
}

/**
 * Imports one file: text lines, NDJSON, a JSON list or CloudTrail's `{"Records": [...]}`, UTF-8 or UTF-16 with a byte-order mark, or a
 * Windows event log; plain or gzip. Reads it twice: identity is the SHA-256 of its content, known only at the end. A broken stream's readable part
 * is imported and the break reported. @throws what the target throws when it takes no more.
 */
export async function importFile(path: string, options: ImportOptions): Promise<ImportOutcome> {
  const limits = { ...DEFAULT_IMPORT_LIMITS, ...options.limits };
  const file = basename(path);
  const nothing = { file: path, records: 0, faulty: 0, bytes: 0 };
  let bytesTotal: number;
  let encoding: Awaited<ReturnType<typeof fileEncoding>>;
  try {
    bytesTotal = (await stat(path)).size;
    encoding = await fileEncoding(path, limits);
  } catch (error) {
    return { ...nothing, diagnostics: [unreadable(path, error)] };
  }
  if (encoding.kind === "unsupported") {
    const message = `this is ${encoding.what}, which import does not read`;
    const diagnostic = {
      severity: "error",
      code: "unsupported-file",
      message,
      at: { file: path },
      hint: encoding.hint,
    };
    return { ...nothing, diagnostics: [diagnostic as Diagnostic] };
  }

  const hash = createHash("sha256");
  const pass = { ...options, path, encoding, limits, bytesTotal };
  await readThrough({ ...pass, phase: "identifying", records: () => 0 }, (chunk) => hash.update(chunk));
  const events = encoding.kind === "evtx" ? new EvtxSplitter(path, limits.maxRecordBytes) : undefined;
  const sender = new BatchSender({ ...pass, file, sha256: hash.digest("hex"), splitter: events });
  const sending = await readThrough({ ...pass, phase: "sending", records: () => sender.records }, (chunk) =>
    sender.take(chunk),
  );
  await sender.finish(sending.problem === undefined);
  const problems = [utf16Notice(path, encoding), sending.problem, ...(events?.diagnostics ?? [])];
  const diagnostics = problems.filter((each) => each !== undefined);
  return { file: path, records: sender.records, faulty: sender.faulty, bytes: sending.bytes, diagnostics };
}

interface PassOptions extends ImportOptions {
  readonly path: string;
  readonly encoding: FileEncoding;
  readonly limits: ImportLimits;
  readonly bytesTotal: number;
  readonly phase: ImportProgress["phase"];
  readonly records: () => number;
}

async function readThrough(pass: PassOptions, take: (chunk: Uint8Array) => unknown): Promise<Pass> {
  const { path, encoding, limits, bytesTotal, phase } = pass;
  let bytes = 0;
  let bytesDone = 0;
  const text = fileText(path, encoding, limits, (read) => (bytesDone = read))[Symbol.asyncIterator]();
  for (;;) {
    pass.signal?.throwIfAborted();
    let next: IteratorResult<Uint8Array>;
    try {
      next = await text.next();
    } catch (error) {
      return { bytes, problem: streamProblem(path, error, bytes) };
    }
    if (next.done === true) return { bytes, problem: undefined };
    bytes += next.value.length;
    await take(next.value);
    pass.onProgress?.({ file: path, phase, bytesDone, bytesTotal, records: pass.records() });
  }
}

interface SenderOptions extends ImportOptions {
  readonly limits: ImportLimits;
  readonly file: string;
  readonly sha256: string;
  /** When the kind of file decides it; else the beginning of the text does. */
  readonly splitter: RecordSplitter | undefined;
}

/** Cuts text into records and hands them on in batches, one at a time and in order. */
class BatchSender {
  readonly #options: SenderOptions;
  readonly #splitter: RecordSplitter;
  #batch: SplitRecord[] = [];
  #batchBytes = 0;
  records = 0;
  faulty = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#splitter = options.splitter ?? new SniffingSplitter(options.limits.maxRecordBytes);
  }

  take(chunk: Uint8Array): Promise<void> {
    return this.#hold(this.#splitter.push(chunk));
  }

  async finish(isClean: boolean): Promise<void> {
    await this.#hold(this.#splitter.end(isClean));
    await this.#send();
  }

  async #hold(records: readonly SplitRecord[]): Promise<void> {
    const { batchRecords, batchBytes } = this.#options.limits;
    for (const record of records) {
      this.#batch.push(record);
      this.#batchBytes += record.bytes.length;
      if (this.#batch.length >= batchRecords || this.#batchBytes >= batchBytes) await this.#send();
    }
  }

  /** Records with a fault, or under another header, travel apart: both belong to a whole batch. */
  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    const { target, file, sha256, pack, signal } = this.#options;
    for (const { fault, header, records } of alike(batch)) {
      const what = {
        file,
        sha256,
        records,
        ...(pack === undefined ? {} : { pack }),
        ...(fault === undefined ? {} : { fault }),
        ...(header === undefined ? {} : { header }),
      };
      await target.send(what, signal);
      this.records += records.length;
      if (fault !== undefined) this.faulty += records.length;
    }
  }
}

function streamProblem(path: string, error: unknown, bytes: number): Diagnostic {
  if (error instanceof BrokenGzip) {
    return {
      severity: "error",
      code: "truncated-stream",
      message: `${error.message} (after ${error.offset} compressed bytes); the ${bytes} bytes before the break were imported`,
      at: { file: path },
      hint: "fetch the file again; importing the whole one later counts as another file",
    };
  }
  if (error instanceof GzipBomb) {
    const message = `the file inflates beyond its limits; the ${bytes} bytes before them were imported`;
    return { severity: "error", code: "too-large", message, at: { file: path } };
  }
  return unreadable(path, error);
}

function unreadable(path: string, error: unknown): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    severity: "error",
    code: "unreadable-file",
    message: `cannot be read: ${reason}`,
    at: { file: path },
  };
}

function utf16Notice(path: string, encoding: FileEncoding): Diagnostic | undefined {
  if (encoding.kind !== "utf16") return undefined;
  const message = `the file is ${encoding.label.toUpperCase()}; its records were converted to UTF-8`;
  return { severity: "warning", code: "converted-encoding", message, at: { file: path } };
}
