import { Counters } from "./counters.ts";
import { createLog } from "./log.ts";
import type { Log, LogOptions } from "./log.ts";

/** What every module may be handed to say how it is doing. */
export interface Telemetry {
  readonly log: Log;
  readonly counters: Counters;
}

/** Once per process, in `main.ts`. */
export function createTelemetry(options: LogOptions): Telemetry {
  return { log: createLog(options), counters: new Counters() };
}
