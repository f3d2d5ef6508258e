import { parseEventId } from "@tyto/domain";
import type { Event, EventFields } from "@tyto/domain";
import { eventRow } from "../src/storage/events/event-row.ts";
import { seeded, trialBatch } from "./table-trial-events.ts";

/** Rows of the erasure trial: one person's name stands in 0.5 % of them. */

export const PERSON = "quillzephyr";
export const MASK = "[erased]";
export const BATCH = 10_000;
/** Of the events with a user: 0.5 % of all. */
const ONE_IN = 133;

export interface Rows {
  readonly batches: readonly Buffer[];
  readonly named: readonly { readonly ordinal: number; readonly before: Row; readonly after: Row }[];
}

type Row = Readonly<Record<string, unknown>>;

function rewritten(event: Event, change: (text: string) => string): Event {
  const raw = Buffer.from(change(Buffer.from(event.raw).toString("utf8")));
  return { ...event, raw, fields: JSON.parse(change(JSON.stringify(event.fields))) as EventFields };
}

export function trialRows(batchCount: number): Rows {
  const random = seeded(3);
  const misfits = { "list-in-scalar": 0, "wrong-type": 0 };
  const named: Rows["named"][number][] = [];
  let users = 0;
  const rowOf = (event: Event): string => {
    if (!/user\d/.test(Buffer.from(event.raw).toString("utf8")) || users++ % ONE_IN !== 0) {
      return eventRow(event, misfits);
    }
    const about = rewritten(event, (text) => text.replace(/\buser\d+\b/g, PERSON));
    const line = eventRow(about, misfits);
    const masked = eventRow(
      rewritten(about, (text) => text.replaceAll(PERSON, MASK)),
      misfits,
    );
    const ordinal = parseEventId(event.id)?.ordinal ?? 0;
    named.push({ ordinal, before: JSON.parse(line) as Row, after: JSON.parse(masked) as Row });
    return line;
  };
  const batches = Array.from({ length: batchCount }, (_, index) =>
    Buffer.from(
      trialBatch(random, 1 + index * BATCH, BATCH)
        .map(rowOf)
        .join(""),
    ),
  );
  return { batches, named };
}
