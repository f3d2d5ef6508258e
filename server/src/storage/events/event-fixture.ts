import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, FieldValue } from "@tyto/domain";

/** For tests only. */

export const ORIGIN = originId("00000000000000aa");
export const SOURCE = sourceId("00000000000000bb");
export const INSTANT = micros(1_795_000_000_123_456);

/** An event with this place in the journal. */
export function eventAt(place: number, change: Partial<Event> = {}): Event {
  return {
    id: eventId(ORIGIN, place),
    sequence: sequence(place),
    source: SOURCE,
    timestamp: INSTANT,
    timeOrigin: "event",
    ingested: INSTANT,
    pack: "linux/sshd",
    fields: fieldsOf({}),
    raw: Buffer.from(`line ${place}`),
    ...change,
  };
}

export function fieldsOf(entries: Readonly<Record<string, FieldValue>>): EventFields {
  const fields = Object.create(null) as Record<string, FieldValue>;
  for (const name of Object.keys(entries)) fields[name] = entries[name] as FieldValue;
  return fields;
}
