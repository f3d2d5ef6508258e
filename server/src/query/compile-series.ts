import { invariant } from "@tyto/domain";
import { param, sql, type BoundQuery } from "./bound-query.ts";
import { compileAggregation } from "./compile-aggregation.ts";
import { compileExpression } from "./compile-expression.ts";
import { asNumber, asText, engineValue, type EngineValue } from "./engine-value.ts";
import type { Aggregation, Relation } from "./ir.ts";
import { isPlain, openLevel, renderLevel, levelOver, type Level, type Statement } from "./levels.ts";
import { refuse } from "./refusal.ts";

type Series = Extract<Relation, { readonly kind: "series" }>;

/** Steps of one series. */
const MAX_STEPS = 100_000;

/** `make-series`: first a row for each group and step, then one array of all steps for each group, holes filled. */
export function seriesLevel(series: Series, statement: Statement): Level {
  const { from, to, step, keys } = series;
  invariant(from !== null && to !== null, "a series has its bounds before it is compiled");
  const steps = Math.max(0, Math.ceil((to - from) / step));
  if (steps > MAX_STEPS) {
    refuse("too-many-steps", `A series has at most ${MAX_STEPS} steps`, series.span, "make the step longer");
  }
  const level = openLevel(series.input, statement, isPlain);
  const axis = compileExpression(series.axis.value, level.scope);
  const at = asNumber(axis, axis.form === "real" ? "real" : "long");
  const type = axis.form === "real" ? "Float64" : "Int64";
  const [low, high, width] = [param(type, from), param(type, to), param(type, step)];
  const groups = keys.map(({ name, value }) => ({ name, value: compileExpression(value, level.scope) }));
  const aliases = {
    keys: groups.map(() => sql`${statement.nextName()}`),
    step: sql`${statement.nextName()}`,
  };
  const values = series.aggregations.map((each) => ({
    each,
    value: compileAggregation(each, level.scope),
    alias: sql`${statement.nextName()}`,
  }));
  const inner = renderLevel(
    {
      ...level,
      where: [...level.where, sql`${at} >= ${low}`, sql`${at} < ${high}`],
      groupBy: groups.length + 1,
    },
    [
      ...groups.map(({ value }, index) => sql`${value.sql} AS ${aliases.keys[index] ?? value.sql}`),
      sql`toUInt32(floor((${at} - ${low}) / ${width})) AS ${aliases.step}`,
      ...values.map(({ value, alias }) => sql`${value.sql} AS ${alias}`),
    ],
  );
  const outputs: BoundQuery[] = [...aliases.keys];
  const columns = new Map<string, EngineValue>();
  groups.forEach(({ name, value }, index) => {
    const { path: _, ...rest } = value;
    columns.set(name, {
      ...rest,
      form: value.form === "event-id" ? "string" : value.form,
      sql: aliases.keys[index] ?? value.sql,
    });
  });
  values.forEach(({ each, value, alias }, index) => {
    const array = sql`${statement.nextName()}`;
    outputs.push(
      sql`${filledArray(each, { ...value, sql: alias }, aliases.step, steps, series.defaults[index] ?? 0)} AS ${array}`,
    );
    columns.set(each.name, { sql: array, type: "dynamic", form: formOf(value), isNullable: false });
  });
  const grouped = { ...levelOver(sql`(${inner})`, columns, statement), groupBy: groups.length };
  const around = levelOver(sql`(${renderLevel(grouped, outputs)})`, columns, statement);
  const places = sql`arrayMap(i -> ${low} + i * ${width}, range(${param("UInt64", steps)}))`;
  return {
    ...around,
    scope: {
      ...around.scope,
      column: (name) => (name === series.axis.name ? axisArray(axis, places) : columns.get(name)),
    },
  };
}

const formOf = (value: EngineValue): "numbers" | "reals" => (value.form === "real" ? "reals" : "numbers");

function filledArray(
  aggregation: Aggregation,
  value: EngineValue,
  step: BoundQuery,
  steps: number,
  missing: number,
): BoundQuery {
  const number = asNumber(value, formOf(value) === "reals" ? "real" : "long");
  if (value.type === "string" || value.type === "dynamic" || value.type === "datetime") {
    refuse(
      "type-mismatch",
      `\`${aggregation.function}\` of this makes no series`,
      aggregation.span,
      "aggregate numbers",
    );
  }
  const filler = formOf(value) === "reals" ? param("Float64", missing) : param("Int64", missing);
  const size = param("UInt64", steps);
  // A group's empty step is the default, like a step without rows.
  const present =
    formOf(value) === "reals"
      ? sql`ifNull(${number}, toFloat64(${filler}))`
      : sql`ifNull(${number}, ${filler})`;
  return sql`groupArrayInsertAt(${filler}, ${size})(${present}, ${step})`;
}

function axisArray(axis: EngineValue, places: BoundQuery): EngineValue {
  const list = (form: "strings" | "numbers" | "reals", query: BoundQuery): EngineValue => ({
    sql: query,
    type: "dynamic",
    form,
    isNullable: false,
  });
  if (axis.form === "datetime") {
    const instant = engineValue("datetime", sql`fromUnixTimestamp64Micro(q, 'UTC')`, false);
    return list("strings", sql`arrayMap(q -> ${asText(instant)}, ${places})`);
  }
  return list(axis.form === "real" ? "reals" : "numbers", places);
}
