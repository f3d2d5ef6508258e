import type { FieldValue } from "@tyto/domain";
import type { Draft, Signal } from "../draft.ts";
import type { FieldNameCache } from "./field-name.ts";

/** More leaf fields than this in one record is an attack on the store, not a log. */
export const MAX_LEAVES = 10_000;
export const MAX_DEPTH = 64;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that a text is, `undefined` for anything else. `JSON.parse` never runs long: it is linear in the text. */
export function parseJsonObject(text: string, toleratesPrefix = false): JsonObject | undefined {
  const start = toleratesPrefix ? text.indexOf("{") : firstVisible(text);
  if (start < 0 || text.charCodeAt(start) !== 0x7b) return undefined;
  try {
    const parsed: unknown = JSON.parse(start === 0 ? text : text.slice(start));
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function firstVisible(text: string): number {
  let i = 0;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i += 1;
  return i < text.length ? i : -1;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Writes each leaf under a dotted name: `{"a": {"b": 1}}` and `{"a.b": 1}` are the same field. Lists of plain values stay
 * lists; lists that hold objects stay as they are. Nulls, empty texts and empty lists are left out.
 */
export function flattenInto(draft: Draft, value: JsonObject, prefix: string): Signal {
  return flatten(draft, value, { prefix, depth: 1, isSnakeCase: false });
}

/** As `flattenInto`, with keys in snake case, those within lists too. */
export function flattenSnakeInto(draft: Draft, value: JsonObject, prefix: string): Signal {
  return flatten(draft, value, { prefix, depth: 1, isSnakeCase: true });
}

interface Level {
  readonly prefix: string;
  readonly depth: number;
  readonly isSnakeCase: boolean;
}

function flatten(draft: Draft, object: JsonObject, { prefix, depth, isSnakeCase }: Level): Signal {
  if (depth > MAX_DEPTH) return draft.fail("too-deep", `nested deeper than ${MAX_DEPTH} levels`);
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === null || value === undefined || value === "") continue;
    const name = draft.names.join(prefix, isSnakeCase ? draft.names.snake(key) : key);
    if (typeof value !== "object") {
      draft.leaves += 1;
      draft.fields.set(name, value as FieldValue);
    } else if (!Array.isArray(value)) {
      const signal = flatten(draft, value as JsonObject, { prefix: name, depth: depth + 1, isSnakeCase });
      if (signal !== "next") return signal;
    } else if (value.length > 0) {
      const size = measure(value, depth + 1);
      if (size === TOO_DEEP) return draft.fail("too-deep", `nested deeper than ${MAX_DEPTH} levels`);
      draft.leaves += size;
      draft.fields.set(name, (isSnakeCase ? withSnakeKeys(value, draft.names) : value) as FieldValue);
    }
    if (draft.leaves > MAX_LEAVES) {
      return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    }
  }
  return "next";
}

/** Only called for what `measure` has found to be of bounded depth. */
function withSnakeKeys(value: unknown, names: FieldNameCache): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withSnakeKeys(item, names));
  const renamed = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) renamed[names.snake(key)] = withSnakeKeys(item, names);
  return renamed;
}

const TOO_DEEP = -1;

/** Values of a list, nested ones too; a list of plain values counts as one. */
function measure(list: readonly unknown[], depth: number): number {
  if (depth > MAX_DEPTH) return TOO_DEEP;
  let total = 1;
  for (const item of list) {
    if (typeof item !== "object" || item === null) continue;
    const inner = measure(Array.isArray(item) ? item : Object.values(item), depth + 1);
    if (inner === TOO_DEEP) return TOO_DEEP;
    total += Array.isArray(item) ? inner : Object.keys(item).length + inner - 1;
  }
  return total;
}
