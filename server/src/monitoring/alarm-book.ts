import type { Micros } from "@tyto/domain";
import type { AlarmChange, AlarmKind, Check, Condition } from "./alarm.ts";

const SECOND = 1_000_000;

/** How long a condition holds before it is an alarm: what passes by itself wakes nobody. */
const HOLDS_FOR_SECONDS: Readonly<Record<AlarmKind, number>> = {
  "engine-down": 60,
  "pipeline-stalled": 60,
  "disk-low": 0,
  "datagrams-lost": 0,
  "records-dropped": 0,
  "quarantine-grows": 0,
  "pack-switched-off": 0,
  // Received and booked are counted one after the other: a moment between them is no leak.
  "books-unbalanced": 60,
  "parts-set-aside": 0,
  "canary-missing": 0,
  "source-silent": 0,
  "source-rate": 0,
  "source-field-missing": 0,
  "search-threshold": 0,
};

/** How long it must be gone before the alarm ends, so that one that flickers is said once. */
const GONE_FOR_SECONDS = 120;
/** Alarms at once; a thousand silent sources are one broken relay. */
const MAX_ALARMS = 500;

interface Standing {
  condition: Condition;
  readonly since: Micros;
  lastSeenAt: Micros;
  isRaised: boolean;
}

export interface AlarmBookOptions {
  readonly checks: readonly Check[];
  /** Called once when an alarm begins and once when it ends, in order. */
  readonly announce: (change: AlarmChange) => void;
  /** A check that fails is no reason to stop the others. */
  readonly onCheckFailed: (error: unknown) => void;
}

/** Which alarms stand. Keeps no clock: `evaluate` is called every few seconds. */
export class AlarmBook {
  readonly #options: AlarmBookOptions;
  readonly #standing = new Map<string, Standing>();

  constructor(options: AlarmBookOptions) {
    this.#options = options;
  }

  /** Newest first. */
  get raised(): readonly (Condition & { readonly since: Micros })[] {
    return [...this.#standing.values()]
      .filter(({ isRaised }) => isRaised)
      .map(({ condition, since }) => ({ ...condition, since }))
      .sort((a, b) => b.since - a.since);
  }

  async evaluate(now: Micros): Promise<void> {
    for (const check of this.#options.checks) {
      try {
        for (const condition of await check(now)) this.#see(condition, now);
      } catch (error) {
        this.#options.onCheckFailed(error);
      }
    }
    for (const [key, standing] of this.#standing) this.#settle(key, standing, now);
  }

  #see(condition: Condition, now: Micros): void {
    const key = `${condition.kind} ${condition.subject ?? ""}`;
    const standing = this.#standing.get(key);
    if (standing !== undefined) {
      standing.condition = condition;
      standing.lastSeenAt = now;
    } else if (this.#standing.size < MAX_ALARMS) {
      this.#standing.set(key, { condition, since: now, lastSeenAt: now, isRaised: false });
    }
  }

  #settle(key: string, standing: Standing, now: Micros): void {
    const { condition, since, lastSeenAt, isRaised } = standing;
    const isGone = lastSeenAt < now;
    if (!isRaised && isGone) {
      this.#standing.delete(key);
    } else if (!isRaised && now - since >= HOLDS_FOR_SECONDS[condition.kind] * SECOND) {
      standing.isRaised = true;
      this.#options.announce({ ...condition, state: "raised", at: now, since });
    } else if (isRaised && now - lastSeenAt >= GONE_FOR_SECONDS * SECOND) {
      this.#standing.delete(key);
      this.#options.announce({ ...condition, state: "cleared", at: now, since });
    }
  }
}
