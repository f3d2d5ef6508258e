import { column, literal, type NamedExpression, type Relation } from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerEvaluate } from "./lower-evaluate.ts";
import { lowerExpand } from "./lower-expand.ts";
import { lowerApply } from "./lower-apply.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerJoin, lowerLookup, lowerUnion } from "./lower-join.ts";
import { boundArguments } from "./lower-let.ts";
import { lowerParse } from "./lower-parse.ts";
import { lowerSearch } from "./lower-search.ts";
import { lowerMakeSeries } from "./lower-series.ts";
import { lowerDistinct, lowerSummarize } from "./lower-summarize.ts";
import { lowerTopNested } from "./lower-top-nested.ts";
import { lowerDataTable, lowerPrint, lowerRange, lowerSchema } from "./lower-values.ts";
import { deeper, outputColumns, type LoweringContext } from "./lowering-context.ts";
import {
  countOf,
  kept,
  plainContext,
  RowExpressions,
  sortKeys,
  take,
  visible,
  withHidden,
  type Step,
} from "./operator-step.ts";
import {
  argumentItems,
  childAt,
  childNamed,
  declaredName,
  functionName,
  lastChild,
  listItems,
  listOf,
  namedValue,
  refuseParameters,
  valuesOf,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** What other operators people try, and what to do instead. */
const OPERATOR_HINTS: ReadonlyMap<string, string> = new Map([
  [
    "ExternalDataExpression",
    "data from outside comes in as a source, or as rows of the query: datatable(…)[…]",
  ],
  ["PathExpression", "there are Events, Findings and Alerts, and no other clusters or databases"],
  ["InvokeOperator", "functions of other products are not available here"],
  ["FindOperator", 'use search "…", or union the tables'],
  ["FacetOperator", "summarize by each of the columns"],
  ["ForkOperator", "ask one question at a time"],
  ["PartitionOperator", "use summarize, top-nested, or row_number() with a restart"],
  ["ReduceByOperator", "group by replace_regex(…) of the text"],
  ["ScanOperator", "use prev() and next() over sorted rows, or a correlation rule"],
  ["MakeGraphOperator", "join the events of the two ends"],
  ["GraphMatchOperator", "join the events of the two ends"],
  ["ConsumeOperator", "leave it out"],
  ["AssertSchemaOperator", "leave it out"],
  ["ToTableExpression", "write the table itself"],
  [
    "FunctionCallExpression",
    "there are Events, Findings and Alerts, and functions of your own: let f = () { … };",
  ],
]);

export function refuseOperator(node: SyntaxNode): never {
  const word = /^[a-z-]+/i.exec(node.text)?.[0] ?? node.name;
  return refuse(
    "unsupported-operator",
    `\`${word}\` is not supported`,
    node.span,
    OPERATOR_HINTS.get(node.name),
  );
}

/** An operator that stands first, without rows from before. */
export function lowerSource(node: SyntaxNode, context: LoweringContext): Relation {
  const source = { node, context, columns: outputColumns(node, context) };
  switch (node.name) {
    case "PrintOperator":
      return lowerPrint(source);
    case "DataTableExpression":
      return lowerDataTable(source);
    case "RangeOperator":
      return lowerRange(source);
    case "UnionOperator":
      return lowerUnion(node, { input: null, columns: source.columns, context });
    case "SearchOperator":
      return lowerSearch(node, { input: null, columns: source.columns, context });
    default:
      return refuseOperator(node);
  }
}

export function lowerOperator(node: SyntaxNode, step: Step): Relation {
  switch (node.name) {
    case "JoinOperator":
      return lowerJoin(node, step);
    case "LookupOperator":
      return lowerLookup(node, step);
    case "UnionOperator":
      return lowerUnion(node, step);
    case "SearchOperator":
      return lowerSearch(node, step);
    case "MvExpandOperator":
      return lowerExpand(node, step);
    case "MvApplyOperator":
      return lowerApply(node, step, lowerOperator);
    case "ParseOperator":
    case "ParseWhereOperator":
      return lowerParse(node, step);
    default:
      refuseParameters(node);
      return lowerPlainOperator(node, step);
  }
}

function lowerPlainOperator(node: SyntaxNode, step: Step): Relation {
  const { input, columns } = step;
  const { span } = node;
  switch (node.name) {
    case "FilterOperator": {
      const rows = new RowExpressions(step);
      const predicate = rows.lower(lastChild(node));
      const { relation } = rows;
      return rows.ordered({ kind: "filter", input: relation, predicate, columns: relation.columns, span });
    }
    case "TakeOperator":
      return take(input, lastChild(node), plainContext(step), span);
    case "SortOperator": {
      const keys = sortKeys(listOf(node), plainContext(step));
      return { kind: "sort", input, keys, columns: input.columns, span };
    }
    case "TopOperator":
      return lowerTop(node, step);
    case "SampleOperator": {
      const count = countOf(lastChild(node), plainContext(step));
      return { kind: "sample", input, count, columns: input.columns, span };
    }
    case "SampleDistinctOperator":
      return lowerSampleDistinct(node, step);
    case "CountOperator": {
      const output = { name: columns[0]?.name ?? "Count", type: "long" } as const;
      return {
        kind: "summarize",
        input,
        keys: [],
        aggregations: [{ ...output, function: "count", args: [], span }],
        columns: [output],
        span,
      };
    }
    case "RenderOperator":
      // The console draws what it likes of any result.
      return input;
    case "ProjectOperator":
    case "ExtendOperator":
    case "SerializeOperator":
      return lowerComputed(node, step);
    case "ProjectAwayOperator":
    case "ProjectReorderOperator":
      return { ...project(columns.map(kept), step, node), isWide: true };
    case "ProjectKeepOperator":
      return project(columns.map(kept), step, node);
    case "ProjectRenameOperator":
      return { ...project(renamed(step), step, node), isWide: true };
    case "DistinctOperator":
      return lowerDistinct(node, step);
    case "SummarizeOperator":
      return lowerSummarize(node, step);
    case "MakeSeriesOperator":
      return lowerMakeSeries(node, step);
    case "TopNestedOperator":
      return lowerTopNested(node, step);
    case "EvaluateOperator":
      return lowerEvaluate(node, step);
    case "GetSchemaOperator":
      return lowerSchema(node, step);
    case "InvokeOperator":
      return lowerInvoke(node, step);
    default:
      return refuseOperator(node);
  }
}

function project(
  items: readonly NamedExpression[],
  step: Step,
  node: SyntaxNode,
): Extract<Relation, { readonly kind: "project" }> {
  const hidden = step.input.columns.filter(
    ({ name }) => !visible(step.input.columns).some((each) => each.name === name),
  );
  return {
    kind: "project",
    input: step.input,
    items: [...items, ...hidden.map(kept)],
    columns: withHidden(step.columns, step.input),
    span: node.span,
  };
}

function lowerTop(node: SyntaxNode, step: Step): Relation {
  const [, count, , key] = node.children.filter((child) => child.kind !== "list");
  if (count === undefined || key === undefined) return refuseOperator(node);
  const { input } = step;
  const context = plainContext(step);
  const sorted: Relation = {
    kind: "sort",
    input,
    keys: sortKeys([key], context),
    columns: input.columns,
    span: node.span,
  };
  return take(sorted, count, context, node.span);
}

function lowerSampleDistinct(node: SyntaxNode, step: Step): Relation {
  const [count, value] = valuesOf(node);
  if (count === undefined || value === undefined) return refuseOperator(node);
  const context = plainContext(step);
  const keys = [{ name: step.columns[0]?.name ?? "", value: lowerExpression(value, context) }];
  const distinct: Relation = {
    kind: "summarize",
    input: step.input,
    keys,
    aggregations: [],
    columns: step.columns,
    span: node.span,
  };
  return take(distinct, count, context, node.span);
}

function renamed({ columns, input }: Step): readonly NamedExpression[] {
  const before = visible(input.columns);
  return columns.map(({ name, type }, index) => {
    const from = before[index] ?? { name, type };
    return { name, value: column(from.name, from.type) };
  });
}

/** `project`, `extend` and `serialize`: values under names. */
function lowerComputed(node: SyntaxNode, step: Step): Relation {
  const rows = new RowExpressions(step);
  const items = node.name === "ProjectOperator" ? projected(node, step, rows) : extended(node, step, rows);
  const { relation } = rows;
  if (node.name === "ProjectOperator") {
    return rows.ordered(project(items, { ...step, input: relation }, node));
  }
  const columns = withHidden(step.columns, relation);
  return rows.ordered({ kind: "extend", input: relation, items, columns, span: node.span });
}

function projected(node: SyntaxNode, step: Step, rows: RowExpressions): readonly NamedExpression[] {
  const names = step.columns.map(({ name }) => name);
  const items = listOf(node).flatMap((item) => valuesUnder(item, rows, () => names.shift()));
  if (names.length > 0) refuse("unsupported", "This `project` is not supported", node.span);
  return items;
}

function extended(node: SyntaxNode, step: Step, rows: RowExpressions): readonly NamedExpression[] {
  const items = listOf(node);
  const named = new Set(items.flatMap(ownNames).map((name) => step.context.original(name)));
  const before = new Set(step.input.columns.map(({ name }) => name));
  // Names that Kusto makes up (`Column1`) stand in the order of their values.
  const made = step.columns.map(({ name }) => name).filter((name) => !before.has(name) && !named.has(name));
  return items.flatMap((item) => {
    const own = ownNames(item).map((name) => step.context.original(name));
    const { value } = namedValue(item);
    const isColumn =
      value.kind === "node" && value.symbol?.kind === "column" && value.name === "NameReference";
    if (own.length === 0 && isColumn) return [];
    return valuesUnder(item, rows, () => (own.length > 0 ? own.shift() : made.shift()));
  });
}

/** The names that an item gives: `a = …`, `(a, b) = …`. */
function ownNames(item: Syntax): readonly string[] {
  if (item.kind !== "node") return [];
  if (item.name === "SimpleNamedExpression") return [declaredName(childAt(item, 0))];
  const list = childNamed(item, "RenameList");
  return item.name === "CompoundNamedExpression" && list !== undefined
    ? listItems(list).map(declaredName)
    : [];
}

/** One value, or the several of a function that gives a tuple. */
function valuesUnder(
  item: Syntax,
  rows: RowExpressions,
  nextName: () => string | undefined,
): readonly NamedExpression[] {
  const isCompound = item.kind === "node" && item.name === "CompoundNamedExpression";
  const value = isCompound ? childAt(item, 2) : namedValue(item).value;
  const name = (): string =>
    nextName() ?? refuse("unsupported", "This value needs a name", value.span, "write name = value");
  if (
    value.kind === "node" &&
    functionName(value) === "series_decompose_anomalies" &&
    value.name === "FunctionCallExpression"
  ) {
    const args = argumentItems(value)
      .slice(0, 3)
      .map((each) => rows.lower(each));
    return [0, 1, 2].flatMap((which): readonly NamedExpression[] => {
      const under = nextName();
      if (under === undefined) return [];
      const all = [...args, literal("long", which)];
      return [
        {
          name: under,
          value: { kind: "call", op: "series_anomalies", args: all, type: "dynamic", span: value.span },
        },
      ];
    });
  }
  if (isCompound) refuse("unsupported", "Several names for one value are not supported", item.span);
  return [{ name: name(), value: rows.lower(value) }];
}

/** `invoke f(…)`: a function of the query's own over the rows. */
function lowerInvoke(node: SyntaxNode, step: Step): Relation {
  const call = childNamed(node, "FunctionCallExpression");
  const binding = call === undefined ? undefined : step.context.bindings.get(functionName(call));
  if (call === undefined || binding?.kind !== "function") return refuseOperator(node);
  const context = deeper(step.context, node.span);
  const inner = boundArguments(binding, argumentItems(call), context, lowerExpression, step.input);
  return context.lowerRelation(inner.body, inner.context);
}
