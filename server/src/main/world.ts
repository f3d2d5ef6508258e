import type { Writable } from "node:stream";
import type { Micros } from "@tyto/domain";

/** What the program takes from outside itself; tests hand in their own clock and randomness. */
export interface World {
  readonly now: () => Micros;
  /** Monotonic, for pacing and durations. */
  readonly clockMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Tyto's own log, one JSON line an entry. */
  readonly log: Writable;
  readonly version: string;
  /** `PATH`, for programs that connections run. */
  readonly programPath: string;
  /** Names, beside loopback and literal addresses, under which people reach this machine. */
  readonly hostNames: readonly string[];
  readonly paths: {
    readonly engineChild: string;
    readonly kqlWorker: string;
    /** The built console. */
    readonly webRoot: string;
    /** Where this build remembers rule sets whose cases hold. */
    readonly caseProofs: string;
  };
}
