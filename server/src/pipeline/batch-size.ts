/** Smaller batches cost the engine more than they save anybody. */
const FEWEST = 500;
/** A record that is urgent waits for two batches at most: for three seconds, however slow the machine is. */
const TARGET_MS = 1_500;

/**
 * How many records a batch may have, so that it takes about as long on any machine and beside whatever else runs there. A machine that
 * is quick gets full batches.
 */
export class BatchSize {
  readonly #most: number;
  #records: number;

  constructor(most: number) {
    this.#most = most;
    this.#records = most;
  }

  get records(): number {
    return this.#records;
  }

  /** What a batch has taken from its reading to its commit. One that was not full says nothing of how many there could be. */
  took(records: number, ms: number): void {
    if (records < this.#records * 0.9 || ms <= 0) return;
    const fitting = (records * TARGET_MS) / ms;
    // Half the way, so that one slow commit does not make all that follow small.
    const next = Math.round((this.#records + fitting) / 2);
    this.#records = Math.min(this.#most, Math.max(Math.min(FEWEST, this.#most), next));
  }
}
