import { rm, stat } from "node:fs/promises";
import { invariant } from "@tyto/domain";
import { syncDirectory } from "./durable-file.ts";
import type { Segment } from "./segment.ts";

/** The journal's segments, oldest first; the last is the one being written. Never empty. */
export class SegmentList {
  readonly #directory: string;
  #segments: readonly Segment[];
  #deleting: Promise<void> = Promise.resolve();

  constructor(directory: string, segments: readonly Segment[]) {
    this.#directory = directory;
    this.#segments = segments;
  }

  get oldest(): Segment {
    return this.#at(0);
  }

  get active(): Segment {
    return this.#at(this.#segments.length - 1);
  }

  add(segment: Segment): void {
    this.#segments = [...this.#segments, segment];
  }

  /** The segment that holds `sequence`, and where the one after it begins. */
  holding(sequence: number): { readonly segment: Segment; readonly end: number } {
    const index = this.#segments.findLastIndex((segment) => segment.first <= sequence);
    const segment = this.#at(Math.max(index, 0));
    return { segment, end: this.#segments[index + 1]?.first ?? Infinity };
  }

  has(segment: Segment): boolean {
    return this.#segments.includes(segment);
  }

  /** Deletes segments whose records all lie before `sequence`, oldest first; never the active one. One call at a time. */
  deleteBefore(sequence: number): Promise<void> {
    this.#deleting = this.#deleting.catch(() => undefined).then(() => this.#deleteBefore(sequence));
    return this.#deleting;
  }

  /** Bytes that the segments take on disk. */
  async diskBytes(): Promise<number> {
    const sizes = await Promise.all(
      this.#segments.map((segment) =>
        // Sparse files: blocks, not size. One may be released while we look.
        stat(segment.path).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((total, bytes) => total + bytes, 0);
  }

  async #deleteBefore(sequence: number): Promise<void> {
    const before = this.#segments.length;
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || next.first > sequence) break;
      // Oldest first and stopping at a failure: what is left has no gap, whenever we die.
      await rm(oldest.path, { force: true });
      this.#segments = this.#segments.filter((segment) => segment !== oldest);
    }
    if (this.#segments.length !== before) await syncDirectory(this.#directory);
  }

  #at(index: number): Segment {
    const segment = this.#segments[index];
    invariant(segment !== undefined, "a journal has at least one segment");
    return segment;
  }
}
