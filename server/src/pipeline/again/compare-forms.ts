import { isDeepStrictEqual } from "node:util";
import type { Event } from "@tyto/domain";
import type { ParsedEvent } from "../../storage/index.ts";
import type { RecordOutcome } from "../ports.ts";

export type FormVerdict =
  | { readonly kind: "unchanged" }
  /** The newer form says less: the earlier one stays. */
  | { readonly kind: "kept" }
  /** Names of fields that came, went or changed; `@timestamp` for the event's time. */
  | { readonly kind: "changed"; readonly event: Event; readonly fields: readonly string[] };

const UNKNOWN = "unknown";

/**
 * What today's packs make of an event's bytes against what is stored. An event never leaves: what a pack would drop or refuse now,
 * or no longer knows, stays as it is.
 */
export function compareForms(stored: ParsedEvent, outcome: RecordOutcome): FormVerdict {
  if (outcome.kind !== "event") return { kind: "kept" };
  const { event } = outcome;
  if (event.pack === UNKNOWN && stored.pack !== UNKNOWN) return { kind: "kept" };
  const fields = changedFields(stored, event);
  const isSame = fields.length === 0 && event.pack === stored.pack && event.timeOrigin === stored.timeOrigin;
  return isSame ? { kind: "unchanged" } : { kind: "changed", event, fields };
}

function changedFields(stored: ParsedEvent, event: Event): readonly string[] {
  const names = new Set([...Object.keys(stored.fields), ...Object.keys(event.fields)]);
  const changed = [...names].filter(
    (name) => !isDeepStrictEqual(plain(stored.fields[name]), plain(event.fields[name])),
  );
  return stored.timestamp === event.timestamp ? changed : ["@timestamp", ...changed];
}

/** As it comes back from the store: objects have other prototypes there, and -0 is 0. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  return typeof value === "object" && value !== null ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
}
