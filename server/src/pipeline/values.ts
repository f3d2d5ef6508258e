import { isIP } from "node:net";
import { FIELDS, formatMicros } from "@tyto/domain";
import type { FieldType, FieldValue, Micros } from "@tyto/domain";
import type { Conversion, FieldTarget } from "../content/index.ts";
import type { Draft } from "./draft.ts";
import { readIso8601 } from "./time/date-format.ts";
import { readEpoch } from "./time/reading.ts";
import type { TimeReading } from "./time/reading.ts";

/** Writes a value to one field as that field's type. `false`: it could not be; nothing was written. */
export type WriteField = (draft: Draft, value: FieldValue) => boolean;

/** Value → value of the field's type, `undefined` when it is none. */
type Convert = (value: FieldValue, draft: Draft) => FieldValue | undefined;

/** Stamps earlier than this come from devices whose clock was never set. */
const EARLIEST = (Date.UTC(1990, 0, 1) * 1_000) as Micros;
/** Clocks run ahead by minutes and zones are wrong by hours; a stamp beyond this is nobody's time. */
const FURTHEST_LEAD = 2 * 24 * 3_600 * 1_000_000;

/** Makes a stamp the event's own time, unless it is absurd: then the event keeps the time of receipt. */
export function writeTimestamp(draft: Draft, reading: TimeReading): void {
  if (reading.instant < EARLIEST || reading.instant > draft.receivedAt + FURTHEST_LEAD) {
    draft.flagUnconverted("@timestamp");
    return;
  }
  draft.timestamp = reading.instant;
  draft.timeOrigin = reading.origin;
}

export function compileWrite(target: FieldTarget): WriteField {
  const { name, type, isArray } = target;
  if (name === "@timestamp") return writeTime;
  if (type === null) {
    return (draft, value) => {
      draft.fields.set(name, value);
      return true;
    };
  }
  const convert = withinClosedList(name, CONVERT[type]);
  return (draft, value) => {
    if (value === null || value === "") return true;
    const converted = Array.isArray(value) ? convertAll(value, convert, draft) : convert(value, draft);
    if (converted === undefined) {
      draft.flagUnconverted(name);
      return false;
    }
    draft.fields.set(name, isArray ? asList(converted) : asScalar(converted));
    return true;
  };
}

/** ECS's closed lists hold for what a line says as they do for what a pack says. */
function withinClosedList(name: string, convert: Convert): Convert {
  const allowed = FIELDS.get(name)?.allowed;
  if (allowed === undefined) return convert;
  const values = new Set<FieldValue>(allowed);
  return (value, draft) => {
    const converted = convert(value, draft);
    return converted !== undefined && values.has(converted) ? converted : undefined;
  };
}

const writeTime: WriteField = (draft, value) => {
  const reading = typeof value === "string" || typeof value === "number" ? readTime(value, draft) : undefined;
  if (reading === undefined) {
    draft.flagUnconverted("@timestamp");
    return false;
  }
  writeTimestamp(draft, reading);
  return true;
};

function convertAll(values: readonly FieldValue[], convert: Convert, draft: Draft): FieldValue | undefined {
  const converted: FieldValue[] = [];
  for (const item of values) {
    if (item === null || item === "") continue;
    const one = convert(item, draft);
    if (one === undefined) return undefined;
    converted.push(one);
  }
  return converted;
}

function asList(value: FieldValue): FieldValue {
  return Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
}

function asScalar(value: FieldValue): FieldValue {
  if (!Array.isArray(value)) return value;
  const items = value as readonly FieldValue[];
  return items.length === 1 ? (items[0] ?? null) : items;
}

const CONVERT: Readonly<Record<FieldType, Convert>> = {
  keyword: toText,
  text: toText,
  long: toLong,
  float: toDouble,
  boolean: toBoolean,
  ip: toIp,
  date: toDate,
  geo_point: (value) => value,
  object: (value) => value,
};

export const CONVERSION: Readonly<Record<Conversion, Convert>> = {
  long: toLong,
  double: toDouble,
  boolean: toBoolean,
  ip: toIp,
  string: toText,
  hex: (value) => {
    const text = typeof value === "string" ? value : "";
    return /^(?:0x)?[0-9a-f]{1,13}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
  },
};

function toText(value: FieldValue): FieldValue | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

function toLong(value: FieldValue): FieldValue | undefined {
  if (typeof value === "string") {
    if (!/^ *[+-]?\d{1,16}(?:\.0*)? *$/.test(value)) return undefined;
    const parsed = Number(value);
    return Number.isSafeInteger(parsed) ? parsed : undefined;
  }
  if (typeof value !== "number") return undefined;
  const whole = Math.trunc(value);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

function toDouble(value: FieldValue): FieldValue | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^ *[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})? *$/.test(value))
    return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

function toBoolean(value: FieldValue): FieldValue | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value).toLowerCase();
  if (text === "true" || text === "yes" || text === "1" || text === "on") return true;
  if (text === "false" || text === "no" || text === "0" || text === "off") return false;
  return undefined;
}

/** An address as logged, without the brackets, zone or prefix length that some products put around it. */
export function toIp(value: FieldValue): FieldValue | undefined {
  if (typeof value !== "string") return undefined;
  if (isIP(value) !== 0 && !value.includes("%")) return value;
  const bare = value
    .trim()
    .replace(/^\[|\]$/g, "")
    .replace(/%[\w.-]{1,32}$/, "");
  return isIP(bare) === 0 ? undefined : bare;
}

function toDate(value: FieldValue, draft: Draft): FieldValue | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const reading = readTime(value, draft);
  return reading === undefined ? undefined : formatMicros(reading.instant);
}

function readTime(value: string | number, draft: Draft): TimeReading | undefined {
  return readIso8601(value, draft) ?? readEpoch(value, null);
}
