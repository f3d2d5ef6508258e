import { TytoError } from "@tyto/domain";
import type { IngestReply } from "@tyto/domain";
import { EnvelopeSplitter } from "../records/envelope-splitter.ts";
import { JsonSplitter } from "../records/json-splitter.ts";
import { sniffLayout, splitterFor } from "../records/sniff.ts";
import { unwrapData } from "../records/unwrap-data.ts";
import { checkRecords } from "./record-limits.ts";
import type { RecordLimits } from "./record-limits.ts";
import type { RecordSplitter, SplitRecord } from "../records/splitter.ts";

export interface SplitOutcome {
  /** In order. Those under one header are sent on together. */
  readonly records: readonly SplitRecord[];
  readonly rejected: IngestReply["rejected"];
}

/**
 * NDJSON, a JSON list, one JSON object or lines of text, told apart by what they look like; `isText` asks for lines whatever they
 * look like. Records keep their exact bytes. A line that is no JSON is a record like any other; only one beyond the limit is
 * rejected, by its line (in a list: by its element).
 */
export function splitBody(
  body: Uint8Array,
  options: RecordLimits & { readonly isText: boolean },
): SplitOutcome {
  const layout = options.isText ? "lines" : sniffLayout(body);
  const splitter = splitterFor(layout, options.maxRecordBytes);
  const pieces = split(splitter, body, options);
  const isJson = splitter instanceof JsonSplitter || splitter instanceof EnvelopeSplitter;
  if (!isJson || splitter.isComplete) return sorted(pieces, options.maxRecordBytes);
  // What looked like pretty-printed JSON and is none is text.
  if (layout === "values") return splitBody(body, { ...options, isText: true });
  throw new TytoError(
    "bad-request",
    "the JSON list is not closed, or text follows it; nothing of it was accepted",
    { hint: "send one whole list, one object per line, or lines with Content-Type: text/plain" },
  );
}

/** Lines of text, whatever they look like; those beyond the limit are cut and carry their fault. */
export function splitLines(body: Uint8Array, limits: RecordLimits): readonly SplitRecord[] {
  return split(splitterFor("lines", limits.maxRecordBytes), body, limits);
}

/** Cut off slice by slice, so that a body of millions of tiny lines meets the limit before they are all in memory. */
const SLICE_BYTES = 256 * 1024;

function split(splitter: RecordSplitter, body: Uint8Array, limits: RecordLimits): readonly SplitRecord[] {
  const pieces: SplitRecord[] = [];
  const take = (piece: SplitRecord): void => {
    for (const record of unwrapData(piece, limits.maxRecordBytes)) pieces.push(record);
    checkRecords(pieces.length, limits);
  };
  for (let at = 0; at < body.length; at += SLICE_BYTES) {
    for (const piece of splitter.push(body.subarray(at, at + SLICE_BYTES))) take(piece);
  }
  splitter.end(true).forEach(take);
  return pieces;
}

function sorted(pieces: readonly SplitRecord[], maxRecordBytes: number): SplitOutcome {
  const records: SplitRecord[] = [];
  const rejected: { line: number; reason: string }[] = [];
  for (const piece of pieces) {
    if (piece.fault === undefined) records.push(piece);
    else rejected.push({ line: piece.number, reason: `longer than ${maxRecordBytes} bytes` });
  }
  return { records, rejected };
}
