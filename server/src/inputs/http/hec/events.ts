import { JsonSplitter } from "../../records/json-splitter.ts";
import type { SplitRecord } from "../../records/splitter.ts";
import { checkRecords } from "../record-limits.ts";
import type { RecordLimits } from "../record-limits.ts";
import type { HecAnswer } from "./answers.ts";

/** Events of a body up to the first that is none; `problem` says what that one lacks and which it is, from 0. */
export interface HecEvents {
  readonly events: readonly SplitRecord[];
  readonly problem?: { readonly answer: HecAnswer; readonly number: number };
}

/**
 * Objects one after the other, with or without anything between them. Real senders write all forms, under any content type. One that is
 * too long is cut and goes to quarantine: its sender would drop the whole batch for it.
 */
export function readHecEvents(body: Uint8Array, limits: RecordLimits): HecEvents {
  const splitter = new JsonSplitter("values", limits.maxRecordBytes);
  const events: SplitRecord[] = [];
  for (const piece of pieces(splitter, body)) {
    if (piece.fault !== "oversize") {
      const answer = piece.fault === undefined ? problemOf(piece.bytes) : "invalidFormat";
      if (answer !== undefined) return { events, problem: { answer, number: events.length } };
    }
    events.push(piece);
    checkRecords(events.length, limits);
  }
  return { events };
}

const SLICE_BYTES = 256 * 1024;

function* pieces(splitter: JsonSplitter, body: Uint8Array): Generator<SplitRecord> {
  for (let at = 0; at < body.length; at += SLICE_BYTES)
    yield* splitter.push(body.subarray(at, at + SLICE_BYTES));
  yield* splitter.end(true);
}

function problemOf(bytes: Uint8Array): HecAnswer | undefined {
  const object = parsed(bytes);
  if (typeof object !== "object" || object === null || Array.isArray(object)) return "invalidFormat";
  const { event, fields } = object as { readonly event?: unknown; readonly fields?: unknown };
  if (event === undefined || event === null) return "eventRequired";
  if (event === "" || isEmptyObject(event)) return "eventBlank";
  const isFlat =
    fields === undefined || fields === null || (typeof fields === "object" && !Array.isArray(fields));
  return isFlat ? undefined : "invalidFields";
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  } catch {
    return undefined;
  }
}
