import type { FieldValue } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import { MAX_LEAVES, flattenInto, isJsonObject } from "../decoders/json.ts";
import type { JsonObject } from "../decoders/json.ts";
import type { Draft, RunStep, Signal } from "../draft.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

/** Rounds of all blocks of a record together: a list within a list is within this, a list times a list may not be. */
const MAX_ROUNDS_OF_RECORD = 20_000;

/** Runs the block once for each item. An item that is an object stands under the name, flattened, as `json` would have it. */
export function compileEach(operation: OperationOf<"each">, block: RunStep): RunStep {
  const { list, name, limit, isEntries } = operation;
  const items = isEntries ? entriesBelow(list) : itemsOf(list);
  return (draft) => {
    const all = items(draft);
    const count = Math.min(all.length, limit);
    for (let i = 0; i < count; i += 1) {
      const item = all[i];
      if (item === undefined || item === null) continue;
      draft.rounds += 1;
      if (draft.rounds > MAX_ROUNDS_OF_RECORD)
        return draft.fail("too-many-fields", `more than ${MAX_ROUNDS_OF_RECORD} rounds over lists`);
      const signal = runRound(draft, name, item, block);
      if (signal !== "next") return signal;
    }
    return "next";
  };
}

function runRound(draft: Draft, name: string, item: FieldValue, block: RunStep): Signal {
  if (!isJsonObject(item)) {
    draft.fields.set(name, item);
    const signal = block(draft);
    draft.fields.delete(name);
    return signal;
  }
  // The list's values were counted when the list was written.
  const { leaves } = draft;
  const bound = flattenInto(draft, item, name);
  draft.leaves = leaves;
  if (bound !== "next") return bound;
  const signal = block(draft);
  unbind(draft, item, name);
  return signal;
}

/** Takes away what the item bound, name by name: a look through all fields after each round would cost their product. */
function unbind(draft: Draft, object: JsonObject, prefix: string): void {
  for (const key of Object.keys(object)) {
    const name = draft.names.join(prefix, key);
    const value = object[key];
    if (isJsonObject(value)) unbind(draft, value, name);
    else draft.fields.delete(name);
  }
}

/** A single value is a list of one. */
function itemsOf(list: string): (draft: Draft) => readonly FieldValue[] {
  return (draft) => {
    const value = draft.fields.get(list);
    if (value === undefined) return [];
    return Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  };
}

/** `{key, value}` of what stands below a name, by the first part of the name: `a.x.y: 1` is `x` with `{y: 1}`. */
function entriesBelow(namespace: string): (draft: Draft) => readonly FieldValue[] {
  const prefix = `${namespace}.`;
  return (draft) => {
    const found = new Map<string, FieldValue>();
    for (const [name, value] of draft.fields) {
      if (!name.startsWith(prefix)) continue;
      const rest = name.slice(prefix.length);
      const dot = rest.indexOf(".");
      if (dot < 0) found.set(rest, value);
      else addBelow(found, rest.slice(0, dot), rest.slice(dot + 1), value);
    }
    return [...found].map(([key, value]) => ({ key, value }));
  };
}

function addBelow(found: Map<string, FieldValue>, key: string, name: string, value: FieldValue): void {
  const present = found.get(key);
  const object: Record<string, FieldValue> = isJsonObject(present)
    ? present
    : (Object.create(null) as Record<string, FieldValue>);
  object[name] = value;
  found.set(key, object);
}

/** `[{name: "x", value: 1}]` → `into.x: 1`. What it understands leaves the list; what is left stays there. */
export function compileEntries(operation: OperationOf<"entries">, fallback: RunStep): RunStep {
  const { from, key, values } = operation;
  return (draft) => {
    const list = draft.fields.get(from) ?? singleEntry(draft, from, key, values);
    if (!Array.isArray(list)) return fallback(draft);
    const left: FieldValue[] = [];
    const grown = new Set<readonly FieldValue[]>();
    for (const item of list as readonly FieldValue[]) {
      const signal = takeEntry(draft, item, operation, grown);
      if (signal === "left") left.push(item);
      else if (signal !== "next") return signal;
    }
    if (left.length === list.length) return fallback(draft);
    if (left.length === 0) draft.fields.delete(from);
    else draft.fields.set(from, left);
    return "next";
  };
}

function takeEntry(
  draft: Draft,
  item: FieldValue,
  operation: OperationOf<"entries">,
  grown: Set<readonly FieldValue[]>,
): Signal | "left" {
  if (!isJsonObject(item)) return "left";
  const { into, key, values } = operation;
  const name = Object.hasOwn(item, key) ? item[key] : undefined;
  if (typeof name !== "string" || name === "") return "left";
  const field = draft.names.join(into, name);
  for (const candidate of values) {
    const value = Object.hasOwn(item, candidate) ? item[candidate] : undefined;
    if (value === undefined || value === null || value === "") continue;
    if (isJsonObject(value)) return flattenInto(draft, value, field);
    draft.leaves += 1;
    if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    addValue(draft, field, value, grown);
    return "next";
  }
  // A name without a value says nothing more than the list did: it goes with the others.
  return "next";
}

/** A name that comes twice keeps both values. Lists made here grow in place: many equal names must not cost their square. */
function addValue(draft: Draft, name: string, value: FieldValue, grown: Set<readonly FieldValue[]>): void {
  const present = draft.fields.get(name);
  if (present === undefined) draft.fields.set(name, value);
  else if (Array.isArray(present) && grown.has(present)) present.push(value);
  else {
    const both = [present, value].flat();
    grown.add(both);
    draft.fields.set(name, both);
  }
}

/** Where a sender writes a list of one as the one. */
function singleEntry(
  draft: Draft,
  from: string,
  key: string,
  values: readonly string[],
): readonly FieldValue[] | undefined {
  const name = draft.fields.get(`${from}.${key}`);
  if (name === undefined) return undefined;
  const item: Record<string, FieldValue> = { [key]: name };
  draft.fields.delete(`${from}.${key}`);
  for (const candidate of values) {
    const value = draft.fields.get(`${from}.${candidate}`);
    if (value === undefined) continue;
    item[candidate] = value;
    draft.fields.delete(`${from}.${candidate}`);
  }
  return [item];
}
