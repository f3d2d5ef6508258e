import type { FieldValue } from "@tyto/domain";

declare global {
  interface String {
    /** ES2024; in Node since 20. The library types of ES2023 lack it. */
    toWellFormed(): string;
  }
}

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A JSON string literal. A lone surrogate becomes U+FFFD: the engine refuses the whole batch for one (code 25). */
export function jsonText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}

/** From here on the engine takes digits alone for a broken document, and finds nothing in all of it. */
const LARGE = 2 ** 63;

/** A JSON value of a field; numbers that JSON lacks become text. */
export function jsonValue(value: FieldValue): string {
  if (typeof value === "string") return jsonText(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "number") return value === null ? "null" : jsonCompound(value);
  if (!Number.isFinite(value)) return `"${String(value)}"`;
  if (Math.abs(value) >= LARGE) return value.toExponential();
  return Object.is(value, -0) ? "-0" : String(value);
}

function jsonCompound(value: readonly FieldValue[] | { readonly [key: string]: FieldValue }): string {
  if (isList(value)) return `[${value.map(jsonValue).join(",")}]`;
  const members = Object.entries(value).map(([key, member]) => `${jsonText(key)}:${jsonValue(member)}`);
  return `{${members.join(",")}}`;
}

export function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}
