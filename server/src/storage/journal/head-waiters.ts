import type { TytoError } from "@tyto/domain";

interface Waiter {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Those who wait for the journal to reach a sequence. */
export class HeadWaiters {
  readonly #waiters = new Set<Waiter>();

  wait(sequence: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        signal.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        sequence,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      };
      const onAbort = (): void => waiter.reject(signal.reason as Error);
      this.#waiters.add(waiter);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  reached(head: number): void {
    for (const waiter of this.#waiters) if (waiter.sequence <= head) waiter.resolve();
  }

  /** Nothing more will come. */
  fail(error: TytoError): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
