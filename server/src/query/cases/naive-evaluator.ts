import { invariant } from "@tyto/domain";
import type { Aggregation, Expression, Relation, SortKey, WindowItem } from "../ir.ts";

/**
 * The typed form over rows in memory: as plain as can be, for tests only. It knows the nodes that `naive.test.ts` generates, and
 * Kusto's meaning of null and empty: a text is never null, comparisons with null are false but for `!=`.
 */
export type Value = string | number | boolean | null | readonly Value[];
export type Row = readonly Value[];
type Named = ReadonlyMap<string, Value>;

export function evaluate(relation: Relation): readonly Row[] {
  return rowsOf(relation).map((row) =>
    relation.columns
      .filter(({ name }) => !name.startsWith("\u0000"))
      .map(({ name }) => row.get(name) ?? null),
  );
}

function rowsOf(relation: Relation): readonly Named[] {
  switch (relation.kind) {
    case "values":
      return relation.rows.map(
        (row) =>
          new Map(
            relation.columns.map(({ name, type }, index) => [name, fromLiteral(type, row[index] ?? null)]),
          ),
      );
    case "filter":
      return rowsOf(relation.input).filter((row) => valueOf(relation.predicate, row) === true);
    case "extend":
      return rowsOf(relation.input).map(
        (row) =>
          new Map([
            ...row,
            ...relation.items.map(({ name, value }): [string, Value] => [name, valueOf(value, row)]),
          ]),
      );
    case "project":
      return rowsOf(relation.input).map(
        (row) =>
          new Map(relation.items.map(({ name, value }): [string, Value] => [name, valueOf(value, row)])),
      );
    case "take":
      return rowsOf(relation.input).slice(0, relation.count);
    case "sort":
      return sortedRows(rowsOf(relation.input), relation.keys);
    case "union":
      return relation.inputs.flatMap(rowsOf);
    case "expand":
      return rowsOf(relation.input).flatMap((row) => {
        const lists = relation.items.map(({ value }) => asList(valueOf(value, row)));
        const size = Math.max(relation.keepsEmpty ? 1 : 0, ...lists.map((list) => list.length));
        return Array.from(
          { length: size },
          (_, at) =>
            new Map([
              ...row,
              ...relation.items.map(({ name }, index): [string, Value] => [name, lists[index]?.[at] ?? null]),
            ]),
        );
      });
    case "summarize":
      return summarized(relation);
    case "join":
      return joined(relation);
    case "window":
      return windowed(rowsOf(relation.input), relation.items, relation.order);
    default:
      throw new Error(`the naive evaluator does not know ${relation.kind}`);
  }
}

function fromLiteral(type: string, value: Value): Value {
  if (type === "dynamic") return typeof value === "string" ? (JSON.parse(value) as Value) : value;
  return type === "string" ? (value ?? "") : value;
}

function summarized(relation: Extract<Relation, { readonly kind: "summarize" }>): readonly Named[] {
  const groups = new Map<string, Named[]>();
  for (const row of rowsOf(relation.input)) {
    const key = JSON.stringify(relation.keys.map(({ value }) => valueOf(value, row)));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  if (relation.keys.length === 0 && groups.size === 0) groups.set("[]", []);
  return [...groups].map(([, rows]) => {
    const [first] = rows;
    const keys = relation.keys.map(({ name, value }): [string, Value] => [
      name,
      first === undefined ? null : valueOf(value, first),
    ]);
    return new Map([
      ...keys,
      ...relation.aggregations.map((each): [string, Value] => [each.name, aggregated(each, rows)]),
    ]);
  });
}

function aggregated(aggregation: Aggregation, rows: readonly Named[]): Value {
  const [arg] = aggregation.args;
  const values = arg === undefined ? [] : rows.map((row) => valueOf(arg, row));
  const numbers = values.filter((value) => typeof value === "number");
  switch (aggregation.function) {
    case "count":
      return rows.length;
    case "countif":
      return values.filter((value) => value === true).length;
    case "dcount":
      return new Set(values.filter((value) => value !== null)).size;
    case "sum":
      return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0);
    case "avg":
      return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    case "min":
      return numbers.length === 0 ? null : Math.min(...numbers);
    case "max":
      return numbers.length === 0 ? null : Math.max(...numbers);
    default:
      throw new Error(`the naive evaluator does not know ${aggregation.function}`);
  }
}

function joined(join: Extract<Relation, { readonly kind: "join" }>): readonly Named[] {
  const [left, right] = [rowsOf(join.left), rowsOf(join.right)];
  const matches = (a: Named, b: Named): boolean =>
    join.on.every((pair) => {
      const [x, y] = [valueOf(pair.left, a), valueOf(pair.right, b)];
      return x !== null && x === y;
    });
  const output = (a: Named | null, b: Named | null): Named =>
    new Map(
      join.columns.map(({ name, side, from, type }): [string, Value] => {
        const row = side === "left" ? a : b;
        return [name, row === null ? (type === "string" ? "" : null) : (row.get(from) ?? null)];
      }),
    );
  const pairs = left.flatMap((a) => right.filter((b) => matches(a, b)).map((b) => output(a, b)));
  const aloneLeft = left.filter((a) => !right.some((b) => matches(a, b)));
  const aloneRight = right.filter((b) => !left.some((a) => matches(a, b)));
  switch (join.join) {
    case "inner":
      return pairs;
    case "leftouter":
      return [...pairs, ...aloneLeft.map((a) => output(a, null))];
    case "rightouter":
      return [...pairs, ...aloneRight.map((b) => output(null, b))];
    case "fullouter":
      return [...pairs, ...aloneLeft.map((a) => output(a, null)), ...aloneRight.map((b) => output(null, b))];
    case "leftanti":
      return aloneLeft.map((a) => output(a, null));
    case "leftsemi":
      return left.filter((a) => !aloneLeft.includes(a)).map((a) => output(a, null));
    default:
      throw new Error(`the naive evaluator does not know ${join.join}`);
  }
}

function windowed(
  input: readonly Named[],
  items: readonly WindowItem[],
  order: readonly SortKey[],
): readonly Named[] {
  const rows = sortedRows(input, order);
  return rows.map((row, at) => {
    const values = items.map(({ name, function: op, args, type }): [string, Value] => {
      const [value, offset] = args;
      if (op === "row_number") return [name, at + 1];
      const distance = offset?.kind === "literal" ? Number(offset.value) : 1;
      const other = rows[op === "previous" ? at - distance : at + distance];
      invariant(value !== undefined, "a neighbour has a value");
      return [name, other === undefined ? (type === "string" ? "" : null) : valueOf(value, other)];
    });
    return new Map([...row, ...values]);
  });
}

function sortedRows(rows: readonly Named[], keys: readonly SortKey[]): readonly Named[] {
  return [...rows].sort((a, b) => {
    for (const { value, direction, nulls } of keys) {
      const [x, y] = [valueOf(value, a), valueOf(value, b)];
      if (x === y) continue;
      if (x === null || y === null) return (x === null) === (nulls === "first") ? -1 : 1;
      const order = compared(x, y) < 0 ? -1 : 1;
      return direction === "asc" ? order : -order;
    }
    return 0;
  });
}

function compared(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

const asList = (value: Value): readonly Value[] =>
  Array.isArray(value) ? (value as readonly Value[]) : value === null ? [] : [value];

function valueOf(expression: Expression, row: Named): Value {
  switch (expression.kind) {
    case "literal":
      return fromLiteral(expression.type, expression.value);
    case "column":
      return row.get(expression.name) ?? (expression.type === "string" ? "" : null);
    case "call":
      return called(
        expression.op,
        expression.args.map((arg) => valueOf(arg, row)),
      );
    case "member-query": {
      const wanted = rowsOf(expression.relation).map(
        (each) => each.get(expression.relation.columns[0]?.name ?? "") ?? null,
      );
      return wanted.includes(valueOf(expression.needle, row));
    }
    default:
      throw new Error(`the naive evaluator does not know ${expression.kind}`);
  }
}

const text = (value: Value | undefined): string =>
  value === null || value === undefined ? "" : String(value);
const lower = (value: Value | undefined): string => text(value).toLowerCase();
const equal = (a: Value | undefined, b: Value | undefined): boolean | null =>
  a === null && b === null ? null : a === b;

function called(op: string, args: readonly Value[]): Value {
  const [a = null, b = null, c = null] = args;
  const number = (compute: (x: number, y: number) => number | null): Value =>
    typeof a === "number" && typeof b === "number" ? compute(a, b) : null;
  const order = (holds: (sign: number) => boolean): Value =>
    a === null || b === null ? null : holds(compared(a, b));
  switch (op) {
    case "and":
      return args.includes(false) ? false : args.includes(null) ? null : true;
    case "or":
      return args.includes(true) ? true : args.includes(null) ? null : false;
    case "not":
      return a === null ? null : a !== true;
    case "==":
      return equal(a, b);
    case "!=": {
      const same = equal(a, b);
      return same === null ? null : !same;
    }
    case "=~":
      return lower(a) === lower(b);
    case "in~":
      return args.slice(1).some((each) => lower(each) === lower(a));
    case "<":
      return order((sign) => sign < 0);
    case "<=":
      return order((sign) => sign <= 0);
    case ">":
      return order((sign) => sign > 0);
    case ">=":
      return order((sign) => sign >= 0);
    case "has":
      return (
        lower(b) === "" ||
        new RegExp(`(^|[^0-9a-z])${lower(b).replace(/\W/g, "\\$&")}($|[^0-9a-z])`).test(lower(a))
      );
    case "contains":
      return lower(a).includes(lower(b));
    case "startswith":
      return lower(a).startsWith(lower(b));
    case "endswith":
      return lower(a).endsWith(lower(b));
    case "+":
      return number((x, y) => x + y);
    case "-":
      return number((x, y) => x - y);
    case "*":
      return number((x, y) => x * y);
    case "/":
      return number((x, y) => (y === 0 ? null : Math.trunc(x / y) + 0));
    case "%":
      return number((x, y) => (y === 0 ? null : ((x % y) + y) % y));
    case "strlen":
      return [...text(a)].length;
    case "strcat":
      return args.map(text).join("");
    case "tostring":
      return text(a);
    case "tolower":
      return lower(a);
    case "substring":
      return [...text(a)].slice(Number(b)).join("");
    case "iff":
      return a === true ? b : c;
    case "coalesce":
      return a ?? b;
    case "isnull":
      return a === null;
    case "isnotnull":
      return a !== null;
    case "array_length":
      return Array.isArray(a) ? a.length : null;
    default:
      throw new Error(`the naive evaluator does not know ${op}`);
  }
}
