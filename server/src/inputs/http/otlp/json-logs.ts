import type { ExpandedRecords } from "../expanded-records.ts";
import { doubleValue, emptyObject, integerValue, MAX_VALUE_DEPTH, recordText } from "./record-text.ts";
import type { LogFields, PlainObject, PlainValue, ScopeText } from "./record-text.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON form of ExportLogsServiceRequest, already parsed; what has not the form it must have is left out. @throws what `records` throws */
export function readJsonLogs(request: JsonObject, records: ExpandedRecords): void {
  for (const resourceLogs of objectsIn(request["resourceLogs"])) {
    const resource = JSON.stringify(attributesOf(objectIn(resourceLogs["resource"])["attributes"], 1));
    for (const scopeLogs of objectsIn(resourceLogs["scopeLogs"])) {
      const text: ScopeText = { resource, scope: JSON.stringify(scopeOf(objectIn(scopeLogs["scope"]))) };
      for (const record of objectsIn(scopeLogs["logRecords"]))
        records.add(recordText(text, logFields(record)));
    }
  }
}

function scopeOf(scope: JsonObject): PlainObject {
  const plain = emptyObject();
  for (const name of ["name", "version"]) addText(plain, name, scope[name]);
  const attributes = attributesOf(scope["attributes"], 1);
  if (Object.keys(attributes).length > 0) plain["attributes"] = attributes;
  return plain;
}

function logFields(record: JsonObject): LogFields {
  const log = emptyObject();
  for (const name of ["timeUnixNano", "observedTimeUnixNano"]) addTime(log, name, record[name]);
  for (const name of ["severityNumber", "flags"]) {
    const value = record[name];
    if (typeof value === "number" && Number.isFinite(value)) log[name] = value;
  }
  for (const name of ["severityText", "eventName", "traceId", "spanId"]) addText(log, name, record[name]);
  const attributes = attributesOf(record["attributes"], 1);
  if (Object.keys(attributes).length > 0) log["attributes"] = attributes;
  return { log, body: anyValue(record["body"], 1) };
}

/** 64 bits come as digits, from some senders as a number. */
function addTime(log: PlainObject, name: string, value: unknown): void {
  const digits = typeof value === "number" && value > 0 ? value.toFixed(0) : value;
  if (typeof digits === "string" && /^[1-9]\d{0,19}$/.test(digits)) log[name] = digits;
}

function addText(object: PlainObject, name: string, value: unknown): void {
  if (typeof value === "string" && value !== "") object[name] = value;
}

function attributesOf(list: unknown, depth: number): PlainObject {
  const attributes = emptyObject();
  for (const { key, value } of objectsIn(list)) {
    if (typeof key === "string" && key !== "") attributes[key] = anyValue(value, depth);
  }
  return attributes;
}

function anyValue(value: unknown, depth: number): PlainValue {
  const {
    stringValue,
    boolValue,
    intValue,
    doubleValue: double,
    arrayValue,
    kvlistValue,
    bytesValue,
  } = objectIn(value);
  if (typeof stringValue === "string") return stringValue;
  if (typeof boolValue === "boolean") return boolValue;
  if (typeof intValue === "string" && /^-?\d{1,19}$/.test(intValue)) return integerValue(BigInt(intValue));
  if (typeof intValue === "number" && Number.isFinite(intValue)) return intValue;
  if (typeof double === "number") return doubleValue(double);
  if (typeof double === "string") return double;
  if (typeof bytesValue === "string") return bytesValue;
  if (depth >= MAX_VALUE_DEPTH) return null;
  if (arrayValue !== undefined) {
    const { values } = objectIn(arrayValue);
    return Array.isArray(values) ? values.map((one) => anyValue(one, depth + 1)) : [];
  }
  return kvlistValue === undefined ? null : attributesOf(objectIn(kvlistValue)["values"], depth + 1);
}

function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function objectsIn(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
