import type { Micros } from "@tyto/domain";
import { MINUTE } from "../day.ts";
import type { LoginAttempt } from "../logbook.ts";

/**
 * Harmless failures stay harmless: never 10 within 5 minutes from one address or for one account, and none for an account while a
 * story fails with it, so that a story's answer counts what is its own. What is asked for looks at both sides of its instant,
 * since the parts of a day are not written in order of time.
 */
export class FailureBudget {
  static readonly windowMicros = 5 * MINUTE;
  static readonly most = 8;
  readonly #spent = new Map<string, Micros[]>();
  readonly #taken = new Map<string, Micros[]>();

  /** @param planted the stories' attempts. */
  constructor(planted: readonly LoginAttempt[] = []) {
    for (const { at, account, outcome } of planted) {
      if (outcome === "failure") this.#taken.set(account, [...(this.#taken.get(account) ?? []), at]);
    }
  }

  /** Takes the failures if they fit, else none. */
  spend(
    failures: { readonly at: Micros; readonly address: string; readonly account: string },
    times = 1,
  ): boolean {
    if (near(this.#taken.get(failures.account), failures.at) > 0) return false;
    const keys = [`address ${failures.address}`, `account ${failures.account}`];
    if (keys.some((key) => near(this.#spent.get(key), failures.at) + times > FailureBudget.most))
      return false;
    for (const key of keys) {
      const list = this.#spent.get(key) ?? [];
      for (let i = 0; i < times; i += 1) list.push(failures.at);
      this.#spent.set(key, list);
    }
    return true;
  }
}

function near(instants: readonly Micros[] | undefined, at: Micros): number {
  // A minute more than the window, since a burst that begins at an instant goes on for a while.
  const reach = FailureBudget.windowMicros + MINUTE;
  return (instants ?? []).filter((each) => Math.abs(each - at) <= reach).length;
}
