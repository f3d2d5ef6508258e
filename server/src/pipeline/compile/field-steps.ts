import { FIELDS, QUERY_ALIASES, formatMicros } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";
import type { Assignment, LookupTable, Operation, TreeMove, ValueSource } from "../../content/index.ts";
import type { Draft, RunStep } from "../draft.ts";
import { CONVERSION, compileWrite } from "../values.ts";
import type { WriteField } from "../values.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;
type ReadValue = (draft: Draft) => FieldValue | undefined;

export function compileValue(source: ValueSource): ReadValue {
  switch (source.kind) {
    case "constant": {
      const { value } = source;
      return () => value;
    }
    case "field": {
      const { field } = source;
      return field === TIMESTAMP ? timestampOf : (draft) => draft.fields.get(field);
    }
    case "template": {
      const { parts } = source;
      return (draft) => {
        let text = "";
        for (const part of parts) {
          const piece = part.kind === "text" ? part.text : pieceOf(draft, part.field);
          if (piece === undefined) return undefined;
          text += piece;
        }
        return text;
      };
    }
  }
}

/** The event's own time is no field until the end. */
const TIMESTAMP = "@timestamp";

/** The event's time as RFC 3339 text, where the record said one. */
function timestampOf(draft: Draft): string | undefined {
  return draft.timeOrigin === "received" ? undefined : formatMicros(draft.timestamp);
}

function pieceOf(draft: Draft, field: string): string | undefined {
  return field === TIMESTAMP ? timestampOf(draft) : draft.textOf(field);
}

interface CompiledAssignment {
  readonly name: string;
  readonly write: WriteField;
  readonly read: ReadValue;
}

function compileAssignments(assignments: readonly Assignment[]): readonly CompiledAssignment[] {
  return assignments.map(({ target, value }) => ({
    name: target.name,
    write: compileWrite(target),
    read: compileValue(value),
  }));
}

function assign(draft: Draft, assignments: readonly CompiledAssignment[], onlyMissing: boolean): void {
  for (const { name, write, read } of assignments) {
    if (onlyMissing && draft.fields.has(name)) continue;
    const value = read(draft);
    if (value !== undefined) write(draft, value);
  }
}

export function compileSet(operation: OperationOf<"set">): RunStep {
  const assignments = compileAssignments(operation.assignments);
  const { onlyMissing } = operation;
  return (draft) => {
    assign(draft, assignments, onlyMissing);
    return "next";
  };
}

export function compileAppend(operation: OperationOf<"append">): RunStep {
  const assignments = compileAssignments(operation.assignments);
  return (draft) => {
    for (const { name, write, read } of assignments) {
      const added = read(draft);
      if (added === undefined) continue;
      const merged: FieldValue[] = asItems(draft.fields.get(name)).slice();
      for (const item of asItems(added)) if (!merged.includes(item)) merged.push(item);
      write(draft, merged);
    }
    return "next";
  };
}

function asItems(value: FieldValue | undefined): readonly FieldValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
}

export function compileMove(operation: OperationOf<"move">): RunStep {
  const { onlyMissing } = operation;
  const moves = operation.moves.map(({ from, target }) => ({
    from,
    name: target.name,
    write: compileWrite(target),
  }));
  const moveTrees = compileTrees(operation.trees, { isCopy: false, onlyMissing });
  return (draft) => {
    const { fields } = draft;
    moveTrees?.(draft);
    for (const { from, name, write } of moves) {
      const value = fields.get(from);
      if (value === undefined || (onlyMissing && isFilled(draft, name))) continue;
      // What does not fit stays where it was, visible.
      if (write(draft, value) && from !== name) fields.delete(from);
    }
    return "next";
  };
}

function isFilled(draft: Draft, name: string): boolean {
  return name === "@timestamp" ? draft.timeOrigin !== "received" : draft.fields.has(name);
}

export function compileCopy(operation: OperationOf<"copy">): RunStep {
  const moves = operation.moves.map(({ from, target }) => ({ from, write: compileWrite(target) }));
  const copyTrees = compileTrees(operation.trees, { isCopy: true, onlyMissing: false });
  return (draft) => {
    copyTrees?.(draft);
    for (const { from, write } of moves) {
      const value = draft.fields.get(from);
      if (value !== undefined) write(draft, value);
    }
    return "next";
  };
}

/**
 * Moves everything below some names. One look at each name that the event has, whatever the number of trees of the step; names below
 * a tree are joined by the cache, so that they are the same texts each time. `null` where there is no tree.
 */
function compileTrees(
  trees: readonly TreeMove[],
  options: { readonly isCopy: boolean; readonly onlyMissing: boolean },
): ((draft: Draft) => void) | null {
  if (trees.length === 0) return null;
  const prefixes = trees.map(({ from, into, isEcs }) => ({ prefix: `${from}.`, into, isEcs }));
  return (draft) => {
    const { fields, names } = draft;
    // Collected first: what is written must not be met again where a tree moves below itself.
    let found: string[] | null = null;
    for (const key of fields.keys()) {
      if (prefixes.some(({ prefix }) => key.startsWith(prefix))) (found ??= []).push(key);
    }
    for (const key of found ?? []) {
      const tree = prefixes.find(({ prefix }) => key.startsWith(prefix));
      const value = fields.get(key);
      if (tree === undefined || value === undefined) continue;
      const name = names.join(tree.into, key.slice(tree.prefix.length));
      if (name === key || (options.onlyMissing && isFilled(draft, name))) continue;
      const isWritten = tree.isEcs
        ? ECS_WRITERS.get(name)?.(draft, value) === true
        : setPlain(draft, name, value);
      if (isWritten && !options.isCopy) fields.delete(key);
    }
  };
}

function setPlain(draft: Draft, name: string, value: FieldValue): true {
  draft.fields.set(name, value);
  return true;
}

/** Writers of every ECS field, made once: `adopt` meets names that no pack wrote down. */
const ECS_WRITERS: ReadonlyMap<string, WriteField> = new Map(
  [...FIELDS.values()]
    .filter((field) => !QUERY_ALIASES.has(field.name))
    .map((field) => [field.name, compileWrite(field)] as const),
);

/** `ns.source.ip` → `source.ip`: takes over fields that already bear ECS names, unless the event has them. */
export function compileAdopt(namespace: string): RunStep {
  const prefix = `${namespace}.`;
  return (draft) => {
    for (const [key, value] of draft.fields) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      const write = ECS_WRITERS.get(name);
      if (write === undefined || draft.fields.has(name)) continue;
      if (write(draft, value)) draft.fields.delete(key);
    }
    return "next";
  };
}

export function compileConvert(operation: OperationOf<"convert">): RunStep {
  const conversions = operation.fields.map(({ name, to }) => ({ name, convert: CONVERSION[to] }));
  return (draft) => {
    for (const { name, convert } of conversions) {
      const value = draft.fields.get(name);
      if (value === undefined) continue;
      const converted = convert(value, draft);
      if (converted === undefined) draft.flagUnconverted(name);
      else draft.fields.set(name, converted);
    }
    return "next";
  };
}

export function compileLookup(
  operation: OperationOf<"lookup">,
  table: LookupTable | undefined,
  fallback: RunStep,
): RunStep {
  const key = compileValue(operation.key);
  const into = operation.into === null ? null : compileWrite(operation.into);
  const rows = new Map<string, (draft: Draft) => void>();
  for (const [name, row] of table ?? []) {
    if (row.kind === "value") rows.set(name, (draft) => void into?.(draft, row.value));
    else {
      const assignments = compileAssignments(row.assignments);
      rows.set(name, (draft) => {
        assign(draft, assignments, false);
      });
    }
  }
  return (draft) => {
    const value = key(draft);
    const row = value === undefined || typeof value === "object" ? undefined : rows.get(String(value));
    if (row === undefined) return fallback(draft);
    row(draft);
    return "next";
  };
}

/** Names, some with a trailing `*` for everything that begins so. */
function compileNames(names: readonly string[]): {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
} {
  return {
    exact: new Set(names.filter((name) => !name.endsWith("*"))),
    prefixes: names.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1)),
  };
}

export function compileRemove(names: readonly string[]): RunStep {
  const { exact, prefixes } = compileNames(names);
  return (draft) => {
    for (const name of exact) draft.fields.delete(name);
    if (prefixes.length > 0) {
      for (const key of draft.fields.keys()) {
        if (prefixes.some((prefix) => key.startsWith(prefix))) draft.fields.delete(key);
      }
    }
    return "next";
  };
}

export function compileKeep(names: readonly string[]): RunStep {
  const { exact, prefixes } = compileNames(names);
  return (draft) => {
    for (const key of draft.fields.keys()) {
      if (!exact.has(key) && !prefixes.some((prefix) => key.startsWith(prefix))) draft.fields.delete(key);
    }
    return "next";
  };
}

export function compileDropValues(operation: OperationOf<"dropValues">): RunStep {
  const { exact, prefixes } = compileNames(operation.fields);
  const values = new Set<unknown>(operation.values);
  return (draft) => {
    for (const [key, value] of draft.fields) {
      if (values.has(value) && (exact.has(key) || prefixes.some((prefix) => key.startsWith(prefix)))) {
        draft.fields.delete(key);
      }
    }
    return "next";
  };
}
