import { formatMicros, micros, parseRfc3339 } from "@tyto/domain";
import type { CompiledColumn } from "./compile-query.ts";
import type { KqlType } from "./ir.ts";

export interface ResultColumn {
  readonly name: string;
  readonly type: KqlType;
}

const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/;

/** What the engine answers in JSON → what the API answers. `null` = no value; a string column has none, its value is empty. */
export function resultValue(column: CompiledColumn, value: unknown): unknown {
  switch (column.type) {
    case "string":
      return stringResult(column, value);
    case "bool":
      return value === null || value === undefined ? null : value === true || value === 1 || value === "true";
    case "int":
    case "long":
    case "real":
      return numberResult(value);
    case "datetime":
      return value === null ? null : datetimeResult(value);
    case "timespan":
      return value === null ? null : timespanText(Number(value));
    case "dynamic":
      return dynamicResult(column, value);
  }
}

export function resultRow(columns: readonly CompiledColumn[], row: readonly unknown[]): readonly unknown[] {
  return columns.map((column, index) => resultValue(column, row[index]));
}

function stringResult(column: CompiledColumn, value: unknown): string {
  if (typeof value !== "string")
    return typeof value === "number" || typeof value === "boolean" ? `${value}` : "";
  return column.form === "ip" ? plainAddress(value) : value;
}

function plainAddress(text: string): string {
  return MAPPED_IPV4.exec(text)?.[1] ?? text;
}

/** The runner makes 64-bit integers numbers, and leaves text where they do not fit. */
function numberResult(value: unknown): number | string | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string") return null;
  const number = Number(value);
  if (/^-?\d+$/.test(value)) return Number.isSafeInteger(number) ? number : value;
  // `inf` and `nan`, which JSON cannot say.
  return Number.isFinite(number) ? number : null;
}

/** The engine writes `2026-01-31 08:00:00.000000`, in UTC. */
function datetimeResult(value: unknown): string | null {
  const instant = typeof value === "string" ? parseRfc3339(value) : undefined;
  return instant === undefined ? null : formatMicros(micros(instant));
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as Kusto writes it. */
export function timespanText(microseconds: number): string {
  const size = Math.abs(microseconds);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(size / 86_400_000_000);
  const clock = [size / 3_600_000_000 - days * 24, (size / 60_000_000) % 60, (size / 1_000_000) % 60].map(
    two,
  );
  const fraction = size % 1_000_000;
  const tail = fraction === 0 ? "" : `.${String(fraction).padStart(6, "0")}0`;
  return `${microseconds < 0 ? "-" : ""}${days > 0 ? `${days}.` : ""}${clock.join(":")}${tail}`;
}

function dynamicResult(column: CompiledColumn, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (column.form === "ips" && Array.isArray(value)) return value.map((each) => plainAddress(String(each)));
  if (column.form === "numbers" && Array.isArray(value)) return value.map(numberResult);
  if (column.form !== "json" || typeof value !== "string") return value;
  if (value === "") return null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
