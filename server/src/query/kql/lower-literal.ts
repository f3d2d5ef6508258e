import { parseRfc3339 } from "@tyto/domain";
import { literal, type Expression, type KqlType, type Span } from "../ir.ts";
import { refuse } from "../refusal.ts";
import { parseInstant } from "../time-text.ts";
import type { LoweringContext } from "./lowering-context.ts";
import { childAt, listItems, unsupported } from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode, SyntaxType } from "./syntax.ts";

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

export function lowerLiteral(
  syntax: Extract<Syntax, { readonly kind: "literal" }>,
  context: Pick<LoweringContext, "now">,
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

/** `dynamic(["a", "b"])` among the values means its elements. */
export function spread(value: Expression): readonly Expression[] {
  if (value.kind !== "literal" || value.type !== "dynamic" || typeof value.value !== "string") return [value];
  const list: unknown = JSON.parse(value.value);
  if (!Array.isArray(list)) return [value];
  return list.map((element: unknown) => {
    if (typeof element === "string") return literal("string", element, value.span);
    if (typeof element === "number")
      return literal(Number.isInteger(element) ? "long" : "real", element, value.span);
    if (typeof element === "boolean") return literal("bool", element, value.span);
    return refuse("unsupported", "Only texts and numbers can stand in such a list", value.span);
  });
}

export function lowerDynamic(node: SyntaxNode): Expression {
  return literal("dynamic", JSON.stringify(jsonOf(childAt(node, 2), 0)), node.span);
}

const MAX_DEPTH = 100;

function jsonOf(syntax: Syntax, depth: number): unknown {
  if (depth > MAX_DEPTH) return refuse("too-deep", `More than ${MAX_DEPTH} levels of nesting`, syntax.span);
  if (syntax.kind === "literal") {
    if (syntax.value === null) return null;
    return syntax.type === "string" ? syntax.value : parsed(syntax.value);
  }
  if (syntax.kind !== "node") return unsupported(syntax);
  if (syntax.name === "JsonArrayExpression") return listItems(syntax).map((item) => jsonOf(item, depth + 1));
  if (syntax.name === "JsonObjectExpression") {
    const pairs = listItems(syntax).map((pair): [string, unknown] => {
      if (pair.kind !== "node") return unsupported(pair);
      const [name] = pair.children;
      const value = pair.children.at(-1);
      if (name?.kind !== "token" || value === undefined) return unsupported(pair);
      return [unquoted(name.text), jsonOf(value, depth + 1)];
    });
    return Object.fromEntries(pairs);
  }
  const [sign, number] = syntax.children;
  const isNegative = syntax.name === "PrefixUnaryExpression" && sign?.kind === "token" && sign.text === "-";
  return isNegative && number?.kind === "literal" ? -Number(number.value) : unsupported(syntax);
}

/** A property's name as it is written. */
function unquoted(text: string): string {
  const name = parsed(text);
  return typeof name === "string" ? name.replace(/^'(.*)'$/s, "$1") : text;
}

/** A number or truth value; a time or another literal of Kusto's is its text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
