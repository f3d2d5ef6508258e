import { invariant } from "@tyto/domain";

/** Goes up only. */
export interface Counter {
  add(amount?: number): void;
}

/** One total per reason; the reasons are a closed set. */
export interface ReasonCounter<Reason extends string> {
  add(reason: Reason, amount?: number): void;
}

export interface CounterReading {
  readonly name: string;
  /** `null` for a counter without reasons. */
  readonly reason: string | null;
  readonly value: number;
}

/** `module_noun_verb_unit`: `api_logins_refuse_total`. */
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+){3,}$/;
const NO_REASON = "";

/** All counters of the process. Defining one twice gives the same totals, so that two listeners add up. */
export class Counters {
  readonly #totals = new Map<string, Map<string, number>>();

  define(name: string): Counter {
    const totals = this.#define(name, [NO_REASON]);
    return { add: (amount = 1) => void totals.set(NO_REASON, (totals.get(NO_REASON) ?? 0) + amount) };
  }

  defineByReason<const Reason extends string>(
    name: string,
    reasons: readonly Reason[],
  ): ReasonCounter<Reason> {
    const totals = this.#define(name, reasons);
    return { add: (reason, amount = 1) => void totals.set(reason, (totals.get(reason) ?? 0) + amount) };
  }

  /** Every counter with every reason, zeros included, in the order of definition. */
  read(): readonly CounterReading[] {
    return [...this.#totals].flatMap(([name, totals]) =>
      [...totals].map(([reason, value]) => ({ name, reason: reason === NO_REASON ? null : reason, value })),
    );
  }

  #define(name: string, reasons: readonly string[]): Map<string, number> {
    invariant(NAME.test(name), `a counter is named module_noun_verb_unit, not ${name}`);
    const known = this.#totals.get(name);
    if (known !== undefined) {
      invariant(
        reasons.length === known.size && reasons.every((reason) => known.has(reason)),
        `the counter ${name} was defined with other reasons`,
      );
      return known;
    }
    const totals = new Map(reasons.map((reason) => [reason, 0]));
    this.#totals.set(name, totals);
    return totals;
  }
}
