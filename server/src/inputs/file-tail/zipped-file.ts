import { createReadStream } from "node:fs";
import { BrokenGzip, gunzip, GzipBomb } from "../gunzip.ts";
import { GrowingBuffer } from "../growing-buffer.ts";
import type { PulledRecord } from "../pull/ports.ts";
import { cutRecords } from "./cut-records.ts";
import type { FoundFile } from "./find-files.ts";
import { problemOf } from "./find-files.ts";
import type { FollowLimits } from "./follow-files.ts";
import { bears, MARK_BYTES, markOf } from "./mark.ts";
import type { Followed } from "./tail-state.ts";

const INFLATE_LIMITS = { maxInflatedBytes: 2 ** 36, maxRatio: 2_000 };

export interface ZippedOptions {
  /** Files that it may be a copy of. */
  readonly originals: readonly Followed[];
  /** How far an earlier run came, when it is no copy. */
  readonly begun: Followed | undefined;
  /** It is read only if it is a copy. */
  readonly isOnlyCopy: boolean;
  /** It may still be being written. */
  readonly isYoung: boolean;
  readonly limits: FollowLimits;
  readonly isStart: ((line: Uint8Array) => boolean) | undefined;
  readonly signal: AbortSignal;
  /** It is a copy of none: makes it a file of its own. */
  readonly begin: () => Promise<Followed>;
  readonly deliver: (file: Followed, records: readonly PulledRecord[]) => Promise<void>;
}

export type ZippedOutcome =
  /** `wait`: it is not whole yet. `other`: it is no copy. */
  | { readonly kind: "wait" | "other" }
  | { readonly kind: "unreadable"; readonly problem: string }
  | { readonly kind: "read"; readonly file: Followed; readonly problem: string | undefined };

/**
 * Reads a zipped file once it is whole: from where its original was left, where it is the copy of a file that was followed, else from its
 * beginning. Places are those in the inflated text, so the same record has the same identity in both.
 */
export async function readZipped(found: FoundFile, options: ZippedOptions): Promise<ZippedOutcome> {
  const survey = new Survey(options.originals);
  let problem: string | undefined;
  try {
    for await (const part of gunzip(bytesOf(found.path), INFLATE_LIMITS)) {
      options.signal.throwIfAborted();
      survey.take(part);
    }
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof BrokenGzip && options.isYoung) return { kind: "wait" };
    if (!(error instanceof BrokenGzip) && !(error instanceof GzipBomb)) {
      return { kind: "unreadable", problem: problemOf(found.path, error) };
    }
    problem = error.message;
  }
  const { original } = survey;
  if (original === undefined && options.isOnlyCopy) return { kind: "other" };
  const file = original ?? options.begun ?? (await options.begin());
  return { kind: "read", file: await readFrom(found, file, options), problem };
}

/** Hands on what the inflated text holds from the file's place on. */
async function readFrom(found: FoundFile, before: Followed, options: ZippedOptions): Promise<Followed> {
  const { maxRecordBytes, readBytes } = options.limits;
  let file = before;
  let position = 0;
  const held = new GrowingBuffer();
  const hand = async (bytes: Uint8Array, isEnd: boolean): Promise<Uint8Array> => {
    const cut = isEnd ? file.offset + bytes.length : file.cut;
    const isSkipping = file.isSkipping === true;
    const cutting = { bytes, offset: file.offset, header: file.header, isSkipping, maxRecordBytes };
    const outcome = cutRecords({ ...cutting, cut, isStart: options.isStart });
    if (outcome.records.length > 0) await options.deliver(file, outcome.records);
    const rest = bytes.subarray(outcome.offset - file.offset);
    const { offset, header } = outcome;
    file = { ...file, offset, header, isSkipping: outcome.isSkipping, cut: isEnd ? undefined : outcome.cut };
    return rest;
  };
  try {
    for await (const part of gunzip(bytesOf(found.path), INFLATE_LIMITS)) {
      options.signal.throwIfAborted();
      const skipped = Math.min(part.length, Math.max(0, file.offset - position));
      position += part.length;
      if (skipped === part.length) continue;
      held.append(part.subarray(skipped));
      if (held.length >= readBytes) held.append(await hand(held.take(new Uint8Array(0)), false));
    }
  } catch (error) {
    if (!(error instanceof BrokenGzip) && !(error instanceof GzipBomb)) throw error;
  }
  await hand(held.take(new Uint8Array(0)), true);
  return file;
}

/** Goes through a text once and tells which of the followed files it is the text of. */
class Survey {
  readonly #candidates: readonly Followed[];
  readonly #matching = new Set<Followed>();
  #head: Uint8Array = new Uint8Array(0);
  /** The last `MARK_BYTES` before what comes next. */
  #before: Uint8Array = new Uint8Array(0);
  #position = 0;

  constructor(candidates: readonly Followed[]) {
    this.#candidates = candidates;
  }

  take(part: Uint8Array): void {
    if (this.#head.length < MARK_BYTES) {
      this.#head = Buffer.concat([this.#head, part.subarray(0, MARK_BYTES - this.#head.length)]);
    }
    const window = Buffer.concat([this.#before, part]);
    const start = this.#position - this.#before.length;
    for (const file of this.#candidates) {
      const { offset, tail } = file;
      const isHere = offset > this.#position && offset <= this.#position + part.length;
      if (!isHere && offset > 0) continue;
      const end = offset - start;
      if (markOf(window.subarray(end - tail.length, end)).hash === tail.hash) this.#matching.add(file);
    }
    this.#position += part.length;
    this.#before = window.subarray(-MARK_BYTES);
  }

  get original(): Followed | undefined {
    // Of several (a file and its earlier copy) the one that was read furthest.
    return [...this.#matching]
      .filter((file) => bears(this.#head, file.head))
      .sort((a, b) => b.offset - a.offset)[0];
  }
}

function bytesOf(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
}
