import { formatMicros } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import type { Draft, RunStep } from "../draft.ts";
import { compileDateFormat } from "../time/date-format.ts";
import { UTC, parseZone } from "../time/zone.ts";
import { writeTimestamp } from "../values.ts";

/** Tries the formats in order. The text is removed when it was read: the time stands in its field. */
export function compileDate(operation: Extract<Operation, { kind: "date" }>, fallback: RunStep): RunStep {
  const { from, target } = operation;
  const readers = operation.formats.map(compileDateFormat);
  const usual = operation.zone === null ? undefined : parseZone(operation.zone);
  return (draft: Draft) => {
    const value = draft.fields.get(from);
    if (typeof value !== "string" && typeof value !== "number") return fallback(draft);
    // UTC is what a source has that nobody set.
    const context =
      usual === undefined || draft.zone !== UTC ? draft : { zone: usual, receivedAt: draft.receivedAt };
    for (const read of readers) {
      const reading = read(value, context);
      if (reading === undefined) continue;
      if (from !== target.name) draft.fields.delete(from);
      if (target.name === "@timestamp") writeTimestamp(draft, reading);
      else draft.fields.set(target.name, formatMicros(reading.instant));
      return "next";
    }
    return fallback(draft);
  };
}
