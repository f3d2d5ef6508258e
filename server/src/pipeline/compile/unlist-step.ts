import type { FieldValue } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import { MAX_LEAVES, flattenInto, isJsonObject } from "../decoders/json.ts";
import type { JsonObject } from "../decoders/json.ts";
import type { Draft, RunStep, Signal } from "../draft.ts";

/** What would be read as nesting, or cannot be typed in a search, is an underscore in a field's name. */
const UNFIT = /[.\s]+/g;
/** A name longer than this is no name. */
const MAX_NAME_CHARACTERS = 128;

/** A list of objects becomes fields. What has no name stays in the list, so that nothing is lost. */
export function compileUnlist(operation: Extract<Operation, { kind: "unlist" }>): RunStep {
  const { field, into, name } = operation;
  return (draft) => {
    const list = draft.fields.get(field);
    if (!Array.isArray(list) || !list.some(isJsonObject)) return "next";
    draft.fields.delete(field);
    if (name === null) return writeNumbered(draft, into, list as readonly unknown[]);
    const nameless: FieldValue[] = [];
    for (const item of list as readonly FieldValue[]) {
      const target = nameOf(item, name);
      if (target === undefined) nameless.push(item);
      else {
        const signal = flattenInto(draft, without(item, name), draft.names.join(into, target));
        if (signal !== "next") return signal;
      }
    }
    if (nameless.length > 0) draft.fields.set(field, nameless);
    return "next";
  };
}

function nameOf(item: FieldValue, key: string): string | undefined {
  const name = isJsonObject(item) && Object.hasOwn(item, key) ? item[key] : undefined;
  const isName = typeof name === "string" && name !== "" && name.length <= MAX_NAME_CHARACTERS;
  return isName ? name.replace(UNFIT, "_") : undefined;
}

function without(item: FieldValue, key: string): JsonObject {
  return isJsonObject(item) ? Object.fromEntries(Object.entries(item).filter(([name]) => name !== key)) : {};
}

function writeNumbered(draft: Draft, into: string, list: readonly unknown[]): Signal {
  for (let i = 0; i < list.length; i += 1) {
    const signal = writeUnder(draft, draft.names.join(into, String(i)), list[i]);
    if (signal !== "next") return signal;
  }
  return "next";
}

/** Lists of objects within are numbered too. Their depth is the decoder's, which is bounded. */
function writeUnder(draft: Draft, name: string, value: unknown): Signal {
  if (value === null || value === undefined || value === "") return "next";
  if (Array.isArray(value) && value.some(isJsonObject)) return writeNumbered(draft, name, value);
  if (!isJsonObject(value)) {
    draft.leaves += 1;
    if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    draft.fields.set(name, value as FieldValue);
    return "next";
  }
  for (const key of Object.keys(value)) {
    const signal = writeUnder(draft, draft.names.join(name, key), value[key]);
    if (signal !== "next") return signal;
  }
  return "next";
}
