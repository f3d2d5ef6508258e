import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OriginId, Sequence } from "@tyto/domain";
import { sequence, TytoError } from "@tyto/domain";
import type { Journal } from "../ports.ts";
import { lockDirectory } from "./directory-lock.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import { systemCode, writeFileDurably } from "./durable-file.ts";
import { RecentFrames } from "./frame-memory.ts";
import { findSegmentEnd } from "./frame-scan.ts";
import { FrameOpener, FrameSealer } from "./frame-seal.ts";
import { FreeSpace } from "./free-space.ts";
import { HeadWaiters } from "./head-waiters.ts";
import { JournalReader } from "./journal-reader.ts";
import { JournalWriter, wipeTail } from "./journal-writer.ts";
import { corruptAt, createSegment, findSegments } from "./segment.ts";
import type { JournalIdentity, Segment } from "./segment.ts";
import { SegmentedJournal } from "./segmented-journal.ts";
import { SegmentList } from "./segment-list.ts";

const MEBIBYTE = 1024 * 1024;

export interface JournalOptions {
  /** Made when it does not exist. Nothing else may live in it. */
  readonly directory: string;
  /** 64 random bits. Called when the journal is made, never for one that exists. */
  readonly newOrigin: () => OriginId;
  /** Monotonic: pauses are measured by it. */
  readonly clockMs: () => number;
  /** What the first record of a journal that is made gets; 1 when absent. */
  readonly firstSequence?: Sequence;
  /** Size of a segment file. 256 MiB when absent. */
  readonly segmentBytes?: number;
  /** What one write and fdatasync may carry, one batch at the least. 4 MiB when absent. */
  readonly maxCommitBytes?: number;
  /** Bytes that may wait for a commit before `back-pressure`. 64 MiB when absent. */
  readonly maxPendingBytes?: number;
  /** The largest batch. 128 MiB when absent. */
  readonly maxBatchBytes?: number;
  /** Newest records kept in memory for the follower. 32 MiB when absent. */
  readonly recentBytes?: number;
  /** Below this much free space `append` fails with `disk-full`. 2 GiB or 5 % of the disk, whichever is less, when absent. */
  readonly minFreeBytes?: number;
  /** What encrypts it; without one it is plain, and an encrypted one cannot be read. */
  readonly seal?: JournalSeal;
}

export interface JournalSeal {
  /** 256 bits. */
  readonly key: Uint8Array;
  readonly random: (size: number) => Uint8Array;
}

/**
 * Opens the journal of a directory, or makes it, and holds the directory until `close`.
 * @throws TytoError `data-directory-in-use`, `data-directory-unusable`, `journal-corrupt`, `journal-failed`.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  try {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TytoError("data-directory-unusable", `cannot make the directory ${options.directory}`, {
      cause,
    });
  }
  const lock = lockDirectory(options.directory);
  try {
    return await openLocked(options, lock);
  } catch (cause) {
    lock.release();
    if (cause instanceof TytoError) throw cause;
    const code = systemCode(cause) === "ENOSPC" ? "disk-full" : "journal-failed";
    throw new TytoError(code, `cannot open the journal in ${options.directory}`, { cause });
  }
}

async function openLocked(options: JournalOptions, lock: DirectoryLock): Promise<Journal> {
  const { directory, seal, segmentBytes = 256 * MEBIBYTE } = options;
  const { identity, segments: found } = await findOrCreate(options, segmentBytes);
  refuseOtherForm(found, seal !== undefined);
  const segments = new SegmentList(directory, found);
  const opener = seal === undefined ? undefined : new FrameOpener(seal.key);
  const { offset, next } = await findSegmentEnd(segments.active, opener);
  const file = await openTail(segments.active, offset, segmentBytes);
  const recent = new RecentFrames(options.recentBytes ?? 32 * MEBIBYTE);
  const space = new FreeSpace({ directory, minFreeBytes: options.minFreeBytes, clockMs: options.clockMs });
  const waiters = new HeadWaiters();
  const writer = new JournalWriter(
    {
      directory,
      identity,
      segments,
      space,
      clockMs: options.clockMs,
      segmentBytes,
      maxCommitBytes: options.maxCommitBytes ?? 4 * MEBIBYTE,
      maxPendingBytes: options.maxPendingBytes ?? 64 * MEBIBYTE,
      maxBatchBytes: options.maxBatchBytes ?? 128 * MEBIBYTE,
      sealer: seal === undefined ? undefined : new FrameSealer(seal.key, seal.random(16)),
      onDurable: (pieces, head) => {
        recent.add(pieces);
        waiters.reached(head);
      },
      onFailure: (failure) => waiters.fail(failure),
    },
    file,
    next,
  );
  const { origin } = identity;
  const reader = new JournalReader({ origin, segments, recent, opener });
  return new SegmentedJournal({ origin, writer, reader, segments, space, waiters, lock });
}

/** Records of one form must never be read as, or written behind, those of the other. */
function refuseOtherForm(segments: readonly Segment[], isSealed: boolean): void {
  const other = segments.find((segment) => segment.isSealed !== isSealed);
  if (other === undefined) return;
  throw new TytoError(
    "data-directory-unusable",
    `${other.path} is ${other.isSealed ? "encrypted, and no key was given" : "not encrypted, and a key was given"}`,
    {
      hint: "Give the encryption key, or finish what `tyto encrypt` or `tyto decrypt` began. Nothing was changed.",
    },
  );
}

/** Opens the active segment for writing behind its last intact frame, and clears away what a crash left after it. */
async function openTail(segment: Segment, offset: number, segmentBytes: number) {
  const handle = await open(segment.path, "r+");
  try {
    const size = Math.max((await handle.stat()).size, segmentBytes);
    await wipeTail(handle, offset, size);
    return { handle, size, offset };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface Found {
  readonly identity: JournalIdentity;
  readonly segments: readonly Segment[];
}

/**
 * The identity is in every segment, and in a file of its own that is written after the first segment: where the file stands
 * without segments, they were taken away, and beginning again at 1 would give new records the ids of old ones.
 */
async function findOrCreate(options: JournalOptions, segmentBytes: number): Promise<Found> {
  const { directory, newOrigin, firstSequence = sequence(1) } = options;
  const path = join(directory, "identity.json");
  const written = await readIdentity(path);
  const found = await findSegments(directory);
  if (found.identity !== undefined) {
    const { identity, segments } = found;
    if (written === undefined) await writeFileDurably(path, JSON.stringify(identity));
    else if (written.origin !== identity.origin) throw corruptAt(path, 0, "it belongs to another journal");
    return { identity, segments };
  }
  if (written !== undefined) throw corruptAt(path, 0, "the journal had segments, and they are gone");
  const identity = { origin: newOrigin(), salt: Number.parseInt(newOrigin().slice(0, 8), 16) };
  const { segment, handle } = await createSegment({
    directory,
    identity,
    first: firstSequence,
    isSealed: options.seal !== undefined,
    bytes: segmentBytes,
  });
  await handle.close();
  await writeFileDurably(path, JSON.stringify(identity));
  return { identity, segments: [segment] };
}

async function readIdentity(path: string): Promise<Pick<JournalIdentity, "origin"> | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof parsed === "object" && parsed !== null && "origin" in parsed) {
      return { origin: String(parsed.origin) as OriginId };
    }
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw corruptAt(path, 0, "it is not readable", cause);
  }
  throw corruptAt(path, 0, "it holds no origin");
}
