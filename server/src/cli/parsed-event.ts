import { eventId, formatMicros } from "@tyto/domain";
import type { FieldValue, RawRecord } from "@tyto/domain";
import { toOcsf } from "../ocsf/index.ts";
import type { OcsfObject } from "../ocsf/index.ts";
import type { RecordOutcome } from "../pipeline/index.ts";

/** The event as one flat object, with the text it was made from; what a quarantined or dropped record leaves says why. */
export function flatEvent(outcome: RecordOutcome, raw: Uint8Array): Readonly<Record<string, FieldValue>> {
  const original = Buffer.from(raw).toString("utf8");
  switch (outcome.kind) {
    case "event":
      return {
        "@timestamp": formatMicros(outcome.event.timestamp),
        ...outcome.event.fields,
        "event.original": original,
      };
    case "quarantined":
      return {
        "event.kind": "pipeline_error",
        "error.code": outcome.record.reason,
        "error.message": outcome.record.detail,
        "event.original": original,
      };
    case "filtered":
      return { "event.kind": "event", "tyto.filtered": outcome.reason, "event.original": original };
  }
}

/** The same in OCSF: what became no event is an error of translation there, with the record in `raw_data`. */
export function ocsfEvent(outcome: RecordOutcome, record: RawRecord): OcsfObject {
  if (outcome.kind === "event") return toOcsf(outcome.event);
  const { "event.original": _raw, ...fields } = flatEvent(outcome, record.bytes);
  return toOcsf({
    id: eventId(record.origin, record.ordinal),
    timestamp: record.receivedAt,
    timeOrigin: "received",
    ingested: record.receivedAt,
    pack: "unknown",
    fields,
    raw: record.bytes,
  });
}
