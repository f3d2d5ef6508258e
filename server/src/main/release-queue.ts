import { MICROS_PER_MINUTE, sequence } from "@tyto/domain";
import type { Micros, Sequence } from "@tyto/domain";

/** Journal segments outlive their commit by this much: a second line, should the engine have lied (`reliability.md`, A2). */
const KEEP_MICROS = 10 * MICROS_PER_MINUTE;

/** Says up to where the journal may be released: what was committed at least ten minutes ago. */
export class ReleaseQueue {
  readonly #commits: { readonly at: Micros; readonly sequence: Sequence }[] = [];

  committed(at: Micros, upTo: Sequence): void {
    const last = this.#commits.at(-1);
    // One entry a minute is exact enough, and bounds the list.
    if (last !== undefined && at - last.at < MICROS_PER_MINUTE) return;
    this.#commits.push({ at, sequence: upTo });
  }

  /** First sequence that must stay, when more than before may go. */
  releasable(now: Micros): Sequence | undefined {
    let upTo: Sequence | undefined;
    while (this.#commits[0] !== undefined && now - this.#commits[0].at >= KEEP_MICROS) {
      upTo = this.#commits.shift()?.sequence;
    }
    return upTo === undefined ? undefined : sequence(upTo + 1);
  }
}
