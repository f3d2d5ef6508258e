import type { Column, KqlType, LiteralValue, NamedExpression, Relation } from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerExpression } from "./lower-expression.ts";
import type { LoweringContext } from "./lowering-context.ts";
import { constantOf, visible, type Step } from "./operator-step.ts";
import { listOf, namedValue, valuesOf } from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** Operators that make rows of what the query itself says. */
interface Source {
  readonly node: SyntaxNode;
  readonly context: LoweringContext;
  readonly columns: readonly Column[];
}

const MAX_RANGE = 1_000_000;

export function lowerPrint({ node, context, columns }: Source): Relation {
  const items = listOf(node).map((item, index): NamedExpression => {
    const name = columns[index]?.name ?? "";
    return { name, value: lowerExpression(namedValue(item).value, context) };
  });
  const input: Relation = { kind: "values", rows: [[]], columns: [], span: node.span };
  return { kind: "project", input, items, columns, span: node.span };
}

export function lowerDataTable({ node, context, columns }: Source): Relation {
  const values = listOf(node);
  const width = columns.length;
  if (width === 0 || values.length % width !== 0) {
    refuse("wrong-arguments", `The values are no multiple of ${width}, the number of columns`, node.span);
  }
  const cells = values.map((item, index) => cell(item, columns[index % width]?.type ?? "string", context));
  const rows = Array.from({ length: cells.length / width }, (_, row) =>
    cells.slice(row * width, (row + 1) * width),
  );
  return { kind: "values", rows, columns, span: node.span };
}

/** A constant, in the column's type. */
function cell(item: Syntax, type: KqlType, context: LoweringContext): LiteralValue {
  const value = lowerExpression(item, context);
  if (value.kind !== "literal") return refuse("constant-needed", "A table holds constants", item.span);
  if (value.value === null || value.type === type)
    return type === "string" ? (value.value ?? "") : value.value;
  const numbers: readonly KqlType[] = ["int", "long", "real"];
  if (numbers.includes(type) && numbers.includes(value.type)) return value.value;
  if (type === "dynamic") return JSON.stringify(value.value);
  return refuse("type-mismatch", `A ${type} is needed here, not a ${value.type}`, item.span);
}

export function lowerRange({ node, context, columns }: Source): Relation {
  const bounds = valuesOf(node).filter((each) => each.kind !== "node" || each.name !== "NameDeclaration");
  const [start, stop, step] = bounds.map((each) =>
    constantOf(lowerExpression(each, context), "write range x from 1 to 10 step 1"),
  );
  if (start === undefined || stop === undefined || step === undefined || step === 0) {
    return refuse("constant-needed", "A range has constant bounds and a step that is not 0", node.span);
  }
  const count = Math.max(0, Math.floor((stop - start) / step) + 1);
  if (count > MAX_RANGE)
    refuse("too-many-steps", `A range has at most ${MAX_RANGE} rows`, node.span, "make the step longer");
  return { kind: "range", start, step, count, columns, span: node.span };
}

const DATA_TYPES: Readonly<Record<KqlType, string>> = {
  bool: "System.SByte",
  datetime: "System.DateTime",
  dynamic: "System.Object",
  int: "System.Int32",
  long: "System.Int64",
  real: "System.Double",
  string: "System.String",
  timespan: "System.TimeSpan",
};

export function lowerSchema(node: SyntaxNode, step: Step): Relation {
  const rows = visible(step.input.columns).map(({ name, type }, index) => [
    name,
    index,
    DATA_TYPES[type],
    type,
  ]);
  return { kind: "values", rows, columns: step.columns, span: node.span };
}
