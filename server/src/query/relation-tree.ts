import { assertNever } from "@tyto/domain";
import { partsOf, type Expression, type Relation } from "./ir.ts";

/** Walks over relations: the ones below, and the ones inside of expressions. One place knows where a query can hold another. */

/** The relations that this one reads directly, from left to right. */
export function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case "scan":
    case "values":
    case "range":
      return [];
    case "join":
      return [relation.left, relation.right];
    case "union":
      return relation.inputs;
    case "filter":
    case "project":
    case "extend":
    case "summarize":
    case "sort":
    case "take":
    case "expand":
    case "window":
    case "series":
    case "sample":
      return [relation.input];
    default:
      return assertNever(relation);
  }
}

export function expressionsOf(relation: Relation): readonly Expression[] {
  switch (relation.kind) {
    case "scan":
    case "values":
    case "range":
    case "union":
    case "take":
    case "sample":
      return [];
    case "filter":
      return [relation.predicate];
    case "project":
    case "extend":
    case "expand":
      return relation.items.map(({ value }) => value);
    case "summarize":
      return [
        ...relation.keys.map(({ value }) => value),
        ...relation.aggregations.flatMap(({ args }) => args),
      ];
    case "sort":
      return relation.keys.map(({ value }) => value);
    case "join":
      return relation.on.flatMap(({ left, right }) => [left, right]);
    case "window":
      return [
        ...relation.items.flatMap(({ args }) => args),
        ...relation.order.map(({ value }) => value),
        ...relation.partition,
      ];
    case "series":
      return [
        relation.axis.value,
        ...relation.keys.map(({ value }) => value),
        ...relation.aggregations.flatMap(({ args }) => args),
      ];
    default:
      return assertNever(relation);
  }
}

/** The queries that an expression holds. */
function queriesWithin(expression: Expression): readonly Relation[] {
  const own =
    expression.kind === "scalar-query" || expression.kind === "member-query" ? [expression.relation] : [];
  return [...own, ...partsOf(expression).flatMap(queriesWithin)];
}

/** Every scan that running this relation reads, those of inner queries too. A relation that stands in several places counts each time. */
export function scansOf(relation: Relation): readonly Extract<Relation, { readonly kind: "scan" }>[] {
  if (relation.kind === "scan") return [relation];
  const inner = expressionsOf(relation).flatMap(queriesWithin);
  return [...inputsOf(relation), ...inner].flatMap(scansOf);
}

/** The relation over other inputs, and with other queries inside its expressions. */
export function mapQueries(relation: Relation, change: (inner: Relation) => Relation): Relation {
  const within = (expression: Expression): Expression => mapExpression(expression, change);
  const withItems = <T extends { readonly value: Expression }>(items: readonly T[]): readonly T[] =>
    items.map((item) => ({ ...item, value: within(item.value) }));
  const withArgs = <T extends { readonly args: readonly Expression[] }>(items: readonly T[]): readonly T[] =>
    items.map((item) => ({ ...item, args: item.args.map(within) }));
  switch (relation.kind) {
    case "scan":
    case "values":
    case "range":
      return relation;
    case "join":
      return {
        ...relation,
        left: change(relation.left),
        right: change(relation.right),
        on: relation.on.map(({ left, right }) => ({ left: within(left), right: within(right) })),
      };
    case "union":
      return { ...relation, inputs: relation.inputs.map(change) };
    case "take":
    case "sample":
      return { ...relation, input: change(relation.input) };
    case "filter":
      return { ...relation, input: change(relation.input), predicate: within(relation.predicate) };
    case "project":
    case "extend":
      return { ...relation, input: change(relation.input), items: withItems(relation.items) };
    case "expand":
      return { ...relation, input: change(relation.input), items: withItems(relation.items) };
    case "summarize":
      return {
        ...relation,
        input: change(relation.input),
        keys: withItems(relation.keys),
        aggregations: withArgs(relation.aggregations),
      };
    case "sort":
      return { ...relation, input: change(relation.input), keys: withItems(relation.keys) };
    case "window":
      return {
        ...relation,
        input: change(relation.input),
        items: withArgs(relation.items),
        order: withItems(relation.order),
        partition: relation.partition.map(within),
      };
    case "series":
      return {
        ...relation,
        input: change(relation.input),
        axis: { ...relation.axis, value: within(relation.axis.value) },
        keys: withItems(relation.keys),
        aggregations: withArgs(relation.aggregations),
      };
    default:
      return assertNever(relation);
  }
}

function mapExpression(expression: Expression, change: (inner: Relation) => Relation): Expression {
  const within = (each: Expression): Expression => mapExpression(each, change);
  switch (expression.kind) {
    case "literal":
    case "column":
    case "texts":
      return expression;
    case "texts-test":
      return expression;
    case "member":
      return { ...expression, base: within(expression.base) };
    case "element":
      return { ...expression, base: within(expression.base), key: within(expression.key) };
    case "call":
      return { ...expression, args: expression.args.map(within) };
    case "scalar-query":
      return { ...expression, relation: change(expression.relation) };
    case "member-query":
      return { ...expression, needle: within(expression.needle), relation: change(expression.relation) };
    default:
      return assertNever(expression);
  }
}
