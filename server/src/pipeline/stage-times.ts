/** Where a batch's time goes, in the order it goes there. */
export const STAGES = ["read", "normalise", "compare", "store", "detect", "commit"] as const;
export type Stage = (typeof STAGES)[number];

export interface StageTime {
  readonly stage: Stage;
  /** Wall-clock milliseconds; `normalise` and `detect` keep the thread busy all that time, the others mostly wait. */
  readonly ms: number;
  readonly records: number;
}

/** Adds up what each stage cost since start. */
export class StageTimes {
  readonly #clockMs: () => number;
  readonly #spent = new Map<Stage, { ms: number; records: number }>(
    STAGES.map((stage) => [stage, { ms: 0, records: 0 }]),
  );

  constructor(clockMs: () => number) {
    this.#clockMs = clockMs;
  }

  async measure<T>(stage: Stage, records: number, work: () => T | Promise<T>): Promise<T> {
    const startedMs = this.#clockMs();
    try {
      return await work();
    } finally {
      const spent = this.#spent.get(stage);
      if (spent !== undefined) {
        spent.ms += this.#clockMs() - startedMs;
        spent.records += records;
      }
    }
  }

  all(): readonly StageTime[] {
    return [...this.#spent].map(([stage, { ms, records }]) => ({ stage, ms, records }));
  }
}
