import { open } from "node:fs/promises";
import type { Lane, OriginId } from "@tyto/domain";
import { TytoError } from "@tyto/domain";
import { systemCode } from "./durable-file.ts";
import { RecordCollector } from "./frame.ts";
import type { ReadLimits } from "./frame.ts";
import type { RecentFrames } from "./frame-memory.ts";
import type { FrameOpener } from "./frame-seal.ts";
import { FrameScanner } from "./frame-scan.ts";
import type { ScannedFrame } from "./frame-scan.ts";
import { corruptAt } from "./segment.ts";
import type { Segment } from "./segment.ts";
import type { SegmentList } from "./segment-list.ts";

const MIN_WINDOW_BYTES = 256 * 1024;
const MAX_WINDOW_BYTES = 4 * 1024 * 1024;

export interface ReaderOptions {
  readonly origin: OriginId;
  readonly segments: SegmentList;
  readonly recent: RecentFrames;
  readonly opener: FrameOpener | undefined;
}

interface Bookmark {
  readonly segment: Segment;
  readonly sequence: number;
  readonly offset: number;
}

interface ReadRequest {
  readonly from: number;
  readonly head: number;
  readonly limits: ReadLimits;
  /** All, when absent. */
  readonly lane?: Lane;
}

/** Reads durable records: the newest from memory, older ones from their segments. */
export class JournalReader {
  readonly #options: ReaderOptions;
  /** Where the last read from disk stopped, by lane: followers read on from there. */
  readonly #bookmarks = new Map<Lane | undefined, Bookmark>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Of one lane, or of all; within one segment at a time, so that a call may end before it has found any. */
  async read({ from, head, limits, lane }: ReadRequest): Promise<RecordCollector> {
    const { origin, recent, segments } = this.#options;
    for (;;) {
      const start = Math.max(from, segments.oldest.first);
      const collector = new RecordCollector(origin, start, limits, lane);
      if (start > head || limits.records < 1) return collector;
      if (recent.collect(start, collector)) return collector;
      const { segment, end } = segments.holding(start);
      try {
        const range = { start, end: Math.min(end, head + 1), lane };
        await this.#readSegment(segment, range, collector, limits);
        return collector;
      } catch (cause) {
        if (cause instanceof TytoError) throw cause;
        // Released while we were opening it: what is asked for now begins later.
        if (systemCode(cause) === "ENOENT" && !segments.has(segment)) continue;
        throw new TytoError("journal-failed", `reading ${segment.path} failed`, { cause });
      }
    }
  }

  async #readSegment(
    segment: Segment,
    range: { readonly start: number; readonly end: number; readonly lane: Lane | undefined },
    collector: RecordCollector,
    limits: ReadLimits,
  ): Promise<void> {
    const handle = await open(segment.path, "r");
    try {
      const windowBytes = Math.min(Math.max(limits.bytes, MIN_WINDOW_BYTES), MAX_WINDOW_BYTES);
      const { opener } = this.#options;
      const begin = { ...this.#startOf(segment, range), segment, opener };
      const scanner = new FrameScanner(handle, begin, windowBytes);
      while (scanner.expected < range.end) {
        const frame = await scanner.next();
        if (frame === undefined) {
          throw corruptAt(segment.path, scanner.offset, `record ${scanner.expected} is not readable`);
        }
        if (frame.header.count === 0 || frame.header.first + frame.header.count <= range.start) continue;
        this.#remember(segment, frame, range.lane);
        if (!collector.take(frame.header, frame.source, frame.start)) break;
      }
    } finally {
      await handle.close();
    }
  }

  #startOf(
    segment: Segment,
    { start, lane }: { readonly start: number; readonly lane: Lane | undefined },
  ): { readonly sequence: number; readonly offset: number } {
    const noted = segment.nearest(start);
    const bookmark = this.#bookmarks.get(lane);
    return bookmark?.segment === segment && bookmark.sequence <= start && bookmark.sequence > noted.sequence
      ? bookmark
      : noted;
  }

  #remember(segment: Segment, { header, offset }: ScannedFrame, lane: Lane | undefined): void {
    segment.note(header.first, offset);
    this.#bookmarks.set(lane, { segment, sequence: header.first, offset });
  }
}
