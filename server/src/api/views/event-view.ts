import { formatMicros, summariseEvent } from "@tyto/domain";
import type { EventBody, Quarantined, QuarantinedRecord, SourceId } from "@tyto/domain";
import type { SourceRecord, StoredEvent } from "../../storage/index.ts";

const EXCERPT_BYTES = 2_000;
const HEX_BYTES = 512;

export type SourcesById = ReadonlyMap<SourceId, SourceRecord>;

/** An event whole, with one line that says what happened. */
export function eventView(event: StoredEvent, sources: SourcesById): EventBody {
  const source = sources.get(event.source);
  const raw = rawView(event.raw);
  return {
    id: event.id,
    timestamp: formatMicros(event.timestamp),
    ingested: formatMicros(event.ingested),
    source: { id: event.source, name: source?.name ?? event.source, input: source?.input ?? "" },
    pack: event.pack,
    summary: summariseEvent(event.fields, raw.rawEncoding === "utf8" ? raw.raw : ""),
    fields: event.fields,
    ...raw,
  };
}

/** The beginning of an event's record, to look at. Bytes that are no text are shown as U+FFFD. */
export function sampleView({ id, raw }: StoredEvent): {
  readonly id: string;
  readonly raw: string;
  readonly bytes: number;
} {
  return { id, raw: excerptOf(raw), bytes: raw.length };
}

export function quarantinedView(record: QuarantinedRecord, sources: SourcesById): Quarantined {
  return {
    id: record.id,
    ingested: formatMicros(record.ingested),
    source: sources.get(record.source)?.name ?? record.source,
    reason: record.reason,
    detail: record.detail,
    pack: record.pack ?? null,
    bytes: record.raw.length,
    excerpt: excerptOf(record.raw),
    isText: isTextAtHead(record.raw),
    hex: Buffer.from(record.raw.subarray(0, HEX_BYTES)).toString("hex"),
  };
}

/** Of the excerpt alone; a character that its end cuts is no damage. */
function isTextAtHead(raw: Uint8Array): boolean {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    decoder.decode(raw.subarray(0, EXCERPT_BYTES), { stream: raw.length > EXCERPT_BYTES });
    return true;
  } catch {
    return false;
  }
}

function excerptOf(raw: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw.subarray(0, EXCERPT_BYTES), {
    // A character that the cut halves is left out, not shown as damage.
    stream: raw.length > EXCERPT_BYTES,
  });
}

/** Text where the bytes are UTF-8 (a byte order mark stays), else base64: nothing is lost on the way. */
function rawView(raw: Uint8Array): Pick<EventBody, "raw" | "rawEncoding"> {
  try {
    return {
      raw: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw),
      rawEncoding: "utf8",
    };
  } catch {
    return { raw: Buffer.from(raw).toString("base64"), rawEncoding: "base64" };
  }
}
