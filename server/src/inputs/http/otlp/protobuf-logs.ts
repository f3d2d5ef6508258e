import type { ExpandedRecords } from "../expanded-records.ts";
import { ProtobufReader } from "../wire/protobuf.ts";
import { doubleValue, emptyObject, integerValue, MAX_VALUE_DEPTH, recordText } from "./record-text.ts";
import type { LogFields, PlainObject, PlainValue, ScopeText } from "./record-text.ts";

/** ExportLogsServiceRequest. @throws BrokenProtobuf, and what `records` throws */
export function readProtobufLogs(bytes: Uint8Array, records: ExpandedRecords): void {
  const request = new ProtobufReader(bytes);
  while (request.next()) {
    if (request.field === 1) readResourceLogs(request.bytes(), records);
    else request.skip();
  }
}

/** A resource may stand behind its records: it is looked for first. */
function readResourceLogs(bytes: Uint8Array, records: ExpandedRecords): void {
  const resource = JSON.stringify(attributesIn(firstMessage(bytes, 1), 1));
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) readScopeLogs(reader.bytes(), resource, records);
    else reader.skip();
  }
}

function readScopeLogs(bytes: Uint8Array, resource: string, records: ExpandedRecords): void {
  const text: ScopeText = { resource, scope: JSON.stringify(scopeOf(firstMessage(bytes, 1))) };
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) records.add(recordText(text, logFields(reader.message())));
    else reader.skip();
  }
}

function firstMessage(bytes: Uint8Array, field: number): Uint8Array | undefined {
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === field) return reader.bytes();
    reader.skip();
  }
  return undefined;
}

function scopeOf(bytes: Uint8Array | undefined): PlainObject {
  const scope = emptyObject();
  if (bytes === undefined) return scope;
  const attributes = attributesIn(bytes, 3);
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) scope["name"] = reader.text();
    else if (reader.field === 2) scope["version"] = reader.text();
    else reader.skip();
  }
  if (Object.keys(attributes).length > 0) scope["attributes"] = attributes;
  return scope;
}

/** Repeated KeyValue of that field. */
function attributesIn(bytes: Uint8Array | undefined, field: number): PlainObject {
  const attributes = emptyObject();
  if (bytes === undefined) return attributes;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === field) addAttribute(attributes, reader.message(), 1);
    else reader.skip();
  }
  return attributes;
}

function addAttribute(attributes: PlainObject, reader: ProtobufReader, depth: number): void {
  let key = "";
  let value: PlainValue = null;
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = anyValue(reader.message(), depth);
    else reader.skip();
  }
  if (key !== "") attributes[key] = value;
}

function logFields(reader: ProtobufReader): LogFields {
  const log = emptyObject();
  const attributes = emptyObject();
  let body: PlainValue = null;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        addTime(log, "timeUnixNano", reader.fixed64());
        break;
      case 2:
        log["severityNumber"] = reader.uint32();
        break;
      case 3:
        log["severityText"] = reader.text();
        break;
      case 5:
        body = anyValue(reader.message(), 1);
        break;
      case 6:
        addAttribute(attributes, reader.message(), 1);
        break;
      case 8:
        log["flags"] = reader.fixed32();
        break;
      case 9:
        addId(log, "traceId", reader.bytes());
        break;
      case 10:
        addId(log, "spanId", reader.bytes());
        break;
      case 11:
        addTime(log, "observedTimeUnixNano", reader.fixed64());
        break;
      case 12:
        log["eventName"] = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  if (Object.keys(attributes).length > 0) log["attributes"] = attributes;
  return { log, body };
}

function addTime(log: PlainObject, name: string, nanos: bigint): void {
  if (nanos !== 0n) log[name] = nanos.toString();
}

function addId(log: PlainObject, name: string, bytes: Uint8Array): void {
  if (bytes.some((byte) => byte !== 0)) log[name] = Buffer.from(bytes).toString("hex");
}

function anyValue(reader: ProtobufReader, depth: number): PlainValue {
  let value: PlainValue = null;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        value = reader.text();
        break;
      case 2:
        value = reader.boolean();
        break;
      case 3:
        value = integerValue(reader.int64());
        break;
      case 4:
        value = doubleValue(reader.double());
        break;
      case 5:
        value = depth >= MAX_VALUE_DEPTH ? skipped(reader) : listValue(reader.message(), depth + 1);
        break;
      case 6:
        value = depth >= MAX_VALUE_DEPTH ? skipped(reader) : objectValue(reader.message(), depth + 1);
        break;
      case 7:
        value = Buffer.from(reader.bytes()).toString("base64");
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

function skipped(reader: ProtobufReader): null {
  reader.skip();
  return null;
}

function listValue(reader: ProtobufReader, depth: number): PlainValue {
  const values: PlainValue[] = [];
  while (reader.next()) {
    if (reader.field === 1) values.push(anyValue(reader.message(), depth));
    else reader.skip();
  }
  return values;
}

function objectValue(reader: ProtobufReader, depth: number): PlainValue {
  const object = emptyObject();
  while (reader.next()) {
    if (reader.field === 1) addAttribute(object, reader.message(), depth);
    else reader.skip();
  }
  return object;
}
