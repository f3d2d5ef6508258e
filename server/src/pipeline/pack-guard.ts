/** A pack that was switched off, and why. */
export interface SwitchedOffPack {
  readonly pack: string;
  readonly reason: string;
}

export interface PackGuardOptions {
  /** Monotonic milliseconds; without it only failures count. */
  readonly clockMs?: () => number;
  /** Told once for each pack. */
  readonly onSwitchedOff?: (pack: SwitchedOffPack) => void;
}

/** A line that takes longer than this is a strike: at 25,000 lines a second one takes 0.04 ms. */
const SLOW_MS = 100;
/** Strikes that switch a pack off. One hostile line must not, ten of a second's work each must. */
const MAX_STRIKES = 10;
/** Lines after which a strike is forgiven. */
const FORGIVEN_AFTER = 1_000;

interface Conduct {
  strikes: number;
  lines: number;
}

/**
 * Watches what packs cost. One that fails or is slow again and again is switched off until its content is replaced: its lines are
 * then stored as they came, and name it in `tyto.switched_off`, so that they can be found and parsed again.
 */
export class PackGuard {
  readonly #clockMs: (() => number) | null;
  readonly #onSwitchedOff: (pack: SwitchedOffPack) => void;
  readonly #records = new Map<string, Conduct>();
  readonly #off = new Map<string, string>();

  constructor(options: PackGuardOptions) {
    this.#clockMs = options.clockMs ?? null;
    this.#onSwitchedOff = options.onSwitchedOff ?? (() => undefined);
  }

  get switchedOff(): readonly SwitchedOffPack[] {
    return [...this.#off].map(([pack, reason]) => ({ pack, reason }));
  }

  isOff(pack: string): boolean {
    return this.#off.size > 0 && this.#off.has(pack);
  }

  /** Milliseconds now, 0 where no clock was given. */
  now(): number {
    return this.#clockMs === null ? 0 : this.#clockMs();
  }

  /** A line was read, beginning at `startMs`. */
  took(pack: string, startMs: number): void {
    const spent = this.now() - startMs;
    if (spent > SLOW_MS) this.#strike(pack, `it took ${Math.round(spent)} ms for one line`);
    else this.#forgive(pack);
  }

  failed(pack: string, error: string): void {
    if (pack !== "") this.#strike(pack, `it failed with ${error}`);
  }

  #strike(pack: string, what: string): void {
    const record = this.#records.get(pack) ?? { strikes: 0, lines: 0 };
    this.#records.set(pack, record);
    record.strikes += 1;
    if (record.strikes < MAX_STRIKES || this.#off.has(pack)) return;
    const reason = `${what}, and not for the first time`;
    this.#off.set(pack, reason);
    this.#onSwitchedOff({ pack, reason });
  }

  #forgive(pack: string): void {
    const record = this.#records.get(pack);
    if (record === undefined) return;
    record.lines += 1;
    if (record.lines < FORGIVEN_AFTER) return;
    record.lines = 0;
    record.strikes -= 1;
    if (record.strikes <= 0) this.#records.delete(pack);
  }
}
