import type { FieldScalar } from "@tyto/domain";
import { COLUMN_OPERATIONS } from "./column-operations.ts";
import { DECODE_OPERATIONS } from "./decode-operations.ts";
import { DEVICE_OPERATIONS } from "./device-operations.ts";
import { LIST_OPERATIONS } from "./list-operations.ts";
import { readInteger, readText, readTexts, nearest } from "./issues.ts";
import { CONVERSIONS, MATH_OPERATORS, TEXT_OPERATIONS, UNITS } from "./pack-definition.ts";
import type {
  FieldMove,
  MathOperand,
  MathOperator,
  Operation,
  TextOperation,
  TreeMove,
  Unit,
} from "./pack-definition.ts";
import { lintPattern } from "./pattern.ts";
import type { SourceNode } from "./source-node.ts";
import type { OperationReader, StepReader } from "./step-reader.ts";

function assigning(kind: "set" | "append", onlyMissing: boolean): OperationReader {
  return (node, reader) => {
    const assignments = reader.assignments(node);
    return kind === "set" ? { kind, assignments, onlyMissing } : { kind, assignments };
  };
}

function moving(onlyMissing: boolean): OperationReader {
  return (node, reader) => ({ kind: "move", ...readMoves(node, reader), onlyMissing });
}

/** Single fields, and whole trees: `"acme.a.*": acme.b`. */
function readMoves(
  node: SourceNode,
  reader: StepReader,
): { readonly moves: readonly FieldMove[]; readonly trees: readonly TreeMove[] } {
  if (node.kind !== "map") return { moves: reader.moves(node), trees: [] };
  const isTree = (key: string): boolean => key.endsWith(".*");
  const trees = node.entries
    .filter(({ key }) => isTree(key))
    .map(({ key, value }): TreeMove => {
      const into = (readText(value, reader.issues) ?? "").replace(/\.\*$/, "");
      const isEcs = reader.fields.isSet(into);
      if (!isEcs) reader.fields.namespace(into, value.at);
      return { from: key.slice(0, -2), into, isEcs };
    });
  const single = { ...node, entries: node.entries.filter(({ key }) => !isTree(key)) };
  return { moves: reader.moves(single), trees };
}

function changingText(operation: TextOperation): OperationReader {
  return (node, reader) => ({ kind: "text", operation, moves: reader.moves(node) });
}

const convert: OperationReader = (node, reader) => {
  if (node.kind !== "map") {
    reader.issues.error(node.at, "wrong-shape", "expected { field: type }");
    return undefined;
  }
  return {
    kind: "convert",
    fields: node.entries.flatMap((entry) => {
      const name = readText(entry.value, reader.issues) ?? "";
      const to = CONVERSIONS.find((known) => known === name);
      const target = reader.fields.target(entry.key, entry.at);
      if (to === undefined) {
        reader.issues.error(entry.value.at, "unknown-type", `no type "${name}"`, nearest(name, CONVERSIONS));
        return [];
      }
      const holds = {
        long: "long",
        double: "float",
        boolean: "boolean",
        ip: "ip",
        string: "keyword",
        hex: "long",
      };
      if (target.type !== null && target.type !== holds[to] && !(to === "string" && target.type === "text")) {
        const message = `${entry.key} is of type ${target.type}, not ${to}`;
        reader.issues.error(entry.at, "wrong-type", message, "ECS fields are converted by themselves");
      }
      return [{ name: entry.key, to }];
    }),
  };
};

const lookup: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["table", "key", "into", "otherwise"]);
  const name = reader.required(keys.key, "key", node.at);
  const key = keys.key === undefined ? undefined : reader.value(keys.key);
  return {
    kind: "lookup",
    table: reader.required(keys.table, "table", node.at),
    // `key: event.code` is the common case: a bare field name, without braces.
    key: key === undefined || key.kind === "constant" ? { kind: "field", field: name } : key,
    into:
      keys.into === undefined
        ? null
        : reader.fields.target(readText(keys.into, reader.issues) ?? "", keys.into.at),
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

const dropValues: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["values", "in"]);
  const values = keys.values?.kind === "list" ? keys.values.items : [];
  return {
    kind: "dropValues",
    fields: readTexts(keys.in, reader.issues),
    values: values.flatMap((item): FieldScalar[] =>
      item.kind === "scalar" && item.value !== null ? [item.value] : [],
    ),
  };
};

const replace: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["field", "find", "pattern", "with"]);
  const pattern = readText(keys.pattern, reader.issues);
  const find = pattern ?? reader.required(keys.find, "find", node.at);
  if (pattern !== undefined) {
    // A replacement searches inside the text, so that only the other rules of patterns hold.
    const complaint = lintPattern(`^(?:${pattern})$`, 0);
    if (complaint !== undefined) {
      reader.issues.error(node.at, complaint.code, complaint.message, complaint.hint);
      return undefined;
    }
  }
  return {
    kind: "replace",
    field: reader.required(keys.field, "field", node.at),
    find,
    isPattern: pattern !== undefined,
    replacement: readText(keys.with, reader.issues) ?? "",
  };
};

function splitting(kind: "split" | "join"): OperationReader {
  return (node, reader) => {
    const keys = reader.keys(node, ["field", "by", "into"]);
    const field = reader.required(keys.field, "field", node.at);
    return {
      kind,
      field,
      by: reader.required(keys.by, "by", node.at),
      into: reader.fields.target(readText(keys.into, reader.issues) ?? field, keys.into?.at ?? node.at),
    };
  };
}

const unlist: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["field", "name", "into"]);
  const field = reader.required(keys.field, "field", node.at);
  return {
    kind: "unlist",
    field,
    name: readText(keys.name, reader.issues) ?? null,
    into: reader.fields.namespace(readText(keys.into, reader.issues) ?? field, keys.into?.at ?? node.at),
  };
};

const slice: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["field", "from", "to", "into"]);
  const field = reader.required(keys.field, "field", node.at);
  return {
    kind: "slice",
    field,
    from: readInteger(keys.from, reader.issues) ?? 0,
    to: readInteger(keys.to, reader.issues) ?? null,
    into: reader.fields.target(readText(keys.into, reader.issues) ?? field, keys.into?.at ?? node.at),
  };
};

function calculating(operator: MathOperator): OperationReader {
  return (node, reader) => {
    const keys = reader.keys(node, ["of", "into"]);
    const items = keys.of?.kind === "list" ? keys.of.items : [];
    const operands = items.flatMap((item): MathOperand[] => {
      if (item.kind !== "scalar" || item.value === null) return [];
      return [typeof item.value === "number" ? item.value : { field: String(item.value) }];
    });
    if (operands.length < 2) reader.issues.error(node.at, "missing-key", '"of" needs two fields or numbers');
    const into = reader.required(keys.into, "into", node.at);
    return { kind: "math", operator, operands, into: reader.fields.target(into, keys.into?.at ?? node.at) };
  };
}

const unit: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["field", "unit", "into"]);
  const name = readText(keys.unit, reader.issues);
  const known: Unit | undefined = UNITS.find((candidate) => candidate === name);
  if (name !== undefined && known === undefined) {
    reader.issues.error(keys.unit?.at ?? node.at, "unknown-unit", `no unit "${name}"`, nearest(name, UNITS));
  }
  const field = reader.required(keys.field, "field", node.at);
  const into = reader.fields.target(readText(keys.into, reader.issues) ?? field, keys.into?.at ?? node.at);
  return { kind: "unit", field, unit: known ?? null, into };
};

const duration: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "to", "into"]);
  return {
    kind: "duration",
    from: readText(keys.from, reader.issues) ?? "event.start",
    to: readText(keys.to, reader.issues) ?? "event.end",
    into: reader.fields.target(readText(keys.into, reader.issues) ?? "event.duration", node.at),
  };
};

const use: OperationReader = (node, reader) => {
  const bare = node.kind === "scalar" ? readText(node, reader.issues) : undefined;
  const keys = bare === undefined ? reader.keys(node, ["parser", "from"]) : {};
  const name = bare ?? reader.required(keys.parser, "parser", node.at);
  const slash = name.indexOf("/");
  return {
    kind: "use",
    from: readText(keys.from, reader.issues) ?? null,
    reference:
      name === "recognised"
        ? { kind: "recognised" }
        : { kind: "parser", pack: slash < 0 ? null : name.slice(0, slash), parser: name.slice(slash + 1) },
  };
};

function named(kind: "remove" | "keep"): OperationReader {
  return (node, reader) => ({ kind, fields: readTexts(node, reader.issues) });
}

const plain =
  (operation: Operation): OperationReader =>
  () =>
    operation;

const fail: OperationReader = (node, reader) => ({
  kind: "fail",
  reason: readText(node, reader.issues) ?? "rejected by its pack",
});

const blocks = (node: SourceNode, reader: StepReader): Operation => ({
  kind: "do",
  steps: reader.steps(node),
});

/** Every operation of the language by name: `docs/guides/add-a-source.md` explains them in this order. */
export const OPERATIONS: ReadonlyMap<string, OperationReader> = new Map<string, OperationReader>([
  ...DECODE_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...COLUMN_OPERATIONS,
  ["set", assigning("set", false)],
  ["default", assigning("set", true)],
  ["append", assigning("append", false)],
  ["move", moving(false)],
  ["fill", moving(true)],
  ["copy", (node, reader) => ({ kind: "copy", ...readMoves(node, reader) })],
  ["adopt", (node, reader) => ({ kind: "adopt", namespace: readText(node, reader.issues) ?? "" })],
  ["convert", convert],
  ["lookup", lookup],
  ["remove", named("remove")],
  ["keep", named("keep")],
  ["dropValues", dropValues],
  ...TEXT_OPERATIONS.map((operation) => [operation, changingText(operation)] as const),
  ["replace", replace],
  ["split", splitting("split")],
  ["join", splitting("join")],
  ["slice", slice],
  ["unlist", unlist],
  ...MATH_OPERATORS.map((operator) => [operator, calculating(operator)] as const),
  ["unit", unit],
  ["duration", duration],
  ...LIST_OPERATIONS,
  ["do", blocks],
  ["first", (node, reader) => ({ kind: "first", branches: reader.steps(node) })],
  ["use", use],
  ["drop", plain({ kind: "drop" })],
  ["fail", fail],
  ["reject", plain({ kind: "reject" })],
]);
