import { HIDDEN } from "../finish-query.ts";
import {
  column,
  type Aggregation,
  type Column,
  type Expression,
  type KqlType,
  type NamedExpression,
  type Relation,
  type Span,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { aggregateOf, isAggregate } from "./lower-function.ts";
import { lowerExpression } from "./lower-expression.ts";
import type { AggregateSink, LoweringContext } from "./lowering-context.ts";
import { kept, plainContext, visible, type Step } from "./operator-step.ts";
import {
  argumentItems,
  childAt,
  childNamed,
  functionName,
  listItems,
  listOf,
  namedValue,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

export function lowerDistinct(node: SyntaxNode, step: Step): Relation {
  const { input, columns, context } = step;
  const items = listOf(node);
  const isStar = items.some((item) => item.kind === "node" && item.name === "StarExpression");
  const keys = isStar
    ? columns.map(kept)
    : columns.map(({ name }, index) => {
        const item = items[index];
        const inner = { ...context, input, rows: null };
        return {
          name,
          value: item === undefined ? column(name, "string") : lowerExpression(namedValue(item).value, inner),
        };
      });
  return { kind: "summarize", input, keys, aggregations: [], columns, span: node.span };
}

export function lowerSummarize(node: SyntaxNode, step: Step): Relation {
  const { columns, input } = step;
  const context = plainContext(step);
  const by = childNamed(node, "SummarizeByClause");
  const keyItems = by === undefined ? [] : listItems(by).filter((item) => !isBinLegacy(item));
  const keys = keyItems.map((item, index) => ({
    name: columns[index]?.name ?? "",
    value: lowerExpression(namedValue(item).value, context),
  }));
  const outputs = columns.slice(keys.length);
  const planned = plannedAggregates(listOf(node), { outputs, context, span: node.span });
  return finished({ input, keys, planned, columns, span: node.span });
}

/** `by x, y, bin=…`: nothing of ours. */
const isBinLegacy = (item: Syntax): boolean => item.kind === "node" && item.name === "SummarizeByBinClause";

export interface Planned {
  readonly aggregations: readonly Aggregation[];
  /** What the outputs are, over the aggregates; `null` when each is one aggregate. */
  readonly outputs: readonly NamedExpression[] | null;
}

/** Grouped rows, and above them what is computed with the aggregates: `round(avg(x))`. */
export function finished(parts: {
  readonly input: Relation;
  readonly keys: readonly NamedExpression[];
  readonly planned: Planned;
  readonly columns: readonly Column[];
  readonly span: Span;
}): Relation {
  const { input, keys, planned, columns, span } = parts;
  const keyColumns = keys.map(({ name, value }): Column => ({ name, type: value.type }));
  const summarize: Relation = {
    kind: "summarize",
    input,
    keys,
    aggregations: planned.aggregations,
    columns: [...keyColumns, ...planned.aggregations.map(({ name, type }) => ({ name, type }))],
    span,
  };
  if (planned.outputs === null) return summarize;
  const items = [...keyColumns.map(kept), ...planned.outputs];
  return { kind: "project", input: summarize, items, columns, span };
}

interface Plan {
  /** The result's columns behind the keys, in order. */
  readonly outputs: readonly Column[];
  readonly context: LoweringContext;
  readonly span: Span;
}

/** Each item gives one column or, as a tuple, several. */
export function plannedAggregates(items: readonly Syntax[], plan: Plan): Planned {
  const outputs = [...plan.outputs];
  const aggregations: Aggregation[] = [];
  const values: NamedExpression[] = [];
  let isPlain = true;
  const next = (span: Span): Column =>
    outputs.shift() ??
    refuse("unsupported", "This `summarize` is not supported", span, "give each value a name of its own");
  for (const item of items) {
    const value =
      item.kind === "node" && item.name === "CompoundNamedExpression"
        ? childAt(item, 2)
        : namedValue(item).value;
    const direct = directAggregates(value, plan, next);
    if (direct !== null) {
      aggregations.push(...direct);
      values.push(...direct.map(kept));
      continue;
    }
    const output = next(value.span);
    const sink = aggregateSink(aggregations);
    const computed = lowerExpression(value, { ...plan.context, aggregates: sink });
    values.push({ name: output.name, value: computed });
    isPlain = false;
  }
  if (outputs.length > 0) {
    refuse(
      "unsupported",
      "This `summarize` is not supported",
      plan.span,
      "give each value a name of its own",
    );
  }
  return { aggregations, outputs: isPlain ? null : values };
}

function aggregateSink(aggregations: Aggregation[]): AggregateSink {
  return {
    take: (name, args, { type, span }) => {
      const hidden = `${HIDDEN}a${aggregations.length}`;
      aggregations.push(aggregation(name, args, { name: hidden, type }, span));
      return column(hidden, type, span);
    },
  };
}

/** An item that is nothing but one aggregate; `null` for an expression around aggregates. */
function directAggregates(
  value: Syntax,
  plan: Plan,
  next: (span: Span) => Column,
): readonly Aggregation[] | null {
  if (value.kind !== "node" || value.name !== "FunctionCallExpression") return null;
  const name = functionName(value);
  const { span } = value;
  const args = argumentItems(value);
  const lower = (item: Syntax): Expression => lowerExpression(namedValue(item).value, plan.context);
  switch (name) {
    case "arg_max":
    case "arg_min":
    case "argmax":
    case "argmin":
      return extremeRow(value, plan, next);
    case "percentiles": {
      const [number, ...levels] = args.map(lower);
      if (number === undefined) return unsupported(value);
      return levels.map((level) => aggregation("percentile", [number, level], next(span), span));
    }
    case "take_any":
    case "any": {
      const isStar = args.some((item) => item.kind === "node" && item.name === "StarExpression");
      if (!isStar && args.length < 2) break;
      const sources = isStar ? starColumns(value, plan) : args.map(lower);
      return sources.map((each) => ({ ...aggregation(name, [each], next(span), span), isUnnamed: isStar }));
    }
    default:
  }
  if (!isAggregate(name)) return null;
  return [aggregation(name, args.map(lower), next(span), span)];
}

/** `arg_max(x, a, b)`: x itself, then the others as they are in its row; `*` is every column that is no key. */
function extremeRow(value: SyntaxNode, plan: Plan, next: (span: Span) => Column): readonly Aggregation[] {
  const [first, ...rest] = argumentItems(value);
  if (first === undefined) return unsupported(value);
  const { span } = value;
  const isMax = functionName(value).endsWith("max");
  const by = lowerExpression(namedValue(first).value, plan.context);
  const isStar = rest.some((item) => item.kind === "node" && item.name === "StarExpression");
  const sources = isStar
    ? starColumns(value, plan).slice(1)
    : rest.map((item) => lowerExpression(namedValue(item).value, plan.context));
  const largest = aggregation(isMax ? "max" : "min", [by], next(span), span);
  const name = isMax ? "arg_max" : "arg_min";
  return [
    largest,
    ...sources.map((each) => ({ ...aggregation(name, [by, each], next(span), span), isUnnamed: isStar })),
  ];
}

/** The columns that the parser has found a `*` to mean. */
function starColumns(value: SyntaxNode, plan: Plan): readonly Expression[] {
  const known = new Map(visible(plan.context.input?.columns ?? []).map((each) => [each.name, each]));
  return (value.columns ?? []).map(({ name, type }) => {
    const found = known.get(plan.context.original(name));
    return column(found?.name ?? plan.context.original(name), found?.type ?? type, value.span);
  });
}

export function aggregation(
  name: string,
  args: readonly Expression[],
  output: { readonly name: string; readonly type: KqlType },
  span: Span,
): Aggregation {
  const op = aggregateOf(name, args.length, span);
  // The accuracy of a `dcount` is the engine's own.
  const own = op === "dcount" ? args.slice(0, 1) : op === "dcountif" ? args.slice(0, 2) : args;
  return { name: output.name, function: op, args: own, type: output.type, span };
}
