import { isIP } from "node:net";
import { formatMicros, MAX_MICROS, parseRfc3339 } from "@tyto/domain";
import type { FieldScalar, FieldValue } from "@tyto/domain";
import type { ColumnKind } from "./columns.ts";
import { jsonText } from "./json-text.ts";

/** A value as a typed column takes it: JSON, and whether the column alone gives the very same value back. */
export interface ColumnValue {
  readonly json: string;
  readonly isExact: boolean;
}

/** @returns `undefined` when a column of this kind cannot hold the value. */
export function columnValue(kind: ColumnKind, value: FieldValue): ColumnValue | undefined {
  if (value === null || typeof value === "object") return undefined;
  switch (kind) {
    case "text":
      return textValue(value);
    case "number":
      return Number.isSafeInteger(value)
        ? { json: String(value), isExact: !Object.is(value, -0) }
        : undefined;
    case "real":
      if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
      return { json: String(value), isExact: !Object.is(value, -0) };
    case "boolean":
      return typeof value === "boolean" ? { json: String(value), isExact: true } : undefined;
    case "instant":
      return typeof value === "string" ? instantValue(value) : undefined;
    case "ip":
      return typeof value === "string" ? addressValue(value) : undefined;
  }
}

/** An empty text reads as a missing one, and a number written as text would come back as text: neither is exact. */
function textValue(value: FieldScalar): ColumnValue {
  if (typeof value === "string") return { json: jsonText(value), isExact: value !== "" };
  return { json: `"${String(value)}"`, isExact: false };
}

function instantValue(text: string): ColumnValue | undefined {
  const instant = parseRfc3339(text);
  if (instant === undefined || instant < 0 || instant >= MAX_MICROS) return undefined;
  return { json: instantJson(instant), isExact: formatMicros(instant) === text };
}

/** `DateTime64(6)` as the engine reads it: seconds with six decimals. */
export function engineInstant(instant: number): string {
  const seconds = Math.floor(instant / 1_000_000);
  return `${seconds}.${String(instant - seconds * 1_000_000).padStart(6, "0")}`;
}

/** Quoted: the engine reads no fraction from a JSON number. */
export function instantJson(instant: number): string {
  return `"${engineInstant(instant)}"`;
}

function addressValue(text: string): ColumnValue | undefined {
  switch (isIP(text)) {
    case 4:
      return { json: `"${text}"`, isExact: true };
    case 6:
      return text.includes("%") ? undefined : { json: `"${text}"`, isExact: isCanonicalIpv6(text) };
    default:
      return undefined;
  }
}

/**
 * Whether the engine prints these 128 bits with these characters. Addresses that it may print in dotted form (mapped and
 * compatible IPv4, both begin with `::`) are said not to, which only costs a copy.
 */
function isCanonicalIpv6(text: string): boolean {
  if (text === "::1") return true;
  if (text.startsWith("::") || text.includes(".")) return false;
  return new URL(`http://[${text}]/`).hostname === `[${text}]`;
}
