import { micros, TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { parseInstant } from "../query/index.ts";
import { badField } from "./errors.ts";

/** `from` inclusive, `to` exclusive. */
export interface TimeRange {
  readonly from: Micros;
  readonly to: Micros;
}

/** Reads `from` and `to` as people write them. @throws TytoError `bad-request`. */
export function readTimeRange(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  options: {
    /** What the fields are called in the request: `body.from`. */
    readonly part: "body" | "query";
    readonly now: Micros;
    /** From when, without `from`. */
    readonly defaultMicros: number;
  },
): TimeRange {
  const { part, now, defaultMicros } = options;
  const read = (name: "from" | "to", otherwise: Micros): Micros => {
    const text = asked[name];
    const instant = text === undefined ? otherwise : parseInstant(text, now);
    if (instant !== undefined) return instant;
    throw badField(`${part}.${name}`, "This is no time: write -24h, -7d, now or 2026-01-31T08:00:00Z");
  };
  // Exclusive, so that what happened right now is in.
  const to = read("to", micros(now + 1));
  const from = read("from", micros(Math.max(0, to - defaultMicros)));
  if (from < to) return { from, to };
  throw new TytoError("bad-request", "The time range ends before it begins");
}
