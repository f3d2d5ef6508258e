import { call, column, junction, literal, type Column, type Expression, type Span } from "../ir.ts";
import { refuse } from "../refusal.ts";
import type { LoweringContext } from "./lowering-context.ts";
import type { Syntax } from "./syntax.ts";

/** Where `search` and `where *` look: in an event's text, in other rows' texts. */
const EVENT_TEXTS = ["raw", "message"] as const;
const MAX_COLUMNS = 60;

function searched(context: LoweringContext, span: Span): readonly Column[] {
  const columns = context.input?.columns ?? [];
  const texts = columns.filter(({ name, type }) => type === "string" && !name.startsWith("\u0000"));
  const isEvents = texts.some(({ name }) => name === "raw");
  const found = isEvents ? texts.filter(({ name }) => EVENT_TEXTS.some((each) => each === name)) : texts;
  if (found.length > MAX_COLUMNS) {
    refuse("too-complex", `More than ${MAX_COLUMNS} columns to look in`, span, "name the columns");
  }
  return found;
}

/** Whether a test holds for one of the columns. */
export function anyColumn(
  context: LoweringContext,
  span: Span,
  test: (column: Expression) => Expression,
): Expression {
  return junction(
    "or",
    searched(context, span).map(({ name, type }) => test(column(name, type, span))),
    span,
  );
}

/** A bare text in `search`: a term, with `*` at its ends for parts of terms. */
export function searchTerm(
  syntax: Extract<Syntax, { readonly kind: "literal" }>,
  context: LoweringContext,
): Expression {
  const text = syntax.value ?? "";
  const { span } = syntax;
  const [isOpenBefore, isOpenAfter] = [text.startsWith("*"), text.length > 1 && text.endsWith("*")];
  const term = text.slice(isOpenBefore ? 1 : 0, isOpenAfter ? -1 : undefined);
  if (term === "") return literal("bool", true, span);
  const op =
    isOpenBefore && isOpenAfter ? "contains" : isOpenBefore ? "hassuffix" : isOpenAfter ? "hasprefix" : "has";
  return anyColumn(context, span, (each) => call(op, "bool", [each, literal("string", term, span)], span));
}

/** A table that lacks a column has nothing in it. */
export function withoutMissing(expression: Expression, names: ReadonlySet<string>): Expression {
  const within = (each: Expression): Expression => withoutMissing(each, names);
  switch (expression.kind) {
    case "column": {
      if (names.has(expression.name)) return expression;
      return literal(expression.type, expression.type === "string" ? "" : null, expression.span);
    }
    case "member":
      return { ...expression, base: within(expression.base) };
    case "element":
      return { ...expression, base: within(expression.base), key: within(expression.key) };
    case "call":
      return { ...expression, args: expression.args.map(within) };
    case "member-query":
      return { ...expression, needle: within(expression.needle) };
    case "literal":
    case "scalar-query":
    case "texts":
    case "texts-test":
      return expression;
  }
}
