import { TytoError } from "@tyto/domain";
import type { ExpandedRecords } from "../expanded-records.ts";
import { ProtobufReader } from "../wire/protobuf.ts";
import { parseLabels } from "./labels.ts";

/** One line with its labels, its nanoseconds and metadata of its own: the shape in which Loki's own command line prints it. */
function entryText(labels: string, nanos: string, line: string, metadata: object | undefined): string {
  const more =
    metadata === undefined || Object.keys(metadata).length === 0
      ? ""
      : `,"metadata":${JSON.stringify(metadata)}`;
  return `{"labels":${labels},"timestamp":"${nanos}","line":${JSON.stringify(line)}${more}}`;
}

const NANOS = /^\d{1,20}$/;

/** `{"streams": [{"stream": {…}, "values": [["ns", "line", {…}]]}]}`. @throws TytoError `bad-request` when an entry is none */
export function readJsonPush(push: Readonly<Record<string, unknown>>, records: ExpandedRecords): void {
  const { streams } = push;
  if (!Array.isArray(streams)) throw bad("there are no streams");
  for (const each of streams as readonly unknown[]) {
    const { stream, values } = isObject(each) ? each : {};
    if (!isObject(stream) || !Array.isArray(values)) throw bad("a stream has no labels or no values");
    const labels = JSON.stringify(stream);
    for (const value of values as readonly unknown[]) {
      const [nanos, line, metadata] = Array.isArray(value) ? (value as readonly unknown[]) : [];
      if (typeof nanos !== "string" || !NANOS.test(nanos) || typeof line !== "string") {
        throw bad("a value is not [nanoseconds, line]");
      }
      records.add(entryText(labels, nanos, line, isObject(metadata) ? metadata : undefined));
    }
  }
}

/** PushRequest, inflated. @throws BrokenProtobuf, TytoError `bad-request` */
export function readProtobufPush(bytes: Uint8Array, records: ExpandedRecords): void {
  const request = new ProtobufReader(bytes);
  while (request.next()) {
    if (request.field === 1) readStream(request.bytes(), records);
    else request.skip();
  }
}

function readStream(bytes: Uint8Array, records: ExpandedRecords): void {
  let labels = "{}";
  const first = new ProtobufReader(bytes);
  while (first.next()) {
    if (first.field === 1) labels = JSON.stringify(parseLabels(first.text()));
    else first.skip();
  }
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) readEntry(reader.message(), labels, records);
    else reader.skip();
  }
}

function readEntry(reader: ProtobufReader, labels: string, records: ExpandedRecords): void {
  let nanos = "0";
  let line = "";
  const metadata = Object.create(null) as Record<string, string>;
  while (reader.next()) {
    if (reader.field === 1) nanos = readTimestamp(reader.message());
    else if (reader.field === 2) line = reader.text();
    else if (reader.field === 3) readPair(reader.message(), metadata);
    else reader.skip();
  }
  records.add(entryText(labels, nanos, line, metadata));
}

function readTimestamp(reader: ProtobufReader): string {
  let seconds = 0n;
  let nanos = 0n;
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int64();
    else if (reader.field === 2) nanos = reader.int64();
    else reader.skip();
  }
  const total = seconds * 1_000_000_000n + nanos;
  return total < 0n ? "0" : total.toString();
}

function readPair(reader: ProtobufReader, metadata: Record<string, string>): void {
  let name = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  metadata[name] = value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(what: string): TytoError {
  return new TytoError("bad-request", `${what}; nothing of the body was accepted`);
}
