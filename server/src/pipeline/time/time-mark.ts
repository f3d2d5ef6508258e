import { MICROS_PER_DAY, MICROS_PER_MINUTE } from "@tyto/domain";
import type { Micros, TimeOrigin } from "@tyto/domain";

/** The slowest of the usual ways (an audit log of a cloud service) takes a day. */
const LATE = MICROS_PER_DAY;
/** Clocks that are kept agree within seconds. */
const AHEAD = 5 * MICROS_PER_MINUTE;

/** How an event's own time stands to its receipt. */
export type TimeMark =
  /** Received more than a day after it happened: a replay, an import, a sender that was cut off. */
  | "late"
  /** Its stamp lies more than five minutes ahead of its receipt: a clock is wrong, or the source's zone is not set. */
  | "future";

/** `undefined` when nothing is odd, and when the event has no time of its own. */
export function timeMark(timestamp: Micros, receivedAt: Micros, origin: TimeOrigin): TimeMark | undefined {
  if (origin === "received") return undefined;
  if (receivedAt - timestamp > LATE) return "late";
  return timestamp - receivedAt > AHEAD ? "future" : undefined;
}
