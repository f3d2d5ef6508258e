import type { Micros } from "@tyto/domain";
import type { Condition } from "./alarm.ts";

const SECOND = 1_000_000;
/** From the input to the alert; usual are two seconds. */
const LATE_AFTER = 120 * SECOND;

export interface CanaryOptions {
  /** Sends a record through an input, as any sender would. Resolves when it is acknowledged. */
  readonly send: (mark: string) => Promise<void>;
  /** Whether the canary's rule has raised an alert for this mark, or for a later one. */
  readonly isAlerted: (mark: string) => Promise<boolean>;
  readonly newMark: () => string;
  readonly now: () => Micros;
}

export interface CanaryState {
  readonly state: "never-sent" | "under-way" | "arrived" | "missing";
  readonly sentAt: Micros | null;
  /** Receipt to alert of the last one that arrived, in microseconds. */
  readonly took: number | null;
}

/**
 * A labelled event that goes all the way: input, journal, pack, rule, alert. When it does not come out at the end, something between is
 * broken that no other check sees, and real attacks would not come out either.
 */
export class Canary {
  readonly #options: CanaryOptions;
  #mark: string | undefined;
  #sentAt: Micros | null = null;
  #took: number | null = null;
  #failure: string | undefined;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /** One at a time: while one is missing, another would say nothing new. */
  async send(): Promise<void> {
    if (this.#mark !== undefined && this.state.state === "under-way") return;
    this.#mark = this.#options.newMark();
    this.#sentAt = this.#options.now();
    this.#took = null;
    this.#failure = undefined;
    try {
      await this.#options.send(this.#mark);
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : "unknown";
    }
  }

  get state(): CanaryState {
    const sentAt = this.#sentAt;
    const took = this.#took;
    if (sentAt === null) return { state: "never-sent", sentAt, took };
    if (took !== null) return { state: "arrived", sentAt, took };
    const isLate = this.#failure !== undefined || this.#options.now() - sentAt > LATE_AFTER;
    return { state: isLate ? "missing" : "under-way", sentAt, took };
  }

  /** Looks whether it came out. */
  async check(): Promise<readonly Condition[]> {
    if (this.#mark !== undefined && this.#sentAt !== null && this.#took === null) {
      if (await this.#options.isAlerted(this.#mark)) this.#took = this.#options.now() - this.#sentAt;
    }
    if (this.state.state !== "missing") return [];
    return [
      {
        kind: "canary-missing",
        message:
          this.#failure === undefined
            ? `The canary event has raised no alert for ${Math.round((this.#options.now() - (this.#sentAt ?? 0)) / SECOND)} seconds`
            : `The canary event was not taken: ${this.#failure}`,
        hint: "Something between input and alert does not work. Look for the newest event of source tyto in the search, and at the log.",
      },
    ];
  }
}
