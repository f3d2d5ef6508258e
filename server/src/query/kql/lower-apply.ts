import { HIDDEN } from "../finish-query.ts";
import {
  call,
  column,
  literal,
  type Aggregation,
  type Column,
  type NamedExpression,
  type Relation,
  type SortKey,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { expandedForApply } from "./lower-expand.ts";
import { outputColumns } from "./lowering-context.ts";
import { isHidden, kept, visible, type Step } from "./operator-step.ts";
import { childAt, childNamed, parametersOf, refuseParameters, unsupported } from "./syntax-nodes.ts";
import { windowOver } from "./window-rows.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

const ROW = `${HIDDEN}row`;
const TAKEN = `${HIDDEN}taken`;
const carriedName = (name: string): string => `${HIDDEN}c ${name}`;

/**
 * `mv-apply`: a query over the elements of each row. Rows get a number and are expanded; then the query runs over all elements at
 * once, its groups and limits within each number. What the row had before goes along in hidden columns.
 */
export function lowerApply(
  node: SyntaxNode,
  step: Step,
  lowerOperator: (node: SyntaxNode, step: Step) => Relation,
): Relation {
  refuseParameters(node, ["with_itemindex"]);
  const body = childNamed(node, "MvApplySubqueryExpression") ?? unsupported(node);
  const index = parametersOf(node).get("with_itemindex")?.text ?? null;
  const rows = windowOver(
    step.input,
    { name: ROW, type: "long", function: "row_number", args: [] },
    { order: [], partition: [] },
  );
  const carried = visible(step.input.columns);
  const copies = carried.map(({ name, type }): NamedExpression => ({
    name: carriedName(name),
    value: column(name, type),
  }));
  const numbered: Relation = {
    kind: "extend",
    input: rows,
    items: copies,
    columns: [...rows.columns, ...carried.map(({ name, type }) => ({ name: carriedName(name), type }))],
    span: node.span,
  };
  let relation: Relation = expandedForApply(node, { ...step, input: numbered }, index);
  for (const operator of operatorsOf(childAt(body, 1))) {
    const columns = outputColumns(operator.typed, step.context);
    const applied = lowerOperator(operator.node, { input: relation, columns, context: step.context });
    relation = withinRows(applied, relation, operator.node);
  }
  return projected(node, step, relation);
}

/** The operators of the inner pipe, each with the node that knows what comes out of it. */
function operatorsOf(syntax: Syntax): readonly { readonly node: SyntaxNode; readonly typed: SyntaxNode }[] {
  if (syntax.kind !== "node") return unsupported(syntax);
  if (syntax.name !== "PipeExpression") return [{ node: syntax, typed: syntax }];
  const operator = childAt(syntax, 2);
  if (operator.kind !== "node") return unsupported(operator);
  return [...operatorsOf(childAt(syntax, 0)), { node: operator, typed: syntax }];
}

/** What an operator did over all rows, done within each row. */
function withinRows(applied: Relation, input: Relation, node: SyntaxNode): Relation {
  switch (applied.kind) {
    case "filter":
    case "extend":
    case "expand":
      return applied;
    case "project": {
      // Computed with aggregates: the groups are below.
      if (applied.input.kind !== "summarize" || applied.input === input) return applied;
      const groups = grouped(applied.input, input);
      const own = new Set(applied.input.columns.map(({ name }) => name));
      const carried = groups.columns.filter(({ name }) => !own.has(name));
      return {
        ...applied,
        input: groups,
        items: [...applied.items, ...carried.map(kept)],
        columns: [...applied.columns, ...carried],
      };
    }
    case "sort":
      return { ...applied, keys: [ROW_KEY, ...applied.keys] };
    case "take":
      return taken(applied, node);
    case "summarize":
      return grouped(applied, input);
    case "scan":
    case "values":
    case "range":
    case "join":
    case "union":
    case "window":
    case "series":
    case "sample":
      return refuse(
        "unsupported",
        "This operator cannot stand within mv-apply",
        node.span,
        "use mv-expand, and group by the row's id",
      );
  }
}

const ROW_KEY: SortKey = { value: column(ROW, "long"), direction: "asc", nulls: "first" };

function taken(take: Extract<Relation, { readonly kind: "take" }>, node: SyntaxNode): Relation {
  const { input } = take;
  const isSorted = input.kind === "sort";
  const order = isSorted ? input.keys.filter((key) => key !== ROW_KEY) : [];
  const below = isSorted ? input.input : input;
  const item = { name: TAKEN, type: "long", function: "row_number", args: [] } as const;
  const base = below.columns.some(({ name }) => name === TAKEN) ? without(below, TAKEN) : below;
  const ranked = windowOver(base, item, { order, partition: [column(ROW, "long")] });
  const predicate = call("<=", "bool", [column(TAKEN, "long"), literal("long", take.count)], node.span);
  return { kind: "filter", input: ranked, predicate, columns: ranked.columns, span: node.span };
}

function without(input: Relation, name: string): Relation {
  const columns = input.columns.filter((each) => each.name !== name);
  return { kind: "project", input, items: columns.map(kept), columns, span: input.span };
}

type Summarize = Extract<Relation, { readonly kind: "summarize" }>;

/** One more key, and the row's own values beside the aggregates. */
function grouped(summarize: Summarize, input: Relation): Summarize {
  const hidden = input.columns.filter((each) => isHidden(each) && each.name !== ROW && each.name !== TAKEN);
  const one = literal("long", 1);
  const carried = hidden.map(({ name, type }): Aggregation => ({
    name,
    function: "arg_max",
    args: [one, column(name, type)],
    type,
    span: summarize.span,
  }));
  const row: Column = { name: ROW, type: "long" };
  return {
    ...summarize,
    keys: [...summarize.keys, kept(row)],
    aggregations: [...summarize.aggregations, ...carried],
    columns: [...summarize.columns, row, ...hidden],
  };
}

/** The result's columns: what the inner query gives under its names, else what the row had. */
function projected(node: SyntaxNode, step: Step, relation: Relation): Relation {
  const inner = new Map(relation.columns.map((each) => [each.name, each]));
  const items = step.columns.map(({ name, type }): NamedExpression => {
    const found = inner.get(name) ?? inner.get(carriedName(name)) ?? inner.get(name.replace(/\d+$/, ""));
    if (found === undefined) return refuse("unsupported", `\`${name}\` is lost within mv-apply`, node.span);
    return { name, value: column(found.name, type) };
  });
  return { kind: "project", input: relation, items, isWide: true, columns: step.columns, span: node.span };
}
