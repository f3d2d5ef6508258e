import { parseRfc3339, type Micros } from "@tyto/domain";
import {
  call,
  column,
  junction,
  literal,
  not,
  type Expression,
  type KqlType,
  type ScalarOp,
  type Span,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { parseInstant } from "../time-text.ts";
import { lowerFunction } from "./lower-function.ts";
import type { Syntax, SyntaxNode, SyntaxType } from "./syntax.ts";

export interface LoweringContext {
  readonly now: Micros;
  /** Identifier of the rewritten text → the name that people write. */
  readonly original: (identifier: string) => string;
  /** Scalar `let`s so far, by name. */
  readonly variables: ReadonlyMap<string, Expression>;
}

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
  if (syntax.kind === "literal") return lowerLiteral(syntax, context);
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
      return lowerFunction(functionName(syntax), argumentsOf(syntax, context), {
        span: syntax.span,
        type: typeOf(syntax.type, syntax.span),
        now: context.now,
      });
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

function unsupported(syntax: Syntax): never {
  const shape = syntax.kind === "node" ? syntax.name.replace(/Expression$/, "") : "This";
  return refuse("unsupported", `${shape || "This"} is not supported here`, syntax.span);
}

export function childAt(node: SyntaxNode, index: number): Syntax {
  return node.children[index] ?? unsupported(node);
}

/** A type that results have; Kusto's decimal and guid are refused. */
export function typeOf(type: SyntaxType, span: Span): KqlType {
  if (type === "other" || type === "error") {
    return refuse(
      "unsupported-type",
      "A value of this type is not supported",
      span,
      "use tostring(…) or toreal(…)",
    );
  }
  return type;
}

function lowerName(node: SyntaxNode, context: LoweringContext): Expression {
  const name = node.symbol?.name ?? "";
  switch (node.symbol?.kind) {
    case "column":
      return column(context.original(name), typeOf(node.type, node.span), node.span);
    case "variable":
      return context.variables.get(name) ?? unsupported(node);
    case "table":
    case "function":
    case "other":
    case undefined:
      return refuse("unsupported", `\`${node.text}\` is no value`, node.span);
  }
}

function lowerLiteral(
  syntax: Extract<Syntax, { readonly kind: "literal" }>,
  context: LoweringContext,
): Expression {
  const { value, span } = syntax;
  const type = typeOf(syntax.type, span);
  if (value === null) return literal(type, type === "string" ? "" : null, span);
  switch (type) {
    case "string":
    case "dynamic":
      return literal(type, value, span);
    case "bool":
      return literal(type, value === "true", span);
    case "real":
      if (!Number.isFinite(Number(value))) refuse("bad-number", "This number is not supported", span);
      return literal(type, Number(value), span);
    case "int":
    case "long":
    case "timespan":
      return literal(type, Number.isSafeInteger(Number(value)) ? Number(value) : value, span);
    case "datetime": {
      const instant = parseRfc3339(value) ?? parseInstant(value, context.now);
      if (instant === undefined)
        refuse("bad-time", `"${value}" is no time`, span, "write datetime(2026-01-31T08:00:00Z)");
      return literal(type, instant, span);
    }
  }
}

function lowerBinary(node: SyntaxNode, context: LoweringContext): Expression {
  const symbol = textOf(childAt(node, 1));
  if (symbol === "and" || symbol === "or") {
    const operands = flatten(node, symbol).map((operand) => lowerExpression(operand, context));
    return junction(symbol, operands, node.span);
  }
  const isNegated = symbol.startsWith("!") && symbol !== "!=" && symbol !== "!~";
  const op = BINARY.get(isNegated ? symbol.slice(1) : symbol);
  if (op === undefined)
    refuse("unsupported", `The operator \`${symbol}\` is not supported`, childAt(node, 1).span);
  const args = [lowerExpression(childAt(node, 0), context), lowerExpression(childAt(node, 2), context)];
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
  if (expression.kind !== "call" || (expression.op !== "+" && expression.op !== "-")) return expression;
  const [left, right] = expression.args;
  if (left?.kind !== "literal" || right?.kind !== "literal") return expression;
  if (left.type !== "datetime" || right.type !== "timespan") return expression;
  if (typeof left.value !== "number" || typeof right.value !== "number") return expression;
  const value = expression.op === "+" ? left.value + right.value : left.value - right.value;
  return value < 0 ? expression : literal("datetime", value, expression.span);
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
  const values = (list.kind === "node" ? listItems(list) : []).flatMap((item) => spread(item, context));
  const test = call(op, "bool", [lowerExpression(childAt(node, 0), context), ...values], node.span);
  return isNegated ? not(test) : test;
}

/** `dynamic(["a", "b"])` among the values means its elements. */
function spread(item: Syntax, context: LoweringContext): readonly Expression[] {
  const value = lowerExpression(item, context);
  if (value.kind !== "literal" || value.type !== "dynamic" || typeof value.value !== "string") return [value];
  const list: unknown = JSON.parse(value.value);
  if (!Array.isArray(list)) return [value];
  return list.map((element: unknown) => {
    if (typeof element === "string") return literal("string", element, item.span);
    if (typeof element === "number")
      return literal(Number.isInteger(element) ? "long" : "real", element, item.span);
    if (typeof element === "boolean") return literal("bool", element, item.span);
    return refuse("unsupported", "Only texts and numbers can stand in such a list", item.span);
  });
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
  if (key.kind !== "literal" || (typeof key.value !== "string" && typeof key.value !== "number")) {
    return refuse("constant-needed", "The step into a value is a constant", selector.span);
  }
  const base = lowerExpression(childAt(node, 0), context);
  return { kind: "member", base, key: key.value, type: "dynamic", span: node.span };
}

function lowerDynamic(node: SyntaxNode): Expression {
  const json = jsonOf(childAt(node, 2));
  return literal("dynamic", JSON.stringify(json), node.span);
}

function jsonOf(syntax: Syntax): unknown {
  if (syntax.kind === "literal") {
    if (syntax.value === null) return null;
    return syntax.type === "string" ? syntax.value : JSON.parse(syntax.value);
  }
  if (syntax.kind !== "node") return unsupported(syntax);
  if (syntax.name === "JsonArrayExpression") return listItems(syntax).map(jsonOf);
  if (syntax.name === "JsonObjectExpression") {
    const pairs = listItems(syntax).map((pair): [string, unknown] => {
      if (pair.kind !== "node") return unsupported(pair);
      const [name, , value] = pair.children;
      if (name?.kind !== "literal" || value === undefined) return unsupported(pair);
      return [name.value ?? "", jsonOf(value)];
    });
    return Object.fromEntries(pairs);
  }
  const [sign, number] = syntax.children;
  const isNegative = syntax.name === "PrefixUnaryExpression" && sign?.kind === "token" && sign.text === "-";
  return isNegative && number?.kind === "literal" ? -Number(number.value) : unsupported(syntax);
}

export function functionName(node: SyntaxNode): string {
  const name = node.children[0];
  if (node.symbol?.kind === "function") return node.symbol.name;
  return name?.kind === "node" ? name.text : "";
}

function argumentsOf(node: SyntaxNode, context: LoweringContext): readonly Expression[] {
  const list = childAt(node, 1);
  return list.kind === "node"
    ? listItems(list).map((item) => lowerExpression(item, context))
    : unsupported(node);
}

/** The items of the one list among a node's children. */
export function listItems(node: SyntaxNode): readonly Syntax[] {
  return node.children.flatMap((child) => (child.kind === "list" ? child.items : []));
}

export function textOf(syntax: Syntax): string {
  switch (syntax.kind) {
    case "token":
      return syntax.text;
    case "node":
      return syntax.text;
    case "literal":
      return syntax.value ?? "";
    case "list":
      return syntax.items.map(textOf).join("");
  }
}
