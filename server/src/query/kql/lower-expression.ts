import {
  call,
  column,
  junction,
  literal,
  not,
  type Expression,
  type KqlType,
  type Relation,
  type ScalarOp,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { isAggregate, lowerFunction } from "./lower-function.ts";
import { lowerDynamic, lowerLiteral, spread, typeOf } from "./lower-literal.ts";
import { boundArguments } from "./lower-let.ts";
import { deeper, spend, type LoweringContext } from "./lowering-context.ts";
import { anyColumn, searchTerm } from "./search-terms.ts";
import {
  argumentItems,
  childAt,
  functionName,
  isTabular,
  listItems,
  textOf,
  unsupported,
  valuesOf,
} from "./syntax-nodes.ts";
import { windowFunction } from "./window-rows.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** Binary operators by what stands between the operands. `!` in front means its negation. */
const BINARY: ReadonlyMap<string, ScalarOp> = new Map<string, ScalarOp>([
  ..."== != < <= > >= =~ !~ + - * / %".split(" ").map((op): [string, ScalarOp] => [op, op as ScalarOp]),
  ["<>", "!="],
  ["has", "has"],
  ["has_cs", "has_cs"],
  ["hasprefix", "hasprefix"],
  ["hassuffix", "hassuffix"],
  ["contains", "contains"],
  ["contains_cs", "contains_cs"],
  ["containscs", "contains_cs"],
  ["startswith", "startswith"],
  ["startswith_cs", "startswith_cs"],
  ["endswith", "endswith"],
  ["endswith_cs", "endswith_cs"],
  ["matches regex", "matches regex"],
]);

/** A scalar expression of Kusto's tree → ours. Refuses every shape that has no row here. */
export function lowerExpression(syntax: Syntax, context: LoweringContext): Expression {
  if (syntax.kind === "literal") {
    return context.isSearch && isTerm(syntax) ? searchTerm(syntax, context) : lowerLiteral(syntax, context);
  }
  if (syntax.kind !== "node") return unsupported(syntax);
  const lower = (index: number): Expression => lowerExpression(childAt(syntax, index), context);
  switch (syntax.name) {
    case "NameReference":
      return lowerName(syntax, context);
    case "ParenthesizedExpression":
      return lower(1);
    case "BinaryExpression":
      return lowerBinary(syntax, context);
    case "PrefixUnaryExpression":
      return lowerUnary(syntax, context);
    case "InExpression":
    case "HasAnyExpression":
    case "HasAllExpression":
      return lowerMembership(syntax, context);
    case "BetweenExpression":
      return lowerBetween(syntax, context);
    case "FunctionCallExpression":
      return lowerCall(syntax, context);
    case "ToScalarExpression":
      return lowerToScalar(syntax, context);
    case "PathExpression": {
      const key = childAt(syntax, 2);
      const name = key.kind === "node" ? key.text : "";
      return { kind: "member", base: lower(0), key: name, type: "dynamic", span: syntax.span };
    }
    case "ElementExpression":
      return lowerElement(syntax, context);
    case "DynamicExpression":
      return lowerDynamic(syntax);
    case "CompoundStringLiteralExpression":
      return literal("string", syntax.children.map((child) => textOf(child)).join(""), syntax.span);
    default:
      return unsupported(syntax);
  }
}

/** A text where a condition belongs: only `search` has those. */
function isTerm(syntax: Extract<Syntax, { readonly kind: "literal" }>): boolean {
  return syntax.type === "bool" && syntax.value !== "true" && syntax.value !== "false";
}

function lowerName(node: SyntaxNode, context: LoweringContext): Expression {
  const name = node.symbol?.name ?? "";
  switch (node.symbol?.kind) {
    case "column":
      return column(context.original(name), typeOf(node.type, node.span), node.span);
    case "variable": {
      const binding = context.bindings.get(name);
      if (binding?.kind !== "value") return unsupported(node);
      spend(context, binding.size, node.span);
      return { ...binding.value, span: node.span };
    }
    case "table":
    case "function":
    case "other":
    case undefined:
      return refuse("unsupported", `\`${node.text}\` is no value`, node.span);
  }
}

function lowerCall(node: SyntaxNode, context: LoweringContext): Expression {
  const name = functionName(node);
  const { span } = node;
  const binding = context.bindings.get(name);
  if (binding?.kind === "function") {
    const inner = boundArguments(binding, argumentItems(node), deeper(context, span), lowerExpression);
    const body = lowerExpression(inner.body, inner.context);
    return { ...body, span };
  }
  if (context.aggregates !== null && isAggregate(name)) {
    const within = { ...context, aggregates: null };
    const args = argumentItems(node).map((item) => lowerExpression(item, within));
    return context.aggregates.take(name, args, { span, type: typeOf(node.type, span) });
  }
  // `typeof(long)` is in the call's own type already.
  const args = argumentItems(node)
    .filter((item) => item.kind !== "node" || item.name !== "TypeOfLiteralExpression")
    .map((item) => lowerExpression(item, context));
  // A decimal in Kusto; ours is a whole number that compares in the same way.
  const type = (): KqlType => (name === "parse_version" ? "long" : typeOf(node.type, span));
  const window = windowFunction(name);
  if (window === undefined) return lowerFunction(name, args, { span, type: type(), context });
  if (context.rows === null) {
    return refuse("unsupported", `\`${name}\` cannot stand here`, span, "compute it in an `extend` before");
  }
  return context.rows.add(window, args, { span, type: type() });
}

function lowerToScalar(node: SyntaxNode, context: LoweringContext): Expression {
  const table = node.children.find(isTabular);
  if (table === undefined) {
    const [value] = valuesOf(node);
    return value === undefined ? unsupported(node) : lowerExpression(value, context);
  }
  const relation = innerQuery(table, context);
  const [first] = relation.columns;
  if (first === undefined) return unsupported(node);
  return { kind: "scalar-query", relation, type: first.type, span: node.span };
}

function innerQuery(table: Syntax, context: LoweringContext): Relation {
  const inner = {
    ...deeper(context, table.span),
    input: null,
    rows: null,
    aggregates: null,
    isSearch: false,
  };
  return context.lowerRelation(table, inner);
}

function lowerBinary(node: SyntaxNode, context: LoweringContext): Expression {
  const symbol = textOf(childAt(node, 1));
  if (symbol === "and" || symbol === "or") {
    const operands = flatten(node, symbol).map((operand) => lowerExpression(operand, context));
    return junction(symbol, operands, node.span);
  }
  const isNegated = symbol.startsWith("!") && symbol !== "!=" && symbol !== "!~";
  const op = symbol === ":" ? "has" : BINARY.get(isNegated ? symbol.slice(1) : symbol);
  if (op === undefined)
    refuse("unsupported", `The operator \`${symbol}\` is not supported`, childAt(node, 1).span);
  const [left, right] = [childAt(node, 0), childAt(node, 2)];
  const values = { ...context, isSearch: false };
  const wanted = lowerExpression(right, values);
  if (left.kind === "node" && left.name === "StarExpression") {
    const test = anyColumn(context, node.span, (each) => call(op, "bool", [each, wanted], node.span));
    return isNegated ? not(test) : test;
  }
  const args = [lowerExpression(left, values), wanted];
  const result = folded(call(op, typeOf(node.type, node.span), args, node.span));
  return isNegated ? not(result) : result;
}

/** A long `a or b or c …` is a deep tree to Kusto and one list to us. */
function flatten(node: SyntaxNode, symbol: "and" | "or"): readonly Syntax[] {
  const operands: Syntax[] = [];
  let left: Syntax = node;
  while (left.kind === "node" && left.name === "BinaryExpression" && textOf(childAt(left, 1)) === symbol) {
    operands.push(childAt(left, 2));
    left = childAt(left, 0);
  }
  operands.push(left);
  return operands.reverse();
}

/** Times of constants are constants: what `ago(1h) - 5m` means decides which parts of the table are read. */
function folded(expression: Expression): Expression {
  if (expression.kind !== "call" || expression.args.length !== 2) return expression;
  const [left, right] = expression.args;
  if (left?.kind !== "literal" || right?.kind !== "literal") return expression;
  if (typeof left.value !== "number" || typeof right.value !== "number") return expression;
  const types = `${left.type} ${expression.op} ${right.type}`;
  switch (types) {
    case "datetime + timespan":
    case "datetime - timespan": {
      const value = expression.op === "+" ? left.value + right.value : left.value - right.value;
      return value < 0 ? expression : literal("datetime", value, expression.span);
    }
    case "timespan + timespan":
      return literal("timespan", left.value + right.value, expression.span);
    case "timespan - timespan":
      return literal("timespan", left.value - right.value, expression.span);
    case "timespan * long":
    case "long * timespan": {
      const value = left.value * right.value;
      return Number.isSafeInteger(value) ? literal("timespan", value, expression.span) : expression;
    }
    default:
      return expression;
  }
}

function lowerUnary(node: SyntaxNode, context: LoweringContext): Expression {
  const operand = lowerExpression(childAt(node, 1), context);
  if (textOf(childAt(node, 0)) === "+") return operand;
  if (operand.kind === "literal" && typeof operand.value === "number") {
    return { ...operand, value: -operand.value, span: node.span };
  }
  const type = typeOf(node.type, node.span);
  return call("-", type, [literal(type === "real" ? "real" : "long", 0, node.span), operand], node.span);
}

function lowerMembership(node: SyntaxNode, context: LoweringContext): Expression {
  const symbol = textOf(childAt(node, 1));
  const isNegated = symbol.startsWith("!");
  const op = isNegated ? symbol.slice(1) : symbol;
  if (op !== "in" && op !== "in~" && op !== "has_any" && op !== "has_all") return unsupported(node);
  const list = childAt(node, 2);
  const items = list.kind === "node" ? listItems(list) : [];
  const left = childAt(node, 0);
  const values = { ...context, isSearch: false };
  const test = (needle: Expression): Expression => {
    const [table] = items;
    if (items.length === 1 && table !== undefined && isTabular(table)) {
      const relation = innerQuery(table, values);
      return { kind: "member-query", op, needle, relation, type: "bool", span: node.span };
    }
    const wanted = items.flatMap((item) => spread(lowerExpression(item, values)));
    return call(op, "bool", [needle, ...wanted], node.span);
  };
  const isAny = left.kind === "node" && left.name === "StarExpression";
  const result = isAny ? anyColumn(context, node.span, test) : test(lowerExpression(left, values));
  return isNegated ? not(result) : result;
}

function lowerBetween(node: SyntaxNode, context: LoweringContext): Expression {
  const couple = childAt(node, 2);
  if (couple.kind !== "node") return unsupported(node);
  const bounds = couple.children.filter((child) => child.kind !== "token");
  const [low, high] = bounds.map((bound) => lowerExpression(bound, context));
  if (low === undefined || high === undefined) return unsupported(node);
  const value = lowerExpression(childAt(node, 0), context);
  // `between (datetime .. 1d)`: the upper end is that long after the lower.
  const isSpan = low.type === "datetime" && high.type === "timespan";
  const top = isSpan ? folded(call("+", "datetime", [low, high], high.span)) : high;
  const test = junction(
    "and",
    [call(">=", "bool", [value, low], node.span), call("<=", "bool", [value, top], node.span)],
    node.span,
  );
  return textOf(childAt(node, 1)).startsWith("!") ? not(test) : test;
}

function lowerElement(node: SyntaxNode, context: LoweringContext): Expression {
  const bracket = childAt(node, 1);
  const selector = bracket.kind === "node" ? childAt(bracket, 1) : bracket;
  const key = lowerExpression(selector, context);
  const base = lowerExpression(childAt(node, 0), context);
  if (key.kind === "literal" && (typeof key.value === "string" || typeof key.value === "number")) {
    return { kind: "member", base, key: key.value, type: "dynamic", span: node.span };
  }
  return { kind: "element", base, key, type: "dynamic", span: node.span };
}
