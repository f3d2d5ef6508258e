import { assertNever, invariant } from "@tyto/domain";
import { joinSql, param, sizeOf, sql, type BoundQuery } from "./bound-query.ts";
import {
  compileComparison,
  compileIpInRange,
  compileMembership,
  literalOf,
  type Operand,
  type Position,
} from "./compile-comparison.ts";
import { compileArithmetic, compileFunction } from "./compile-function.ts";
import {
  asBool,
  asJson,
  asNumber,
  asText,
  asTexts,
  engineValue,
  instantParameter,
  isList,
  type EngineValue,
} from "./engine-value.ts";
import { compileTexts } from "./compile-texts.ts";
import type { RestColumns } from "./rest-columns.ts";
import { compileTextsTest } from "./compile-texts-test.ts";
import { compileMemberQuery, compileScalarQuery } from "./compile-inner-query.ts";
import { elementsOf, textElements } from "./dynamic-values.ts";
import { otherField } from "./engine-columns.ts";
import type { Expression, KqlType, LiteralValue, MembershipOp, Relation, TermsOp, TextOp } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { textMatch, textMatchOf } from "./text-match.ts";

/** Where names are looked up: the engine's columns at a scan, aliases of ours above it. */
export interface Scope {
  readonly column: (name: string) => EngineValue | undefined;
  /** An event's other fields, where they can be read. */
  readonly rest?: RestColumns;
  /** A query inside of an expression, as one SELECT of one column. */
  readonly query: (relation: Relation) => { readonly query: BoundQuery; readonly value: EngineValue };
}

type Call = Extract<Expression, { readonly kind: "call" }>;

const MAX_DEPTH = 400;
/** Some functions name an argument several times over, so nesting them multiplies. */
const MAX_PIECES = 20_000;

export function compileExpression(
  expression: Expression,
  scope: Scope,
  position: Position = "value",
  depth = 0,
): EngineValue {
  const value = compileNode(expression, scope, position, depth);
  if (sizeOf(value.sql) > MAX_PIECES) {
    refuse(
      "too-complex",
      "This expression is too complex",
      expression.span,
      "compute its parts with `extend` first",
    );
  }
  return value;
}

function compileNode(expression: Expression, scope: Scope, position: Position, depth: number): EngineValue {
  if (depth > MAX_DEPTH) refuse("too-deep", `More than ${MAX_DEPTH} levels of nesting`, expression.span);
  switch (expression.kind) {
    case "literal":
      return compileLiteral(expression.type, expression.value);
    case "column":
      return (
        scope.column(expression.name) ??
        refuse("unknown-field", `There is no column \`${expression.name}\` here`, expression.span)
      );
    case "member":
      return compileMember(expression, scope, depth);
    case "call":
      return compileCall(expression, scope, position, depth);
    case "element":
      return compileElement(expression, scope, depth);
    case "scalar-query":
      return compileScalarQuery(expression, scope);
    case "member-query":
      return compileMemberQuery(expression, scope, {
        position,
        needle: compileExpression(expression.needle, scope, "value", depth + 1),
      });
    case "texts":
      invariant(scope.rest !== undefined, "an event's texts are read right above its scan");
      return compileTexts(expression.source, scope.rest);
    case "texts-test": {
      const { test } = expression;
      const textsOf = (texts: Expression): BoundQuery => compileNode(texts, scope, "value", depth + 1).sql;
      const others = test.kind === "related" ? textsOf(test.others) : undefined;
      return engineValue("bool", compileTextsTest(test, textsOf(expression.texts), others), false);
    }
    default:
      return assertNever(expression);
  }
}

/** A predicate that rows must fulfil. */
export function compileFilter(predicate: Expression, scope: Scope): BoundQuery {
  if (predicate.type !== "bool") refuse("type-mismatch", "A filter is a condition", predicate.span);
  return compileExpression(predicate, scope, "filter").sql;
}

function compileLiteral(type: KqlType, value: LiteralValue): EngineValue {
  switch (type) {
    case "string":
      return engineValue(type, sql`${param("String", String(value ?? ""))}`);
    case "dynamic":
      return engineValue(type, sql`${param("String", String(value ?? "null"))}`, false);
    case "bool":
      if (value === null) return engineValue(type, sql`CAST(NULL, 'Nullable(Bool)')`);
      return engineValue(type, value === true ? sql`true` : sql`false`, false);
    case "datetime":
      if (value === null) return engineValue(type, sql`CAST(NULL, 'Nullable(DateTime64(6, \\'UTC\\'))')`);
      return engineValue(type, instantParameter(Number(value)), false);
    case "real":
      if (value === null) return engineValue(type, sql`CAST(NULL, 'Nullable(Float64)')`);
      return engineValue(type, sql`${param("Float64", Number(value))}`, false);
    case "int":
    case "long":
    case "timespan":
      if (value === null) return engineValue(type, sql`CAST(NULL, 'Nullable(Int64)')`);
      return engineValue(
        type,
        sql`${param("Int64", typeof value === "string" ? value : Number(value))}`,
        false,
      );
  }
}

function compileMember(
  member: Extract<Expression, { readonly kind: "member" }>,
  scope: Scope,
  depth: number,
): EngineValue {
  const base = compileExpression(member.base, scope, "value", depth + 1);
  const { key } = member;
  if (typeof key === "string" && base.path !== undefined && scope.rest !== undefined && !key.includes(".")) {
    return otherField(`${base.path}.${key}`);
  }
  if (isList(base.form) && typeof key === "number") {
    const index = param("Int64", key >= 0 ? key + 1 : key);
    const isThere = sql`length(${base.sql}) >= ${param("UInt64", key >= 0 ? key + 1 : -key)}`;
    return engineValue(
      "dynamic",
      sql`if(${isThere}, arrayElement(${elementsOf(base)}, ${index}), '')`,
      false,
    );
  }
  const step = typeof key === "string" ? param("String", key) : param("Int64", key >= 0 ? key + 1 : key);
  return engineValue("dynamic", sql`JSONExtractRaw(${asJson(base)}, ${step})`, false);
}

/** A step that each row computes. */
function compileElement(
  element: Extract<Expression, { readonly kind: "element" }>,
  scope: Scope,
  depth: number,
): EngineValue {
  const base = compileExpression(element.base, scope, "value", depth + 1);
  const key = compileExpression(element.key, scope, "value", depth + 1);
  if (key.type === "string" || key.type === "dynamic") {
    return engineValue("dynamic", sql`JSONExtractRaw(${asJson(base)}, ${asText(key)})`, false);
  }
  const place = sql`toInt64(ifNull(${asNumber(key, "long")}, 9223372036854775806))`;
  const index = sql`if(${place} >= 0, ${place} + 1, ${place})`;
  return engineValue("dynamic", sql`JSONExtractRaw(${asJson(base)}, ${index})`, false);
}

function compileCall(call: Call, scope: Scope, position: Position, depth: number): EngineValue {
  const { op } = call;
  const operandAt = (index: number, at: Position = "value"): Operand => {
    const expression =
      call.args[index] ??
      refuse("missing-argument", `Argument ${index + 1} of \`${op}\` is missing`, call.span);
    return { expression, value: compileExpression(expression, scope, at, depth + 1) };
  };
  const operands = (at: Position = "value"): readonly Operand[] =>
    call.args.map((_, index) => operandAt(index, at));
  const bool = (query: BoundQuery, isNullable = false): EngineValue => engineValue("bool", query, isNullable);

  switch (op) {
    case "and":
    case "or": {
      const parts = operands(position).map((operand) => conditionOf(operand));
      return bool(sql`(${joinSql(parts, op === "and" ? " AND " : " OR ")})`, position === "value");
    }
    case "not":
      return bool(sql`NOT ${conditionOf(operandAt(0))}`, true);
    case "==":
    case "!=":
    case "=~":
    case "!~":
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const sides = { left: operandAt(0), right: operandAt(1), position, span: call.span };
      return bool(compileComparison(op, sides), true);
    }
    case "in":
    case "in~":
      return bool(membership(op, operands(), position, call));
    case "has_any":
    case "has_all":
      return bool(anyOrAllTerms(op, operands(), call));
    case "has":
    case "has_cs":
    case "hasprefix":
    case "hassuffix":
    case "contains":
    case "contains_cs":
    case "startswith":
    case "startswith_cs":
    case "endswith":
    case "endswith_cs":
    case "matches regex":
      return bool(textTest(op, operandAt(0), operandAt(1)));
    case "ip_in_range": {
      const range = literalOf(operandAt(1));
      if (typeof range !== "string") refuse("constant-needed", "The network is a constant text", call.span);
      return bool(compileIpInRange(operandAt(0), range, position, call.span));
    }
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return compileArithmetic(op, { args: operands(), type: call.type, span: call.span });
    default:
      return compileFunction(op, { args: operands(), type: call.type, span: call.span });
  }
}

function conditionOf(operand: Operand): BoundQuery {
  const { type, span } = operand.expression;
  if (type !== "bool" && type !== "dynamic")
    refuse("type-mismatch", `A condition is needed here, not a ${type}`, span);
  return asBool(operand.value);
}

function textTest(op: TextOp, text: Operand, wanted: Operand): BoundQuery {
  const value = literalOf(wanted);
  const { span } = wanted.expression;
  if (op === "matches regex" && (value === undefined || value === null)) {
    return refuse("constant-needed", "A regular expression is a constant", span, "quote it");
  }
  const matches = (each: BoundQuery): BoundQuery =>
    value === undefined || value === null
      ? textMatchOf(op, each, asText(wanted.value))
      : textMatch(op, each, String(value), span);
  const { type } = text.expression;
  if (type !== "string" && type !== "dynamic") {
    refuse(
      "type-mismatch",
      `\`${op}\` works on text, not on a ${type}`,
      text.expression.span,
      "use tostring(…)",
    );
  }
  if (isList(text.value.form)) {
    return sql`arrayExists(e -> ${matches(sql`e`)}, ${asTexts(text.value)})`;
  }
  return matches(asText(text.value));
}

function anyOrAllTerms(op: TermsOp, operands: readonly Operand[], call: Call): BoundQuery {
  const [text, ...terms] = operands;
  if (text === undefined || terms.length === 0)
    return refuse("missing-argument", `\`${op}\` needs terms`, call.span);
  const tests = terms.map((term) => {
    const isDynamic = term.expression.type === "dynamic" && literalOf(term) === undefined;
    if (!isDynamic) return textTest("has", text, term);
    const has = textMatchOf("has", asText(text.value), sql`t`);
    return op === "has_any"
      ? sql`arrayExists(t -> ${has}, ${textElements(term.value)})`
      : sql`arrayAll(t -> ${has}, ${textElements(term.value)})`;
  });
  return sql`(${joinSql(tests, op === "has_any" ? " OR " : " AND ")})`;
}

function membership(
  op: MembershipOp,
  operands: readonly Operand[],
  position: Position,
  call: Call,
): BoundQuery {
  const [needle, ...others] = operands;
  if (needle === undefined)
    return refuse("missing-argument", `\`${op}\` needs a value to look for`, call.span);
  const values = others.map(literalOf);
  const isPlain = values.every((value) => value !== undefined && value !== null);
  const types = new Set(others.map((other) => other.expression.type));
  const wanted = needle.expression.type;
  const isComparable = [...types].every((type) => isComparableIn(wanted, type));
  if (isPlain && isComparable && !types.has("datetime") && !types.has("bool") && !types.has("timespan")) {
    return compileMembership(needle, values, { isCaseSensitive: op === "in", position, span: call.span });
  }
  const tests = others.map((other) => {
    if (other.expression.type === "dynamic" && literalOf(other) === undefined)
      return amongElements(op, needle, other);
    return compileComparison(op === "in" ? "==" : "=~", {
      left: needle,
      right: other,
      position,
      span: other.expression.span,
    });
  });
  return tests.length === 0 ? sql`false` : sql`(${joinSql(tests, " OR ")})`;
}

/** `x in (list)`: a list that each row has for itself. */
function amongElements(op: MembershipOp, needle: Operand, list: Operand): BoundQuery {
  const elements = textElements(list.value);
  if (op === "in") return sql`has(${elements}, ${asText(needle.value)})`;
  return sql`has(arrayMap(e -> lowerUTF8(e), ${elements}), lowerUTF8(${asText(needle.value)}))`;
}

function isComparableIn(needle: KqlType, value: KqlType): boolean {
  if (needle === "dynamic") return true;
  const numeric: readonly KqlType[] = ["int", "long", "real"];
  return needle === value || (numeric.includes(needle) && numeric.includes(value) && value !== "real");
}
