import { assertNever } from "@tyto/domain";
import type { Expression, Relation } from "./ir.ts";
import { TABLES } from "./tables.ts";

/** Result column → the table's field whose values it holds, unchanged: what a click on a value can filter by. */
export function columnOrigins(relation: Relation): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name } of relation.columns) {
    const origin = originOf(relation, name);
    if (origin !== undefined) found.set(name, origin);
  }
  return found;
}

function originOf(relation: Relation, name: string): string | undefined {
  switch (relation.kind) {
    case "scan":
      return TABLES[relation.table].columns.get(name)?.aliasOf ?? name;
    case "filter":
    case "sort":
    case "take":
    case "sample":
      return originOf(relation.input, name);
    case "project": {
      const item = relation.items.find((one) => one.name === name);
      return item === undefined ? undefined : originOfValue(relation.input, item.value);
    }
    case "extend":
    case "expand": {
      if (relation.kind === "expand" && relation.index === name) return undefined;
      const item = relation.items.find((one) => one.name === name);
      return item === undefined ? originOf(relation.input, name) : originOfValue(relation.input, item.value);
    }
    case "window":
      return relation.items.some((one) => one.name === name) ? undefined : originOf(relation.input, name);
    case "summarize": {
      const key = relation.keys.find((one) => one.name === name);
      return key === undefined ? undefined : originOfValue(relation.input, key.value);
    }
    case "join": {
      const output = relation.columns.find((one) => one.name === name);
      return output === undefined ? undefined : originOf(relation[output.side], output.from);
    }
    case "union": {
      const origins = new Set(relation.inputs.map((input) => originOf(input, name)));
      return origins.size === 1 ? [...origins][0] : undefined;
    }
    case "series":
    case "values":
    case "range":
      return undefined;
    default:
      return assertNever(relation);
  }
}

function originOfValue(input: Relation, value: Expression): string | undefined {
  if (value.kind === "column") return originOf(input, value.name);
  const [only] = value.kind === "call" && value.op === "tostring" ? value.args : [];
  return only?.kind === "column" ? originOf(input, only.name) : undefined;
}
