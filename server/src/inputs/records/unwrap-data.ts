import { gunzipSync } from "node:zlib";
import { isGzip } from "../gunzip.ts";
import { sniffLayout, splitterFor } from "./sniff.ts";
import type { SplitRecord } from "./splitter.ts";

/** What one element may inflate to, in lengths of a record. */
const MAX_INFLATED_RECORDS = 16;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The records inside an element of Firehose (`{"data": …}`) or Kinesis (`{"kinesis": {"data": …}}`): base64 is their transport, as is the
 * gzip that CloudWatch puts within, and one element may hold many. Anything else, and what cannot be undone, is the one record that it was.
 */
export function unwrapData(piece: SplitRecord, maxRecordBytes: number): readonly SplitRecord[] {
  const data = piece.fault === undefined ? dataOf(piece) : undefined;
  const bytes = data === undefined ? undefined : inflated(Buffer.from(data, "base64"), maxRecordBytes);
  if (bytes === undefined) return [piece];
  const splitter = splitterFor(sniffLayout(bytes), maxRecordBytes);
  const inner = [...splitter.push(bytes), ...splitter.end(true)];
  return inner.map((record) => ({ ...record, number: piece.number, offset: piece.offset }));
}

function dataOf(piece: SplitRecord): string | undefined {
  const isFirehose = piece.header?.includes('"requestId"') === true;
  const text = Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.length);
  if (!isFirehose && !text.includes('"aws:kinesis"')) return undefined;
  const element = parsed(text.toString("utf8"));
  const holder = isFirehose ? element : objectAt(element, "kinesis");
  const data = objectAt({ holder }, "holder")?.["data"];
  return typeof data === "string" && BASE64.test(data) ? data : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectAt(value: unknown, key: string): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const inner = (value as Readonly<Record<string, unknown>>)[key];
  return typeof inner === "object" && inner !== null
    ? (inner as Readonly<Record<string, unknown>>)
    : undefined;
}

function inflated(bytes: Buffer, maxRecordBytes: number): Buffer | undefined {
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxRecordBytes * MAX_INFLATED_RECORDS });
  } catch {
    return undefined;
  }
}
