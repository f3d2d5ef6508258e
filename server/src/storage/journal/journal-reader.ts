import { open } from "node:fs/promises";
import type { OriginId, RawRecord } from "@tyto/domain";
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

/** Reads durable records: the newest from memory, older ones from their segments. */
export class JournalReader {
  readonly #options: ReaderOptions;
  /** Where the last read from disk stopped: followers read on from there. */
  #bookmark: { readonly segment: Segment; readonly sequence: number; readonly offset: number } | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  async read(from: number, head: number, limits: ReadLimits): Promise<readonly RawRecord[]> {
    const { origin, recent, segments } = this.#options;
    for (;;) {
      const start = Math.max(from, segments.oldest.first);
      if (start > head || limits.records < 1) return [];
      const collector = new RecordCollector(origin, start, limits);
      if (recent.collect(start, collector)) return collector.records;
      const { segment, end } = segments.holding(start);
      try {
        await this.#readSegment(segment, { start, end: Math.min(end, head + 1) }, collector, limits);
        return collector.records;
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
    range: { readonly start: number; readonly end: number },
    collector: RecordCollector,
    limits: ReadLimits,
  ): Promise<void> {
    const handle = await open(segment.path, "r");
    try {
      const windowBytes = Math.min(Math.max(limits.bytes, MIN_WINDOW_BYTES), MAX_WINDOW_BYTES);
      const { opener } = this.#options;
      const begin = { ...this.#startOf(segment, range.start), segment, opener };
      const scanner = new FrameScanner(handle, begin, windowBytes);
      while (scanner.expected < range.end) {
        const frame = await scanner.next();
        if (frame === undefined) {
          throw corruptAt(segment.path, scanner.offset, `record ${scanner.expected} is not readable`);
        }
        if (frame.header.count === 0 || frame.header.first + frame.header.count <= range.start) continue;
        this.#remember(segment, frame);
        if (!collector.take(frame.header, frame.source, frame.start)) break;
      }
    } finally {
      await handle.close();
    }
  }

  #startOf(segment: Segment, start: number): { readonly sequence: number; readonly offset: number } {
    const noted = segment.nearest(start);
    const bookmark = this.#bookmark;
    return bookmark?.segment === segment && bookmark.sequence <= start && bookmark.sequence > noted.sequence
      ? bookmark
      : noted;
  }

  #remember(segment: Segment, { header, offset }: ScannedFrame): void {
    segment.note(header.first, offset);
    this.#bookmark = { segment, sequence: header.first, offset };
  }
}
