import { formatMicros } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import type { Draft, RunStep } from "../draft.ts";
import { compileDateFormat } from "../time/date-format.ts";
import { UTC, parseZone } from "../time/zone.ts";
import type { Zone } from "../time/zone.ts";
import { writeTimestamp } from "../values.ts";

/** Tries the formats in order. The text is removed when it was read: the time stands in its field. */
export function compileDate(operation: Extract<Operation, { kind: "date" }>, fallback: RunStep): RunStep {
  const { from, target, zoneField } = operation;
  const readers = operation.formats.map(compileDateFormat);
  const usual = operation.zone === null ? undefined : parseZone(operation.zone);
  return (draft: Draft) => {
    const value = draft.fields.get(from);
    if (typeof value !== "string" && typeof value !== "number") return fallback(draft);
    const zone = zoneField === null ? usual : zoneOf(draft.fields.get(zoneField));
    // UTC is what a source has that nobody set.
    const context = zone === undefined || draft.zone !== UTC ? draft : { zone, receivedAt: draft.receivedAt };
    for (const read of readers) {
      const reading = read(value, context);
      if (reading === undefined) continue;
      if (from !== target.name) draft.fields.delete(from);
      if (target.name === "@timestamp") {
        const isToldByRecord =
          zoneField !== null && context !== draft && reading.origin === "event-without-zone";
        writeTimestamp(draft, isToldByRecord ? { instant: reading.instant, origin: "event" } : reading);
      } else draft.fields.set(target.name, formatMicros(reading.instant));
      return "next";
    }
    return fallback(draft);
  };
}

/** Offsets are few; whoever writes others into their lines gets them read each time. */
const REMEMBERED_ZONES = 200;
const LONGEST_ZONE = 40;
const zones = new Map<string, Zone | undefined>();

function zoneOf(value: unknown): Zone | undefined {
  if (typeof value !== "string" || value.length > LONGEST_ZONE) return undefined;
  if (zones.has(value)) return zones.get(value);
  const zone = parseZone(value);
  if (zones.size < REMEMBERED_ZONES) zones.set(value, zone);
  return zone;
}
