import type { WebhookKind } from "@tyto/domain";
import { JsonSplitter } from "../../records/json-splitter.ts";
import type { SplitRecord } from "../../records/splitter.ts";
import { checkRecords } from "../record-limits.ts";
import type { RecordLimits } from "../record-limits.ts";
import { splitBody, splitLines } from "../split-body.ts";

/**
 * The records of a webhook's body, byte for byte: the events in Okta's envelope, the JSON in GitHub's form field, else NDJSON, a list, one
 * object or lines. What looked like JSON and is none is text: its sender would not send it again.
 */
export function webhookRecords(
  body: Uint8Array,
  about: { readonly kind: WebhookKind; readonly mediaType: string },
  limits: RecordLimits,
): readonly SplitRecord[] {
  const bytes = about.mediaType === "application/x-www-form-urlencoded" ? formPayload(body) : body;
  if (about.kind === "okta") {
    const events = oktaEvents(bytes, limits);
    if (events.length > 0) return events;
  }
  try {
    const { records, rejected } = splitBody(bytes, { ...limits, isText: false });
    if (rejected.length === 0) return records;
  } catch {
    // Kept as text below, within the same limits.
  }
  return splitLines(bytes, limits);
}

/** `payload=…`, as GitHub and Slack write it; any other form is kept as it came. */
function formPayload(body: Uint8Array): Uint8Array {
  const payload = new URLSearchParams(Buffer.from(body).toString("utf8")).get("payload");
  return payload === null ? body : Buffer.from(payload);
}

/** `{"data": {"events": [ … ]}}`. */
function oktaEvents(body: Uint8Array, limits: RecordLimits): readonly SplitRecord[] {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.length);
  const start = buffer.indexOf(`"events"`);
  const count = start === -1 ? 0 : countEvents(buffer);
  if (count === 0) return [];
  checkRecords(count, limits);
  const splitter = new JsonSplitter("list", limits.maxRecordBytes);
  return splitter.push(buffer.subarray(start)).slice(0, count);
}

/** How many there are; text of the envelope behind the list is none. */
function countEvents(body: Buffer): number {
  try {
    const object: unknown = JSON.parse(body.toString("utf8"));
    const data: unknown =
      typeof object === "object" && object !== null && "data" in object ? object.data : undefined;
    const events: unknown =
      typeof data === "object" && data !== null && "events" in data ? data.events : undefined;
    return Array.isArray(events) ? events.length : 0;
  } catch {
    return 0;
  }
}
