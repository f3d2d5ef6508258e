import { sequence } from "@tyto/domain";
import type { Sequence } from "@tyto/domain";

const MINUTE_MS = 60_000;

/** Journal segments outlive their commit by this much: a second line, should the engine have lied (`reliability.md`, A2). */
const KEEP_MS = 10 * MINUTE_MS;

/**
 * Says up to where the journal may be released: what was committed at least ten minutes ago. By a monotonic clock: one that is set back
 * a day would keep every segment for a day, one that is set forward would release them all.
 */
export class ReleaseQueue {
  readonly #commits: { readonly atMs: number; readonly sequence: Sequence }[] = [];

  committed(atMs: number, upTo: Sequence): void {
    const last = this.#commits.at(-1);
    // One entry a minute is exact enough, and bounds the list.
    if (last !== undefined && atMs - last.atMs < MINUTE_MS) return;
    this.#commits.push({ atMs, sequence: upTo });
  }

  /** First sequence that must stay, when more than before may go. */
  releasable(nowMs: number): Sequence | undefined {
    let upTo: Sequence | undefined;
    while (this.#commits[0] !== undefined && nowMs - this.#commits[0].atMs >= KEEP_MS) {
      upTo = this.#commits.shift()?.sequence;
    }
    return upTo === undefined ? undefined : sequence(upTo + 1);
  }
}
