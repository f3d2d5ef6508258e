import {
  call,
  column,
  literal,
  type Aggregation,
  type Column,
  type NamedExpression,
  type Relation,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerExpression } from "./lower-expression.ts";
import { cast } from "./lower-let.ts";
import { aggregation } from "./lower-summarize.ts";
import { kept, plainContext, visible, type Step } from "./operator-step.ts";
import { argumentItems, childNamed, functionName, unsupported } from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** Plugins whose columns depend on the data: here the query says which it wants. */
export function lowerEvaluate(node: SyntaxNode, step: Step): Relation {
  refusePlugins(node);
  const plugin = childNamed(node, "FunctionCallExpression") ?? unsupported(node);
  const name = functionName(plugin);
  if (childNamed(node, "EvaluateSchemaClause") === undefined) {
    refuse(
      "unsupported",
      `The columns of \`${name}\` must be named`,
      node.span,
      name === "pivot"
        ? "write evaluate pivot(key, count()) : (group:string, value1:long)"
        : "write evaluate bag_unpack(d) : (*, name:string)",
    );
  }
  return name === "pivot" ? lowerPivot(plugin, step) : lowerUnpack(plugin, step);
}

function refusePlugins(node: SyntaxNode): void {
  const plugin = childNamed(node, "FunctionCallExpression");
  const name = plugin === undefined ? "" : functionName(plugin);
  if (name === "pivot" || name === "bag_unpack") return;
  refuse(
    "unsupported-operator",
    `The plugin \`${name}\` is not supported`,
    node.span,
    "there are pivot and bag_unpack",
  );
}

/** `bag_unpack(object)`: named properties as columns. */
function lowerUnpack(plugin: SyntaxNode, step: Step): Relation {
  const { input, columns } = step;
  const context = plainContext(step);
  const [bag, prefix] = argumentItems(plugin).map((item) => lowerExpression(item, context));
  if (bag === undefined) return unsupported(plugin);
  const start =
    prefix === undefined ? "" : constantText(prefix.kind === "literal" ? prefix.value : null, plugin);
  const own = new Set(visible(input.columns).map(({ name }) => name));
  const items = columns.map(({ name, type }): NamedExpression => {
    const isKept = own.has(name) && !(bag.kind === "column" && bag.name === name);
    if (isKept) return { name, value: column(name, type) };
    const key = name.startsWith(start) ? name.slice(start.length) : name;
    const value = { kind: "member", base: bag, key, type: "dynamic", span: plugin.span } as const;
    return { name, value: cast(value, type, plugin.span) };
  });
  return { kind: "project", input, items, isWide: true, columns, span: plugin.span };
}

function constantText(value: unknown, plugin: SyntaxNode): string {
  return typeof value === "string"
    ? value
    : refuse("constant-needed", "The prefix is a constant text", plugin.span);
}

const CONDITIONAL: ReadonlyMap<string, string> = new Map([
  ["avg", "avgif"],
  ["count", "countif"],
  ["dcount", "dcountif"],
  ["make_list", "make_list_if"],
  ["make_set", "make_set_if"],
  ["max", "maxif"],
  ["min", "minif"],
  ["sum", "sumif"],
  ["take_any", "take_anyif"],
  ["any", "take_anyif"],
]);

/** `pivot(key, aggregate, group…)`: a column for each named value of the key. */
function lowerPivot(plugin: SyntaxNode, step: Step): Relation {
  const { input, columns } = step;
  const context = plainContext(step);
  const [keyItem, aggregateItem, ...groupItems] = argumentItems(plugin);
  if (keyItem === undefined) return unsupported(plugin);
  const key = lowerExpression(keyItem, context);
  const groupNames = new Set(
    groupItems.length > 0
      ? groupItems.map((item) => {
          const lowered = lowerExpression(item, context);
          return lowered.kind === "column" ? lowered.name : unsupported(item);
        })
      : columns.filter((each) => isColumnOf(input, each)).map(({ name }) => name),
  );
  const isGroup = ({ name }: Column): boolean => groupNames.has(name);
  const aggregations = columns
    .filter((each) => !isGroup(each))
    .map((each): Aggregation => {
      const isValue = call(
        "==",
        "bool",
        [cast(key, "string", plugin.span), literal("string", each.name)],
        plugin.span,
      );
      return conditional(aggregateItem, isValue, each, { plugin, context });
    });
  const grouped: Relation = {
    kind: "summarize",
    input,
    keys: columns.filter(isGroup).map(kept),
    aggregations,
    columns: [...columns.filter(isGroup), ...aggregations.map(({ name, type }) => ({ name, type }))],
    span: plugin.span,
  };
  return { kind: "project", input: grouped, items: columns.map(kept), columns, span: plugin.span };
}

const isColumnOf = (input: Relation, { name, type }: Column): boolean =>
  input.columns.some((each) => each.name === name && each.type === type);

function conditional(
  item: Syntax | undefined,
  condition: Aggregation["args"][number],
  output: Column,
  site: { readonly plugin: SyntaxNode; readonly context: Step["context"] },
): Aggregation {
  if (item === undefined) return aggregation("countif", [condition], output, site.plugin.span);
  const name = item.kind === "node" ? functionName(item) : "";
  const op = CONDITIONAL.get(name);
  if (op === undefined || item.kind !== "node") {
    return refuse(
      "unsupported",
      "This aggregate makes no pivot",
      item.span,
      `there are ${[...CONDITIONAL.keys()].join(", ")}`,
    );
  }
  const args = argumentItems(item)
    .slice(0, 1)
    .map((each) => lowerExpression(each, site.context));
  return aggregation(op, [...args, condition], output, site.plugin.span);
}
