import type { FileHandle } from "node:fs/promises";
import type { AppendReceipt, Lane, RawBatch } from "@tyto/domain";
import { drainSeconds, LANES, laneOf, sequence, TytoError } from "@tyto/domain";
import { systemCode } from "./durable-file.ts";
import { encodeFrame, encodeMark, encodeSealed, frameSize, MARK_BYTES } from "./frame.ts";
import { SEAL_BYTES } from "./frame-seal.ts";
import type { FrameSealer } from "./frame-seal.ts";
import { contiguousPieces, FrameArena } from "./frame-memory.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { FreeSpace } from "./free-space.ts";
import { createSegment, SEGMENT_HEADER_BYTES, writeFully } from "./segment.ts";
import type { JournalIdentity } from "./segment.ts";
import type { SegmentList } from "./segment-list.ts";

export interface WriterOptions {
  readonly directory: string;
  readonly identity: JournalIdentity;
  readonly segments: SegmentList;
  readonly space: FreeSpace;
  /** Monotonic. */
  readonly clockMs: () => number;
  readonly segmentBytes: number;
  readonly maxCommitBytes: number;
  readonly maxPendingBytes: number;
  readonly maxBatchBytes: number;
  /** Present when the journal is encrypted. */
  readonly sealer: FrameSealer | undefined;
  /** Called with the plain frames when they have become durable, before their senders are told. */
  readonly onDurable: (pieces: readonly Buffer[], head: number) => void;
  /** Called once, when a write failed in a way that cannot be taken back. */
  readonly onFailure: (failure: TytoError) => void;
}

/** Room is made by people or by the pipeline, not within a second or two. */
const DISK_FULL_SECONDS = 15;

/** The file being written. */
interface OpenSegment {
  readonly handle: FileHandle;
  readonly size: number;
  /** Where the next commit goes. */
  offset: number;
}

interface PendingFrame {
  /** As it goes to disk. */
  readonly disk: FrameMemory;
  /** As readers get it from memory; the same, unless the journal is encrypted. */
  readonly plain: FrameMemory;
  readonly first: number;
  readonly count: number;
  readonly lane: Lane;
  readonly resolve: (receipt: AppendReceipt) => void;
  readonly reject: (error: TytoError) => void;
}

/**
 * Group commit without a timer: while one commit is being written and synced, batches queue up; the next commit takes them all. On
 * a fast disk that means small, quick commits, on a slow one large ones.
 */
export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #arena = new FrameArena();
  readonly #sealedArena = new FrameArena();
  readonly #queue: PendingFrame[] = [];
  #file: OpenSegment;
  /** Sequence of the newest durable record. */
  #head: number;
  /** By lane. What was there at the opening may be of any. */
  readonly #laneHeads: number[];
  /** Sequence that the next batch gets. */
  #next: number;
  #pendingBytes = 0;
  /** Of the last commit; 0 before the first. */
  #bytesPerSecond = 0;
  #committing: Promise<void> | undefined;
  /** Set once nothing can be appended any more. */
  #refusal: TytoError | undefined;

  constructor(options: WriterOptions, file: OpenSegment, next: number) {
    this.#options = options;
    this.#file = file;
    this.#head = next - 1;
    this.#laneHeads = LANES.map(() => next - 1);
    this.#next = next;
  }

  get head(): number {
    return this.#head;
  }

  /** Durable records beyond it are of other lanes. */
  laneHead(lane: Lane): number {
    return this.#laneHeads[lane] ?? this.#head;
  }

  append(batch: RawBatch): Promise<AppendReceipt> {
    if (this.#options.space.isLow) return this.#appendWhenSpace(batch);
    return new Promise((resolve, reject) => this.#accept(batch, resolve, reject));
  }

  async #appendWhenSpace(batch: RawBatch): Promise<AppendReceipt> {
    await this.#options.space.refresh();
    if (this.#options.space.isLow) throw diskFull(this.#options.directory);
    return this.append(batch);
  }

  /** Waits for what was accepted, then leaves a mark that vouches for it, so that later damage to it is noticed. */
  async close(): Promise<void> {
    const isSound = this.#refusal === undefined;
    this.#refusal ??= new TytoError("journal-failed", "the journal is closed");
    await this.#committing;
    if (isSound && this.#file.offset + MARK_BYTES <= this.#file.size) {
      await this.#write([]).catch(() => undefined);
    }
    await this.#file.handle.close();
  }

  #accept(batch: RawBatch, resolve: PendingFrame["resolve"], reject: PendingFrame["reject"]): void {
    if (this.#refusal !== undefined) throw this.#refusal;
    const count = batch.records.length;
    if (count === 0) {
      resolve({ first: sequence(this.#head + 1), count });
      return;
    }
    const bytes = frameSize(batch);
    this.#checkRoom(bytes);
    const plain = this.#arena.allocate(bytes);
    encodeFrame(batch, this.#next, { ...plain, salt: this.#options.identity.salt });
    const disk = this.#sealed(plain);
    const lane = laneOf(batch.priority ?? "normal", batch.source);
    this.#queue.push({ disk, plain, first: this.#next, count, lane, resolve, reject });
    this.#next += count;
    this.#pendingBytes += disk.size;
    this.#committing ??= this.#commitAll();
  }

  /** At once, not with the commit: while one is being synced, the next is already encrypted. */
  #sealed(plain: FrameMemory): FrameMemory {
    const { sealer, identity } = this.#options;
    if (sealer === undefined) return plain;
    const disk = this.#sealedArena.allocate(plain.size + SEAL_BYTES);
    encodeSealed(plain.target, plain.start, sealer, { ...disk, salt: identity.salt });
    return disk;
  }

  #checkRoom(size: number): void {
    const { maxBatchBytes, maxPendingBytes } = this.#options;
    if (size > maxBatchBytes) {
      throw new TytoError("too-large", `a batch of ${size} bytes is over the limit of ${maxBatchBytes}`, {
        hint: "Send it in several batches.",
      });
    }
    // A batch over the limit on its own still passes when nothing else waits.
    if (this.#pendingBytes > 0 && this.#pendingBytes + size > maxPendingBytes) {
      throw new TytoError("back-pressure", `${this.#pendingBytes} bytes wait to become durable`, {
        hint: "Send it again in a moment.",
        retryAfterSeconds: drainSeconds(this.#pendingBytes, this.#bytesPerSecond),
      });
    }
  }

  async #commitAll(): Promise<void> {
    // Lets the batches of the present turn of the event loop into the first commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      try {
        await this.#commitOnce();
      } catch (cause) {
        await this.#giveUp(cause);
      }
    }
    // In the same turn as the look at the queue: a batch that comes after it must start a loop of its own.
    this.#committing = undefined;
  }

  async #commitOnce(): Promise<void> {
    const { space, directory, onDurable } = this.#options;
    await space.refreshIfStale();
    if (space.isLow) throw diskFull(directory);
    const first = this.#queue[0]?.disk.size ?? 0;
    if (!this.#fits(first)) await this.#roll(first);
    const frames = this.#nextCommit();
    const offset = this.#file.offset + MARK_BYTES;
    const pieces = contiguousPieces(frames.map(({ disk }) => disk));
    const startedMs = this.#options.clockMs();
    const bytes = await this.#write(pieces);
    const elapsedMs = this.#options.clockMs() - startedMs;
    if (elapsedMs > 0) this.#bytesPerSecond = (bytes * 1_000) / elapsedMs;
    this.#queue.splice(0, frames.length);
    this.#pendingBytes -= bytes;
    space.countWritten(bytes);
    this.#noteDurable(frames, offset);
    onDurable(contiguousPieces(frames.map(({ plain }) => plain)), this.#head);
    for (const { first, count, resolve } of frames) resolve({ first: sequence(first), count });
  }

  /** As many waiting frames as the commit and the segment have room for; at least one. */
  #nextCommit(): readonly PendingFrame[] {
    let bytes = 0;
    const end = this.#queue.findIndex((frame, index) => {
      bytes += frame.disk.size;
      return index > 0 && (bytes > this.#options.maxCommitBytes || !this.#fits(bytes));
    });
    return end === -1 ? [...this.#queue] : this.#queue.slice(0, end);
  }

  #fits(bytes: number): boolean {
    return this.#file.offset + MARK_BYTES + bytes <= this.#file.size;
  }

  /** Writes a mark and the pieces, and makes them durable. Answers the pieces' bytes. */
  async #write(pieces: readonly Buffer[]): Promise<number> {
    const { handle, offset } = this.#file;
    const mark = encodeMark(this.#head + 1, this.#options.identity.salt);
    await writeFully(handle, [mark, ...pieces], offset);
    await handle.datasync();
    const bytes = pieces.reduce((total, piece) => total + piece.length, 0);
    this.#file.offset += MARK_BYTES + bytes;
    return bytes;
  }

  #noteDurable(frames: readonly PendingFrame[], start: number): void {
    const { active } = this.#options.segments;
    let offset = start;
    for (const { first, count, disk, lane } of frames) {
      active.note(first, offset);
      offset += disk.size;
      this.#head += count;
      this.#laneHeads[lane] = this.#head;
    }
  }

  async #roll(frameBytes: number): Promise<void> {
    const { directory, identity, segments, segmentBytes, sealer } = this.#options;
    const size = Math.max(segmentBytes, SEGMENT_HEADER_BYTES + MARK_BYTES + frameBytes);
    const { segment, handle } = await createSegment({
      directory,
      identity,
      first: this.#head + 1,
      isSealed: sealer !== undefined,
      bytes: size,
    });
    segments.add(segment);
    const old = this.#file.handle;
    this.#file = { handle, size, offset: SEGMENT_HEADER_BYTES };
    await old.close();
  }

  /**
   * A commit failed: nobody waiting is acknowledged. For want of space the journal stays usable. After any other failure nobody
   * knows what the kernel kept of the pages (a second fdatasync would answer "done"), so it stays shut until a restart looks.
   */
  async #giveUp(cause: unknown): Promise<void> {
    const { directory, space, onFailure } = this.#options;
    const isSpace = isSpaceProblem(cause);
    const error = isSpace ? diskFull(directory, cause) : failed(directory, cause);
    const waiting = this.#queue.splice(0);
    this.#pendingBytes = 0;
    // Their sequences were never seen by anyone, so the next batch gets them.
    this.#next = this.#head + 1;
    if (isSpace) space.markLow();
    else this.#refusal = error;
    for (const frame of waiting) frame.reject(error);
    if (isSpace) await this.#wipeTail();
    else onFailure(error);
  }

  /** Nothing of a failed commit may stand behind a later one: a scan would take it for accepted. Shrinking needs no space. */
  async #wipeTail(): Promise<void> {
    try {
      await wipeTail(this.#file.handle, this.#file.offset, this.#file.size);
    } catch (cause) {
      this.#refusal = failed(this.#options.directory, cause);
      this.#options.onFailure(this.#refusal);
    }
  }
}

/** Puts zeros from `offset` to the end of the file. */
export async function wipeTail(handle: FileHandle, offset: number, size: number): Promise<void> {
  await handle.truncate(offset);
  await handle.truncate(size);
  await handle.sync();
}

function isSpaceProblem(cause: unknown): boolean {
  if (cause instanceof TytoError) return cause.code === "disk-full";
  const code = systemCode(cause);
  return code === "ENOSPC" || code === "EDQUOT";
}

function diskFull(directory: string, cause?: unknown): TytoError {
  return new TytoError("disk-full", `the disk under ${directory} is too full to accept more`, {
    cause,
    hint: "Free some space; Tyto goes on by itself.",
    retryAfterSeconds: DISK_FULL_SECONDS,
  });
}

function failed(directory: string, cause: unknown): TytoError {
  return new TytoError("journal-failed", `writing the journal in ${directory} failed`, {
    cause,
    hint: "Check the disk, then restart Tyto: it reads back what is really there.",
  });
}
