import type { Micros } from "@tyto/domain";
import { MINUTE } from "../day.ts";

/**
 * Harmless failures stay harmless: never 10 within 5 minutes from one address or for one account. What is asked for looks at both
 * sides of its instant, since the parts of a day are not written in order of time.
 */
export class FailureBudget {
  static readonly windowMicros = 5 * MINUTE;
  static readonly most = 8;
  readonly #spent = new Map<string, Micros[]>();

  /** Takes the failures if they fit, else none. */
  spend(
    failures: { readonly at: Micros; readonly address: string; readonly account: string },
    times = 1,
  ): boolean {
    const keys = [`address ${failures.address}`, `account ${failures.account}`];
    if (keys.some((key) => this.#near(key, failures.at) + times > FailureBudget.most)) return false;
    for (const key of keys) {
      const list = this.#spent.get(key) ?? [];
      for (let i = 0; i < times; i += 1) list.push(failures.at);
      this.#spent.set(key, list);
    }
    return true;
  }

  #near(key: string, at: Micros): number {
    // A minute more than the window, since a burst that begins at an instant goes on for a while.
    const reach = FailureBudget.windowMicros + MINUTE;
    return (this.#spent.get(key) ?? []).filter((each) => Math.abs(each - at) <= reach).length;
  }
}
