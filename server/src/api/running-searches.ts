import { TytoError } from "@tyto/domain";

const MAX_PER_OWNER = 12;
const MAX_TOTAL = 64;

interface Running {
  readonly owner: string;
  readonly stop: AbortController;
}

export interface Search {
  /** Aborts when the owner cancels or the caller goes away. */
  readonly signal: AbortSignal;
  /** Name of it in the engine; two owners may choose the same id. */
  readonly queryId: string;
}

/** The searches that run now, each with its owner: nobody else can see or stop it. */
export class RunningSearches {
  readonly #running = new Map<string, Running>();

  /** Runs the work under an id; `stop` ends it early. @throws TytoError `conflict`, `rate-limited`. */
  async run<T>(
    search: { readonly owner: string; readonly id: string; readonly gone: AbortSignal },
    work: (search: Search) => Promise<T>,
  ): Promise<T> {
    const { owner, id, gone } = search;
    const key = `${owner} ${id}`;
    this.#admit(owner, key);
    const stop = new AbortController();
    const leave = (): void => stop.abort();
    gone.addEventListener("abort", leave, { once: true });
    if (gone.aborted) leave();
    this.#running.set(key, { owner, stop });
    try {
      return await work({ signal: stop.signal, queryId: `api ${key}` });
    } finally {
      gone.removeEventListener("abort", leave);
      this.#running.delete(key);
    }
  }

  /** The engine's name of an owner's search that runs. */
  queryIdOf(owner: string, id: string): string | undefined {
    const key = `${owner} ${id}`;
    return this.#running.has(key) ? `api ${key}` : undefined;
  }

  /** @returns whether the owner had such a search running. */
  stop(owner: string, id: string): boolean {
    const running = this.#running.get(`${owner} ${id}`);
    running?.stop.abort();
    return running !== undefined;
  }

  #admit(owner: string, key: string): void {
    if (this.#running.has(key)) throw new TytoError("conflict", "A search with this id is running");
    const own = [...this.#running.values()].filter((one) => one.owner === owner).length;
    if (own < MAX_PER_OWNER && this.#running.size < MAX_TOTAL) return;
    throw new TytoError("rate-limited", "Too many searches are running", {
      hint: "Wait for one to end, or cancel it.",
    });
  }
}
