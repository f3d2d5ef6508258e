import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";
import { TytoError } from "@tyto/domain";

const GIBIBYTE = 1024 ** 3;
/** Bytes that may be written between two looks at the disk. */
const BYTES_BETWEEN_LOOKS = 32 * 1024 * 1024;
const MS_BETWEEN_LOOKS = 1_000;

export interface FreeSpaceOptions {
  readonly directory: string;
  /** Below this the disk counts as full. Absent: 2 GiB or 5 % of the disk, whichever is less. */
  readonly minFreeBytes: number | undefined;
  /** Monotonic: a clock that is set back must not keep an old look fresh. */
  readonly clockMs: () => number;
}

/** Knows whether the disk is too full to accept more, and looks again now and then. */
export class FreeSpace {
  readonly #options: FreeSpaceOptions;
  #isLow = false;
  #lookedMs: number | undefined;
  #writtenSince = 0;
  #look: Promise<void> | undefined;

  constructor(options: FreeSpaceOptions) {
    this.#options = options;
  }

  /** As of the last look. */
  get isLow(): boolean {
    return this.#isLow;
  }

  /** A write has just failed for want of space, whatever the last look said. */
  markLow(): void {
    this.#isLow = true;
  }

  countWritten(bytes: number): void {
    this.#writtenSince += bytes;
  }

  /** Looks when the last look is old; cheap to call before each commit. */
  async refreshIfStale(): Promise<void> {
    const isFresh =
      this.#lookedMs !== undefined &&
      this.#options.clockMs() - this.#lookedMs < MS_BETWEEN_LOOKS &&
      this.#writtenSince < BYTES_BETWEEN_LOOKS;
    if (!isFresh) await this.refresh();
  }

  /** Looks now. Callers at the same time share one look, so that a flood of refused batches costs one call. */
  refresh(): Promise<void> {
    this.#look ??= this.#measure().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await this.#statfs();
    return bavail * bsize;
  }

  async #statfs(): Promise<StatsFs> {
    const { directory } = this.#options;
    try {
      return await statfs(directory);
    } catch (cause) {
      throw new TytoError("journal-failed", `cannot tell how much space is free under ${directory}`, {
        cause,
      });
    }
  }

  async #measure(): Promise<void> {
    const { bavail, blocks, bsize } = await this.#statfs();
    const minimum = this.#options.minFreeBytes ?? Math.min(2 * GIBIBYTE, 0.05 * blocks * bsize);
    this.#isLow = bavail * bsize < minimum;
    this.#lookedMs = this.#options.clockMs();
    this.#writtenSince = 0;
  }
}
