import { assertNever, invariant } from "@tyto/domain";
import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { compileExpression, type Scope } from "./compile-expression.ts";
import { asNumber, asText, engineValue, type EngineValue } from "./engine-value.ts";
import type { Relation, SortKey, WindowItem } from "./ir.ts";
import { isPlain, openLevel, passedOn, wrapLevel, type Level, type Statement } from "./levels.ts";

type Window = Extract<Relation, { readonly kind: "window" }>;

/** Values over other rows. What filters them is the next level's: no window function stands in a WHERE. */
export function windowLevel(
  window: Window,
  statement: Statement,
  compileSortKeys: (keys: readonly SortKey[], scope: Scope) => BoundQuery,
): Level {
  const level = openLevel(window.input, statement, isPlain);
  const partition = window.partition.map((each) => {
    const value = compileExpression(each, level.scope);
    return value.type === "dynamic" ? asText(value) : value.sql;
  });
  const clauses = [
    ...(partition.length === 0 ? [] : [sql`PARTITION BY ${joinSql(partition, ", ")}`]),
    ...(window.order.length === 0 ? [] : [sql`ORDER BY ${compileSortKeys(window.order, level.scope)}`]),
  ];
  const over = joinSql(clauses, " ");
  const own = new Set(window.items.map(({ name }) => name));
  const select = passedOn(
    window.columns.filter(({ name }) => !own.has(name)),
    level.scope,
  );
  for (const item of window.items) select.set(item.name, windowValue(item, level.scope, over));
  return wrapLevel({ ...level, select }, window, statement);
}

function windowValue(item: WindowItem, scope: Scope, over: BoundQuery): EngineValue {
  const valueAt = (index: number): EngineValue => {
    const arg = item.args[index];
    invariant(arg !== undefined, "a window function has its arguments");
    return compileExpression(arg, scope);
  };
  const number = (query: BoundQuery, isNullable = false): EngineValue =>
    engineValue(item.type, query, isNullable);
  switch (item.function) {
    case "row_number":
      return number(sql`toInt64(row_number() OVER (${over}))`);
    case "dense_rank":
      return number(sql`toInt64(dense_rank() OVER (${over}))`);
    case "min_rank":
      return number(sql`toInt64(rank() OVER (${over}))`);
    case "running_sum": {
      const value = asNumber(valueAt(0), item.type === "real" ? "real" : "long");
      return number(
        sql`sum(ifNull(${value}, 0)) OVER (${over} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`,
      );
    }
    case "previous":
    case "next":
      return neighbour(item, valueAt, over);
    default:
      return assertNever(item.function);
  }
}

/** Of a row that is not there: the default, or nothing. */
function neighbour(item: WindowItem, valueAt: (index: number) => EngineValue, over: BoundQuery): EngineValue {
  const { path: _, ...value } = valueAt(0);
  const offset = item.args[1];
  invariant(offset?.kind === "literal" && typeof offset.value === "number", "the offset is a constant");
  const isText = value.form === "event-id";
  // A value that may be missing to us need not be so to the engine, and a row that is not there would then be 0.
  const column = isText ? asText(value) : hasNull(value) ? sql`toNullable(${value.sql})` : value.sql;
  const frame = sql`OVER (${over} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`;
  const distance = param("UInt64", offset.value);
  const look = item.function === "previous" ? sql`lagInFrame` : sql`leadInFrame`;
  const found = sql`${look}(${column}, ${distance}) ${frame}`;
  const form = isText ? "string" : value.form;
  const plain = { ...value, form, sql: found, isNullable: hasNull(value) } as const;
  if (item.args.length < 3) return plain;
  const isThere = sql`${look}(1, ${distance}) ${frame} = 1`;
  return { ...plain, sql: sql`if(${isThere}, ${found}, ${valueAt(2).sql})` };
}

const hasNull = ({ form }: EngineValue): boolean =>
  form === "ip" ||
  form === "long" ||
  form === "real" ||
  form === "bool" ||
  form === "datetime" ||
  form === "timespan";
