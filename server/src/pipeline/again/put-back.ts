import { eventId, sequence } from "@tyto/domain";
import type { Event, EventId, QuarantinedRecord, RawRecord, Sequence } from "@tyto/domain";
import type { EventStore, Journal } from "../../storage/index.ts";
import type { AppliedOutcome, AppliedSpan } from "../applied-outcomes.ts";
import type { Normaliser, RecordOutcome } from "../ports.ts";
import { rejectedRecord } from "../applier.ts";
import { normaliseAgain } from "./raw-again.ts";

export interface PutBackOptions {
  readonly journal: Pick<Journal, "read">;
  readonly events: Pick<EventStore, "insert" | "insertQuarantined">;
  /** Identities that the store holds of a span. */
  readonly present: (span: AppliedSpan) => Promise<ReadonlySet<EventId>>;
  readonly normaliser: () => Normaliser;
}

export interface PutBackReport {
  /** Stored again. */
  readonly restored: number;
  /** Stored once, in the store no more, and in the journal no more. */
  readonly gone: number;
}

const READ_LIMITS = { records: 2_000, bytes: 16 * 1024 * 1024 } as const;
const TEXT_LENGTH = 16_384;

/**
 * Stores again what a span's records became and the store has lost. They were booked and detection has seen them: nothing but the rows is
 * made anew. May be repeated.
 */
export async function putBack(span: AppliedSpan, options: PutBackOptions): Promise<PutBackReport> {
  const present = await options.present(span);
  const { outcomes } = span;
  let restored = 0;
  let gone = 0;
  let next: number = span.first;
  while (next <= span.last) {
    const read = await options.journal.read(sequence(next), READ_LIMITS);
    const records = read.filter(({ sequence: at }) => at >= next && at <= span.last);
    const until = records[0]?.sequence ?? span.last + 1;
    // What lies before the first one that was read was released already.
    gone += outcomes.slice(next - span.first, until - span.first).filter((one) => one !== "f").length;
    const missing = records.filter(
      (record) =>
        outcomes[record.sequence - span.first] !== "f" &&
        !present.has(eventId(record.origin, record.ordinal)),
    );
    restored += await storeAgain(missing, (at) => outcomes[at - span.first] ?? "f", options);
    next = (records.at(-1)?.sequence ?? span.last) + 1;
  }
  // Of what was released nobody knows any more which it was: as many as the store holds are not gone.
  return { restored, gone: Math.max(0, gone - present.size) };
}

async function storeAgain(
  records: readonly RawRecord[],
  outcomeOf: (at: Sequence) => AppliedOutcome,
  { events: store, normaliser }: PutBackOptions,
): Promise<number> {
  if (records.length === 0) return 0;
  const outcomes = await normaliseAgain(normaliser(), records);
  const events: Event[] = [];
  const quarantined: QuarantinedRecord[] = [];
  records.forEach((record, index) => {
    const outcome = outcomes[index] as RecordOutcome;
    if (outcome.kind === "event") events.push(outcome.event);
    // Today's packs would refuse or drop it: it is booked as stored, so it stays an event.
    else if (outcomeOf(record.sequence) === "s") events.push(plainEvent(record));
    else if (outcome.kind === "quarantined") quarantined.push(outcome.record);
  });
  const byId = new Map(events.map((event) => [event.id, event]));
  const rejected = (await store.insert(events)).flatMap(({ id, message }) => {
    const event = byId.get(id);
    return event === undefined ? [] : [rejectedRecord(event, message)];
  });
  await store.insertQuarantined([...quarantined, ...rejected]);
  return events.length + quarantined.length;
}

function plainEvent(record: RawRecord): Event {
  const { origin, ordinal, sequence: at, source, receivedAt, bytes, pack, header } = record;
  const fields = Object.create(null) as Record<string, string>;
  fields["message"] = Buffer.from(bytes).toString("utf8").slice(0, TEXT_LENGTH);
  const sentWith = {
    ...(pack === undefined ? {} : { pack }),
    ...(header === undefined ? {} : { header }),
  };
  return {
    id: eventId(origin, ordinal),
    sequence: at,
    source,
    timestamp: receivedAt,
    timeOrigin: "received",
    ingested: receivedAt,
    pack: "unknown",
    fields,
    raw: bytes,
    ...(Object.keys(sentWith).length === 0 ? {} : { sentWith }),
  };
}
