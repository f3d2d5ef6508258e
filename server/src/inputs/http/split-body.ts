import { TytoError } from "@tyto/domain";
import type { IngestReply } from "@tyto/domain";
import { JsonSplitter } from "../records/json-splitter.ts";
import { LineSplitter } from "../records/line-splitter.ts";
import { sniffLayout, splitterFor } from "../records/sniff.ts";
import type { RecordSplitter, SplitRecord } from "../records/splitter.ts";

export interface SplitOutcome {
  readonly records: readonly Uint8Array[];
  readonly rejected: IngestReply["rejected"];
}

/**
 * NDJSON, a JSON list, one JSON object or lines of text, told apart by what they look like; `isText` asks for lines whatever they
 * look like. Records keep their exact bytes. A line that is no JSON is a record like any other; only one beyond the limit is
 * rejected, by its line (in a list: by its element).
 */
export function splitBody(
  body: Uint8Array,
  options: { readonly isText: boolean; readonly maxRecordBytes: number },
): SplitOutcome {
  const layout = options.isText ? "lines" : sniffLayout(body);
  const splitter = splitterFor(layout, options.maxRecordBytes);
  const pieces = split(splitter, body);
  if (!(splitter instanceof JsonSplitter) || splitter.isComplete)
    return sorted(pieces, options.maxRecordBytes);
  // What looked like pretty-printed JSON and is none is text.
  if (layout === "values")
    return sorted(split(new LineSplitter(options.maxRecordBytes), body), options.maxRecordBytes);
  throw new TytoError(
    "bad-request",
    "the JSON list is not closed, or text follows it; nothing of it was accepted",
    {
      hint: "send one whole list, one object per line, or lines with Content-Type: text/plain",
    },
  );
}

function split(splitter: RecordSplitter, body: Uint8Array): readonly SplitRecord[] {
  const pieces = splitter.push(body);
  return [...pieces, ...splitter.end(true)];
}

function sorted(pieces: readonly SplitRecord[], maxRecordBytes: number): SplitOutcome {
  const records: Uint8Array[] = [];
  const rejected: { line: number; reason: string }[] = [];
  for (const piece of pieces) {
    if (piece.fault === undefined) records.push(piece.bytes);
    else rejected.push({ line: piece.number, reason: `longer than ${maxRecordBytes} bytes` });
  }
  return { records, rejected };
}
