import type { FieldValue } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import { MAX_LEAVES, flattenInto, isJsonObject } from "../decoders/json.ts";
import type { JsonObject } from "../decoders/json.ts";
import type { Draft, RunStep, Signal } from "../draft.ts";

type Entries = Extract<Operation, { kind: "entries" }>;

/** What would be read as nesting, or cannot be typed in a search, is an underscore in a field's name. */
const UNFIT = /[.\s]+/g;
/** A name longer than this is no name. */
const MAX_NAME_CHARACTERS = 128;

/**
 * `[{"Name": "UserAgent", "Value": "curl"}]` → `….UserAgent: curl`. What has no name stays in the list, so that nothing is
 * lost; a name that comes twice keeps both values.
 */
export function compileEntries(operation: Entries): RunStep {
  const { field, name } = operation;
  const write = name === null ? writeNumbered(operation.into) : writeNamed(operation, name);
  return (draft) => {
    const list = draft.fields.get(field);
    if (!Array.isArray(list) || !list.some(isJsonObject)) return "next";
    draft.fields.delete(field);
    return write(draft, list as readonly unknown[]);
  };
}

type WriteList = (draft: Draft, list: readonly unknown[]) => Signal;

function writeNumbered(into: string): WriteList {
  return (draft, list) => {
    for (let i = 0; i < list.length; i += 1) {
      const signal = writeUnder(draft, draft.names.join(into, String(i)), list[i]);
      if (signal !== "next") return signal;
    }
    return "next";
  };
}

/** Lists of objects within are numbered too. Their depth is the decoder's, which is bounded. */
function writeUnder(draft: Draft, prefix: string, value: unknown): Signal {
  if (value === null || value === undefined || value === "") return "next";
  if (Array.isArray(value) && value.some(isJsonObject)) return writeNumbered(prefix)(draft, value);
  if (!isJsonObject(value)) return writeLeaf(draft, prefix, value as FieldValue);
  for (const key of Object.keys(value)) {
    const signal = writeUnder(draft, draft.names.join(prefix, key), value[key]);
    if (signal !== "next") return signal;
  }
  return "next";
}

function writeNamed({ field, into, value }: Entries, name: string): WriteList {
  return (draft, list) => {
    const nameless: FieldValue[] = [];
    const repeated = new Map<string, FieldValue[]>();
    for (const item of list) {
      const key = isJsonObject(item) ? item[name] : undefined;
      if (!isJsonObject(item) || typeof key !== "string" || key === "" || key.length > MAX_NAME_CHARACTERS) {
        nameless.push(item as FieldValue);
        continue;
      }
      const target = draft.names.join(into, key.replace(UNFIT, "_"));
      const content = value === null ? without(item, name) : item[value];
      const signal = isJsonObject(content)
        ? flattenInto(draft, content, target)
        : writeValue(draft, target, content as FieldValue, repeated);
      if (signal !== "next") return signal;
    }
    if (nameless.length > 0) draft.fields.set(field, nameless);
    return "next";
  };
}

function without(item: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== key));
}

/** Lists of what came twice are this call's own, and grow in place: a list of equal names must not cost its square. */
function writeValue(
  draft: Draft,
  name: string,
  value: FieldValue | undefined,
  repeated: Map<string, FieldValue[]>,
): Signal {
  if (value === null || value === undefined || value === "") return "next";
  const present = draft.fields.get(name);
  if (present === undefined) return writeLeaf(draft, name, value);
  const own = repeated.get(name) ?? [present];
  own.push(value);
  repeated.set(name, own);
  return writeLeaf(draft, name, own);
}

function writeLeaf(draft: Draft, name: string, value: FieldValue): Signal {
  draft.leaves += 1;
  if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
  draft.fields.set(name, value);
  return "next";
}
