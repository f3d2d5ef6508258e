import { assertNever, formatMicros, micros } from "@tyto/domain";
import { parseIpRange } from "./ip-range.ts";
import type { Aggregation, Expression, KqlType, LiteralValue, NamedExpression, Relation } from "./ir.ts";

/** Operators that bind tighter come later. */
const PRECEDENCE = { or: 1, and: 2, compare: 3, add: 4, multiply: 5, unary: 6 } as const;
type Precedence = (typeof PRECEDENCE)[keyof typeof PRECEDENCE];

interface Printed {
  readonly text: string;
  readonly precedence: Precedence;
}

/** Relation → KQL that compiles to the same relation: "open as KQL". One operator a line. What KQL alone can say is in KQL already. */
export function printKql(relation: Relation): string {
  switch (relation.kind) {
    case "scan":
      return relation.table;
    case "filter":
      return pipe(relation.input, `where ${printExpression(relation.predicate)}`);
    case "project":
      return pipe(relation.input, `project ${relation.items.map(printItem).join(", ")}`);
    case "extend":
      return pipe(relation.input, `extend ${relation.items.map(printItem).join(", ")}`);
    case "take":
      return pipe(relation.input, `take ${relation.count}`);
    case "sort": {
      const keys = relation.keys.map(
        (key) => `${printExpression(key.value)} ${key.direction} nulls ${key.nulls}`,
      );
      return pipe(relation.input, `sort by ${keys.join(", ")}`);
    }
    case "summarize": {
      const by = relation.keys.length === 0 ? "" : ` by ${relation.keys.map(printItem).join(", ")}`;
      if (relation.aggregations.length === 0) return pipe(relation.input, `summarize${by}`);
      return pipe(relation.input, `summarize ${relation.aggregations.map(printAggregation).join(", ")}${by}`);
    }
    case "values":
    case "range":
    case "join":
    case "union":
    case "expand":
    case "window":
    case "series":
    case "sample":
      throw new Error("invariant broken: the search bar asks for no such thing");
    default:
      return assertNever(relation);
  }
}

function pipe(input: Relation, operator: string): string {
  return `${printKql(input)}\n| ${operator}`;
}

function printItem(item: NamedExpression): string {
  if (item.value.kind === "column" && item.value.name === item.name) return printName(item.name);
  return `${printName(item.name)} = ${printExpression(item.value)}`;
}

function printAggregation(aggregation: Aggregation): string {
  const args = aggregation.args.map(printExpression).join(", ");
  return `${printName(aggregation.name)} = ${aggregation.function}(${args})`;
}

/** A dotted ECS name is written as it is; anything unusual in brackets. */
export function printName(name: string): string {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name) ? name : `[${quote(name)}]`;
}

function quote(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t")
    // Other control characters have no place in a line that people read.
    .replace(/[\u0000-\u001f\u007f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}"`;
}

export function printExpression(expression: Expression): string {
  return printed(expression).text;
}

function printed(expression: Expression): Printed {
  switch (expression.kind) {
    case "literal":
      return atom(printLiteral(expression.type, expression.value));
    case "column":
      return atom(printName(expression.name));
    case "member": {
      const key = typeof expression.key === "string" ? quote(expression.key) : String(expression.key);
      return atom(`${within(expression.base, PRECEDENCE.unary)}[${key}]`);
    }
    case "call":
      return printCall(expression);
    case "element":
    case "scalar-query":
    case "member-query":
      throw new Error("invariant broken: the search bar asks for no such thing");
    case "texts":
    case "texts-test":
      throw new Error("invariant broken: a rule's own tests have no KQL");
    default:
      return assertNever(expression);
  }
}

const atom = (text: string): Printed => ({ text, precedence: PRECEDENCE.unary });

function within(expression: Expression, outer: Precedence): string {
  const { text, precedence } = printed(expression);
  return precedence < outer ? `(${text})` : text;
}

function printCall(call: Extract<Expression, { readonly kind: "call" }>): Printed {
  const { op, args } = call;
  const infix = (precedence: Precedence, symbol: string): Printed => ({
    text: args.map((arg) => within(arg, (precedence + 1) as Precedence)).join(` ${symbol} `),
    precedence,
  });
  switch (op) {
    case "and":
      return infix(PRECEDENCE.and, op);
    case "or":
      return infix(PRECEDENCE.or, op);
    case "==":
    case "!=":
    case "=~":
    case "!~":
    case "<":
    case "<=":
    case ">":
    case ">=":
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
      return infix(PRECEDENCE.compare, op);
    case "+":
    case "-":
      return infix(PRECEDENCE.add, op);
    case "*":
    case "/":
    case "%":
      return infix(PRECEDENCE.multiply, op);
    case "in":
    case "in~":
    case "has_any":
    case "has_all": {
      const [needle, ...values] = args;
      const left = needle === undefined ? "" : within(needle, PRECEDENCE.add);
      return {
        text: `${left} ${op} (${values.map(printExpression).join(", ")})`,
        precedence: PRECEDENCE.compare,
      };
    }
    case "ip_in_range":
      return atom(`${rangeFunction(args[1])}(${args.map(printExpression).join(", ")})`);
    case "trim_space":
      return atom(`trim(@"\\s+", ${args.map(printExpression).join(", ")})`);
    default:
      return atom(`${op}(${args.map(printExpression).join(", ")})`);
  }
}

/** Kusto has a function for each family; ours works for both. */
function rangeFunction(range: Expression | undefined): string {
  const text = range?.kind === "literal" ? String(range.value) : "";
  return parseIpRange(text)?.low.startsWith("::ffff:") === true ? "ipv4_is_in_range" : "ipv6_is_in_range";
}

function printLiteral(type: KqlType, value: LiteralValue): string {
  if (value === null) return type === "string" ? '""' : `${type}(null)`;
  switch (type) {
    case "string":
      return quote(String(value));
    case "bool":
      return value === true ? "true" : "false";
    case "datetime":
      return `datetime(${formatMicros(micros(Number(value)))})`;
    case "timespan":
      return printTimespan(Number(value));
    case "dynamic":
      return `dynamic(${String(value)})`;
    case "real":
      return Number.isInteger(value) ? `${String(value)}.0` : `real(${String(value)})`;
    case "int":
    case "long":
      return String(value);
  }
}

const SPANS = [
  ["d", 86_400_000_000],
  ["h", 3_600_000_000],
  ["m", 60_000_000],
  ["s", 1_000_000],
  ["ms", 1_000],
  ["microsecond", 1],
] as const;

/** In the largest unit that divides it: `90m`, not `1.5h`. */
function printTimespan(microseconds: number): string {
  const [unit, size] = SPANS.find(([, each]) => microseconds % each === 0) ?? ["microsecond", 1];
  return `${microseconds / size}${unit}`;
}
