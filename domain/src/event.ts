import type { EventId, Sequence, SourceId } from "./ids.ts";
import type { Micros } from "./micros.ts";

export type FieldScalar = string | number | boolean;
/** Lists stay flat; an object occurs only inside vendor namespaces and in lists of objects. */
export type FieldValue = FieldScalar | null | readonly FieldValue[] | { readonly [key: string]: FieldValue };

/**
 * Flat ECS 9.4: dotted keys, no nesting (`"source.ip": "10.0.0.5"`). Made without a prototype, so that a field called
 * `__proto__` is a field. Vendor fields keep a namespace of their own (`cisco.asa.message_id`).
 */
export type EventFields = Readonly<Record<string, FieldValue>>;

/** The schemas that events leave in; `ecs` is our own. */
export const EVENT_SCHEMAS = ["ecs", "ocsf"] as const;
export type EventSchema = (typeof EVENT_SCHEMAS)[number];

/** Where the event's time came from. */
export const TIME_ORIGINS = ["event", "event-without-zone", "event-without-year", "received"] as const;
export type TimeOrigin = (typeof TIME_ORIGINS)[number];

/** What a sender said beside the bytes. Read again, they mean the same only with it. */
export interface SentWith {
  /** The pack or dataset that the sender named. */
  readonly pack?: string;
  /** Lines of the file or body that name the columns of the record. */
  readonly header?: string;
}

/** One normalised occurrence. Never modified; its id is deterministic, so replay cannot duplicate it. */
export interface Event {
  readonly id: EventId;
  readonly sequence: Sequence;
  readonly source: SourceId;
  /** The event's own time; the time of receipt when it names none. */
  readonly timestamp: Micros;
  readonly timeOrigin: TimeOrigin;
  /** When the input received it. */
  readonly ingested: Micros;
  /** `<pack>` or `<pack>/<dataset>` that read it, `unknown` when none did. */
  readonly pack: string;
  /** Without `@timestamp`, `event.id` of ours or the raw bytes: those are columns of their own. */
  readonly fields: EventFields;
  /** Bytes as received. */
  readonly raw: Uint8Array;
  readonly sentWith?: SentWith;
}

/** Why a record did not become an Event. Closed: each is a row of the books. */
export const QUARANTINE_REASONS = [
  "oversize",
  "bad-frame",
  "truncated-stream",
  "too-many-fields",
  "too-deep",
  "pack-rejected",
  "pack-failed",
  "engine-rejected",
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/** A record that could not become an Event: stored, counted, replayable once its pack is mended. */
export interface QuarantinedRecord {
  readonly id: EventId;
  readonly sequence: Sequence;
  readonly source: SourceId;
  readonly ingested: Micros;
  readonly reason: QuarantineReason;
  /** One sentence for the person who mends it; no record content. */
  readonly detail: string;
  readonly raw: Uint8Array;
  /** The pack that refused it or failed on it. */
  readonly pack?: string;
  readonly sentWith?: SentWith;
}

/** Why a record was left out on purpose. */
export const FILTER_REASONS = ["duplicate", "pack-dropped", "source-filter", "source-sample"] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];
