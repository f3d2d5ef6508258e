import { INPUT_FAULTS, invariant, parseEventId } from "@tyto/domain";
import type { Event, InputFault, QuarantinedRecord, RawRecord, SentWith } from "@tyto/domain";
import type { ParsedEvent } from "../../storage/index.ts";
import type { Normaliser, RecordOutcome } from "../ports.ts";

/** Records normalised without a pause: listeners share this thread and must get their turn. */
const SLICE_RECORDS = 100;

/** The record that an event was made from, as the journal had it. */
export function recordOfEvent(event: ParsedEvent): RawRecord {
  return rawRecord(event);
}

/** The record as the journal had it. What its frame did to it, no pack can mend. */
export function recordOfQuarantined(record: QuarantinedRecord): RawRecord {
  const fault = INPUT_FAULTS.find((one): one is InputFault => one === record.reason);
  const raw = rawRecord(record);
  return fault === undefined ? raw : { ...raw, fault };
}

/** The event as the pipeline handed it on. */
export function eventOf({ retention: _retention, parse: _parse, ...event }: ParsedEvent): Event {
  return event;
}

function rawRecord(
  from: Pick<Event, "id" | "sequence" | "source" | "ingested" | "raw"> & { readonly sentWith?: SentWith },
): RawRecord {
  const identity = parseEventId(from.id);
  invariant(identity !== undefined, "what is stored has an id");
  const { pack, header } = from.sentWith ?? {};
  return {
    ...identity,
    sequence: from.sequence,
    source: from.source,
    receivedAt: from.ingested,
    bytes: from.raw,
    ...(pack === undefined ? {} : { pack }),
    ...(header === undefined ? {} : { header }),
  };
}

/** One outcome per record, in order, with pauses. */
export async function normaliseAgain(
  normaliser: Normaliser,
  records: readonly RawRecord[],
): Promise<readonly RecordOutcome[]> {
  const outcomes: RecordOutcome[] = [];
  for (let at = 0; at < records.length; at += SLICE_RECORDS) {
    outcomes.push(...normaliser.normalise(records.slice(at, at + SLICE_RECORDS)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return outcomes;
}
