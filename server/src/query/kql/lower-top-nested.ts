import { HIDDEN } from "../finish-query.ts";
import {
  call,
  column,
  literal,
  type Column,
  type JoinOutput,
  type NamedExpression,
  type Relation,
  type SortKey,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerExpression } from "./lower-expression.ts";
import { plannedAggregates } from "./lower-summarize.ts";
import { checkScans } from "./lowering-context.ts";
import { constantOf, kept, plainContext, type Step } from "./operator-step.ts";
import { childAt, childNamed, listItems, namedValue, textOf, unsupported } from "./syntax-nodes.ts";
import { windowOver } from "./window-rows.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

const RANK = `${HIDDEN}rank`;

interface Nest {
  /** How many of each group of the level above; `null` for all. */
  readonly count: number | null;
  readonly key: NamedExpression;
  readonly aggregate: Syntax;
  readonly output: Column;
  readonly direction: SortKey["direction"];
}

/** Level by level: the groups of a level, of those groups above that were kept, the best so many in each. */
export function lowerTopNested(node: SyntaxNode, step: Step): Relation {
  const columns = [...step.columns];
  const nests = listItems(node).map((clause) => nestOf(clause, [columns.shift(), columns.shift()], step));
  let result: Relation | null = null;
  let keys: readonly NamedExpression[] = [];
  for (const nest of nests) {
    keys = [...keys, nest.key];
    const grouped = groupsOf(nest, keys, step);
    result = best(nest, within(result, grouped, keys.slice(0, -1)), keys.slice(0, -1));
  }
  return checkScans(result ?? unsupported(node));
}

function nestOf(clause: Syntax, outputs: readonly (Column | undefined)[], step: Step): Nest {
  const [key, output] = outputs;
  if (clause.kind !== "node" || key === undefined || output === undefined) return unsupported(clause);
  const others = childNamed(clause, "TopNestedWithOthersClause");
  if (others !== undefined)
    refuse(
      "unsupported",
      "`with others` is not supported",
      others.span,
      "count all in a summarize beside it",
    );
  const context = plainContext(step);
  const words = clause.children;
  const of = words.findIndex((child) => child.kind === "token" && child.text === "of");
  const by = words.findIndex((child) => child.kind === "token" && child.text === "by");
  const count = words.slice(1, of).find((child) => child.kind !== "token");
  const value = words[of + 1];
  const last = words[by + 1];
  if (value === undefined || last === undefined) return unsupported(clause);
  const isOrdered = last.kind === "node" && last.name === "OrderedExpression";
  return {
    count:
      count === undefined ? null : constantOf(lowerExpression(count, context), "write top-nested 3 of …"),
    key: { name: key.name, value: lowerExpression(namedValue(value).value, context) },
    aggregate: isOrdered ? childAt(last, 0) : last,
    output,
    direction: isOrdered && textOf(childAt(last, 1)).startsWith("asc") ? "asc" : "desc",
  };
}

function groupsOf(nest: Nest, keys: readonly NamedExpression[], step: Step): Relation {
  const context = plainContext(step);
  const planned = plannedAggregates([nest.aggregate], {
    outputs: [nest.output],
    context,
    span: nest.aggregate.span,
  });
  if (planned.outputs !== null) refuse("unsupported", "Only an aggregate stands here", nest.aggregate.span);
  const keyColumns = keys.map(({ name, value }): Column => ({ name, type: value.type }));
  return {
    kind: "summarize",
    input: step.input,
    keys,
    aggregations: planned.aggregations,
    columns: [...keyColumns, nest.output],
    span: nest.aggregate.span,
  };
}

/** The groups whose groups above were kept, with what is known of those. */
function within(above: Relation | null, groups: Relation, keys: readonly NamedExpression[]): Relation {
  if (above === null) return groups;
  const shared = new Set(keys.map(({ name }) => name));
  const columns: readonly JoinOutput[] = [
    ...above.columns.map(({ name, type }) => ({ name, type, side: "left" as const, from: name })),
    ...groups.columns
      .filter(({ name }) => !shared.has(name))
      .map(({ name, type }) => ({ name, type, side: "right" as const, from: name })),
  ];
  const on = keys.map(({ name, value }) => ({
    left: column(name, value.type),
    right: column(name, value.type),
  }));
  return { kind: "join", join: "inner", left: above, right: groups, on, columns, span: groups.span };
}

function best(nest: Nest, input: Relation, keys: readonly NamedExpression[]): Relation {
  if (nest.count === null) return input;
  const value = column(nest.output.name, nest.output.type);
  const order: readonly SortKey[] = [
    { value, direction: nest.direction, nulls: "last" },
    { value: column(nest.key.name, nest.key.value.type), direction: "asc", nulls: "last" },
  ];
  const partition = keys.map((key) => column(key.name, key.value.type));
  const ranked = windowOver(
    input,
    { name: RANK, type: "long", function: "row_number", args: [] },
    { order, partition },
  );
  const predicate = call("<=", "bool", [column(RANK, "long"), literal("long", nest.count)]);
  const filtered: Relation = {
    kind: "filter",
    input: ranked,
    predicate,
    columns: ranked.columns,
    span: input.span,
  };
  return {
    kind: "project",
    input: filtered,
    items: input.columns.map(kept),
    columns: input.columns,
    span: input.span,
  };
}
