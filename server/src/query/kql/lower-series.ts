import type { NamedExpression, Relation } from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerExpression } from "./lower-expression.ts";
import { plannedAggregates } from "./lower-summarize.ts";
import { constantOf, plainContext, type Step } from "./operator-step.ts";
import {
  childAt,
  childNamed,
  lastChild,
  listItems,
  listOf,
  namedValue,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** `make-series`: columns are the keys, then a list for each aggregate, then the axis. */
export function lowerMakeSeries(node: SyntaxNode, step: Step): Relation {
  const { input, columns } = step;
  const context = plainContext(step);
  const on = childNamed(node, "MakeSeriesOnClause") ?? unsupported(node);
  const steps =
    childNamed(node, "MakeSeriesFromToStepClause", "MakeSeriesInRangeClause") ?? unsupported(node);
  const by = childNamed(node, "MakeSeriesByClause");
  const keyItems = by === undefined ? [] : listItems(by);
  const keys = keyItems.map((item, index): NamedExpression => ({
    name: columns[index]?.name ?? "",
    value: lowerExpression(namedValue(item).value, context),
  }));
  const axis = lowerExpression(namedValue(lastChild(on)).value, context);
  const items = listOf(node);
  const outputs = columns
    .slice(keys.length, -1)
    .map(({ name }, index) => ({ name, type: typeOfItem(items[index]) }));
  const planned = plannedAggregates(items.map(aggregateOf), { outputs, context, span: node.span });
  if (planned.outputs !== null) {
    refuse(
      "unsupported",
      "Only aggregates stand here, one each",
      node.span,
      "compute with the series afterwards",
    );
  }
  const bound = (name: string): number | null => {
    const clause = childNamed(steps, name);
    if (clause === undefined) return null;
    return constantOf(lowerExpression(lastChild(clause), context), "write ago(7d) or now()");
  };
  const width = bound("MakeSeriesStepClause");
  if (width === null || width <= 0)
    return refuse("constant-needed", "The step is a constant above 0", steps.span, "write step 1h");
  const [from, to] = [bound("MakeSeriesFromClause"), bound("MakeSeriesToClause")];
  const isTime = axis.kind === "column" && axis.type === "datetime";
  if ((from === null || to === null) && !isTime) {
    refuse(
      "constant-needed",
      "A series over numbers needs its bounds",
      steps.span,
      "write from 0 to 100 step 10",
    );
  }
  return {
    kind: "series",
    input,
    keys,
    axis: { name: columns.at(-1)?.name ?? "", value: axis },
    from,
    to,
    step: width,
    aggregations: planned.aggregations,
    defaults: items.map((item) => defaultOf(item, context)),
    columns,
    span: node.span,
  };
}

const typeOfItem = (item: Syntax | undefined): "real" | "long" =>
  item?.kind === "node" && item.type === "real" ? "real" : "long";

function aggregateOf(item: Syntax): Syntax {
  return item.kind === "node" && item.name === "MakeSeriesExpression" ? childAt(item, 0) : item;
}

function defaultOf(item: Syntax, context: Step["context"]): number {
  const clause = item.kind === "node" ? childNamed(item, "DefaultExpressionClause") : undefined;
  return clause === undefined
    ? 0
    : constantOf(lowerExpression(lastChild(clause), context), "write default=0");
}
