import type { AppendReceipt, Lane, OriginId, RawBatch, RawRecord, Sequence } from "@tyto/domain";
import { sequence, TytoError } from "@tyto/domain";
import type { Journal, LaneRecords } from "../ports.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import type { ReadLimits } from "./frame.ts";
import type { FreeSpace } from "./free-space.ts";
import type { HeadWaiters } from "./head-waiters.ts";
import type { JournalReader } from "./journal-reader.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { SegmentList } from "./segment-list.ts";

export interface JournalParts {
  readonly origin: OriginId;
  readonly writer: JournalWriter;
  readonly reader: JournalReader;
  readonly segments: SegmentList;
  readonly space: FreeSpace;
  readonly waiters: HeadWaiters;
  readonly lock: DirectoryLock;
}

/** The journal of one machine: segments of our own in one directory, held by one process. */
export class SegmentedJournal implements Journal {
  readonly origin: OriginId;
  readonly #parts: JournalParts;
  #closing: Promise<void> | undefined;

  constructor(parts: JournalParts) {
    this.origin = parts.origin;
    this.#parts = parts;
  }

  get head(): Sequence {
    return sequence(this.#parts.writer.head);
  }

  append(batch: RawBatch): Promise<AppendReceipt> {
    return this.#parts.writer.append(batch);
  }

  async read(from: Sequence, limits: ReadLimits): Promise<readonly RawRecord[]> {
    const { records } = await this.#parts.reader.read({ from, head: this.head, limits });
    return records;
  }

  laneHead(lane: Lane): Sequence {
    return sequence(this.#parts.writer.laneHead(lane));
  }

  async readLane(lane: Lane, from: Sequence, limits: ReadLimits): Promise<LaneRecords> {
    const { records, next } = await this.#parts.reader.read({ from, head: this.head, limits, lane });
    return { records, next: sequence(next) };
  }

  async waitFor(wanted: Sequence, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.head < wanted) await this.#parts.waiters.wait(wanted, signal);
  }

  release(before: Sequence): Promise<void> {
    return this.#parts.segments.deleteBefore(before);
  }

  async usage(): Promise<{ readonly bytes: number; readonly freeBytes: number }> {
    const { segments, space } = this.#parts;
    const [bytes, freeBytes] = await Promise.all([segments.diskBytes(), space.freeBytes()]);
    return { bytes, freeBytes };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { lock, waiters, writer } = this.#parts;
    try {
      await writer.close();
    } finally {
      waiters.fail(new TytoError("journal-failed", "the journal is closed"));
      lock.release();
    }
  }
}
