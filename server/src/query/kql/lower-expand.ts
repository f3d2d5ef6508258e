import type { Column, Expansion, Expression, KqlType, Relation } from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerExpression } from "./lower-expression.ts";
import { typeNamed } from "./lower-let.ts";
import { countOf, plainContext, withHidden, type Step } from "./operator-step.ts";
import {
  childAt,
  childNamed,
  lastChild,
  listItems,
  listOf,
  namedValue,
  parametersOf,
  refuseParameters,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** Rows that one row becomes, unless the query says fewer. */
const MAX_EXPANSION = 10_000;

export function lowerExpand(node: SyntaxNode, step: Step): Relation {
  refuseParameters(node, ["kind", "bagexpansion", "with_itemindex"]);
  const parameters = parametersOf(node);
  const objectsAs =
    (parameters.get("kind") ?? parameters.get("bagexpansion"))?.text === "array" ? "array" : "bag";
  const index = parameters.get("with_itemindex")?.text ?? null;
  const items = expansionsOf(listOf(node), step, index);
  return {
    kind: "expand",
    input: step.input,
    items,
    index,
    limit: limitOf(node, step),
    keepsEmpty: true,
    objectsAs,
    columns: withHidden(step.columns, step.input),
    span: node.span,
  };
}

function limitOf(node: SyntaxNode, step: Step): number {
  const clause = childNamed(node, "MvExpandRowLimitClause", "MvApplyRowLimitClause");
  if (clause === undefined) return MAX_EXPANSION;
  return Math.min(MAX_EXPANSION, countOf(lastChild(clause), plainContext(step)));
}

/** Unnamed values have the names that the parser made, in order. */
function expansionsOf(items: readonly Syntax[], step: Step, index: string | null): readonly Expansion[] {
  const context = plainContext(step);
  const parts = items.map((item) => {
    const inner = item.kind === "node" ? childAt(item, 0) : unsupported(item);
    const { name, value } = namedValue(inner);
    return { name, value, type: targetType(item) };
  });
  const named = new Set(parts.map(({ name }) => (name === null ? null : step.context.original(name))));
  const before = new Set(step.input.columns.map(({ name }) => name));
  const made = step.columns
    .map(({ name }) => name)
    .filter((name) => !before.has(name) && !named.has(name) && name !== index);
  return parts.map(({ name, value, type }) => {
    const lowered = lowerExpression(value, context);
    const own = name === null ? null : step.context.original(name);
    const target = own ?? (lowered.kind === "column" ? lowered.name : made.shift());
    if (target === undefined)
      return refuse("unsupported", "This value needs a name", value.span, "write name = value");
    return { name: target, type, value: asDynamic(lowered) };
  });
}

function asDynamic(value: Expression): Expression {
  if (value.type === "dynamic") return value;
  return refuse(
    "type-mismatch",
    `A list is needed here, not a ${value.type}`,
    value.span,
    "use split(…) or parse_json(…)",
  );
}

function targetType(item: Syntax): KqlType {
  const clause = item.kind === "node" ? childNamed(item, "ToTypeOfClause") : undefined;
  const literal = clause === undefined ? undefined : childNamed(clause, "TypeOfLiteralExpression");
  const [type] = literal === undefined ? [] : listItems(literal);
  return type === undefined ? "dynamic" : typeNamed(type);
}

/** What `mv-apply` expands: rows without elements go, and all columns stay beside the elements. */
export function expandedForApply(
  node: SyntaxNode,
  step: Step,
  index: string | null,
): Extract<Relation, { readonly kind: "expand" }> {
  const items = expansionsOf(listOf(node), step, index);
  const own = new Set([...items.map(({ name }) => name), index]);
  const place: readonly Column[] = index === null ? [] : [{ name: index, type: "long" }];
  return {
    kind: "expand",
    input: step.input,
    items,
    index,
    limit: limitOf(node, step),
    keepsEmpty: false,
    objectsAs: "bag",
    columns: [
      ...step.input.columns.filter(({ name }) => !own.has(name)),
      ...items.map(({ name, type }) => ({ name, type })),
      ...place,
    ],
    span: node.span,
  };
}
