import { assertNever, invariant } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "./bound-query.ts";
import { compileAggregation } from "./compile-aggregation.ts";
import { compileExpression, compileFilter, type Scope } from "./compile-expression.ts";
import { physicalColumn, physicalTable } from "./engine-columns.ts";
import { RestColumns } from "./rest-columns.ts";
import { instantParameter, type EngineValue, type Form } from "./engine-value.ts";
import type { KqlType, NamedExpression, Relation, RowPlace, RowSpan, SortKey } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { TABLES } from "./tables.ts";

export interface CompiledColumn {
  readonly name: string;
  readonly type: KqlType;
  /** How the engine holds it, for `resultValue`. */
  readonly form: Form;
  /** What it is called in the statement, for a statement around it. */
  readonly alias: BoundQuery;
}

export interface CompiledQuery {
  readonly query: BoundQuery;
  readonly columns: readonly CompiledColumn[];
}

/**
 * One SELECT under construction. Its clauses run in the order where → order → limit → select, and all of them speak of `from`'s
 * columns; what does not fit that order starts a new level around it.
 */
interface Level {
  readonly from: () => BoundQuery;
  readonly scope: Scope;
  readonly where: readonly BoundQuery[];
  readonly orderBy: BoundQuery | null;
  readonly limit: number | null;
  readonly groupBy: number | null;
  /** `null`: every column of the relation, as it is. */
  readonly select: ReadonlyMap<string, EngineValue> | null;
}

/** Hands out aliases: no name of a column that a person chose enters the text. */
interface Names {
  next: number;
}

/**
 * Relation → SQL. Expects a tree that `bind-query.ts` has bound and pruned: a scan without bounds is a bug, not an input.
 * @throws Refusal
 */
export function compileRelation(relation: Relation): CompiledQuery {
  const names: Names = { next: 0 };
  const level = compileLevel(relation, names);
  const outputs = selected(level, relation);
  const columns = [...outputs].map(([name, { type, form, sql: value }]) => ({
    name,
    type,
    form,
    alias: sql`${nextName(names)}`,
    value,
  }));
  const query = renderLevel(
    level,
    columns.map(({ value, alias }) => sql`${value} AS ${alias}`),
  );
  return { query, columns: columns.map(({ value: _, ...column }) => column) };
}

const nextName = (names: Names): { readonly name: string } => sqlName(`v${names.next++}`);

function compileLevel(relation: Relation, names: Names): Level {
  switch (relation.kind) {
    case "scan":
      return scanLevel(relation);
    case "filter": {
      const level = openLevel(
        relation.input,
        names,
        (inner) => inner.select === null && inner.limit === null,
      );
      return { ...level, where: [...level.where, compileFilter(relation.predicate, level.scope)] };
    }
    case "sort": {
      const level = openLevel(
        relation.input,
        names,
        (inner) => inner.select === null && inner.limit === null,
      );
      return { ...level, orderBy: compileSortKeys(relation.keys, level.scope) };
    }
    case "take": {
      const level = compileLevel(relation.input, names);
      return { ...level, limit: Math.min(level.limit ?? relation.count, relation.count) };
    }
    case "project":
    case "extend": {
      const level = openLevel(relation.input, names, (inner) => inner.select === null);
      const computed = compileItems(relation.items, level.scope);
      return { ...level, select: projection(relation, level, computed) };
    }
    case "summarize":
      return summarizeLevel(relation, names);
    default:
      return assertNever(relation);
  }
}

function scanLevel(scan: Extract<Relation, { readonly kind: "scan" }>): Level {
  invariant(scan.bounds !== null, "a scan is bound to a tenant and a time range before it is compiled");
  const time = sqlName(TABLES[scan.table].timeColumn);
  const { range, tenant, places } = scan.bounds;
  const rest = new RestColumns();
  return {
    from: () => rest.addedTo(physicalTable(scan.table)),
    scope: { column: (name) => physicalColumn(scan.table, name), rest },
    where: [
      sql`tenant = ${param("String", tenant)}`,
      sql`${time} >= ${instantParameter(range.from)}`,
      sql`${time} < ${instantParameter(range.to)}`,
      ...(places === undefined ? [] : rowSpan(places)),
    ],
    orderBy: null,
    limit: null,
    groupBy: null,
    select: null,
  };
}

/** The bound on the time alone lets the engine leave out what it need not read. */
function rowSpan({ after, upTo }: RowSpan): readonly BoundQuery[] {
  const place = ({ at, origin, ordinal }: RowPlace): BoundQuery =>
    sql`(${instantParameter(at)}, ${param("String", origin)}, ${param("UInt64", ordinal)})`;
  const row = sql`(timestamp, toString(origin), ordinal)`;
  return [
    ...(after === undefined
      ? []
      : [sql`timestamp <= ${instantParameter(after.at)}`, sql`${row} < ${place(after)}`]),
    ...(upTo === undefined
      ? []
      : [sql`timestamp >= ${instantParameter(upTo.at)}`, sql`${row} >= ${place(upTo)}`]),
  ];
}

/** The input's level when the next clause still fits in, else a new one around it. */
function openLevel(input: Relation, names: Names, fits: (level: Level) => boolean): Level {
  const level = compileLevel(input, names);
  return fits(level) ? level : wrapLevel(level, input, names);
}

function wrapLevel(inner: Level, relation: Relation, names: Names): Level {
  const outputs: BoundQuery[] = [];
  const outer = new Map<string, EngineValue>();
  for (const [name, value] of selected(inner, relation)) {
    const alias = nextName(names);
    outputs.push(sql`${value.sql} AS ${alias}`);
    const { path: _, ...rest } = value;
    // Two physical columns make one output: above the scan an event's id is plain text.
    const form = value.form === "event-id" ? "string" : value.form;
    outer.set(name, { ...rest, form, sql: sql`${alias}` });
  }
  const rendered = sql`(${renderLevel(inner, outputs)})`;
  return {
    from: () => rendered,
    scope: { column: (name) => outer.get(name) },
    where: [],
    orderBy: null,
    limit: null,
    groupBy: null,
    select: null,
  };
}

function selected(level: Level, relation: Relation): ReadonlyMap<string, EngineValue> {
  return level.select ?? passedOn(relation.columns, level.scope);
}

function passedOn(columns: readonly { readonly name: string }[], scope: Scope): Map<string, EngineValue> {
  const values = new Map<string, EngineValue>();
  for (const { name } of columns) {
    const value = scope.column(name);
    invariant(value !== undefined, "a relation's column exists in its scope");
    values.set(name, value);
  }
  return values;
}

function renderLevel(level: Level, outputs: readonly BoundQuery[]): BoundQuery {
  // A relation of no columns has rows all the same: `Events | count` reads none.
  const select = outputs.length === 0 ? sql`1` : joinSql(outputs, ", ");
  const clauses = [sql`SELECT ${select} FROM ${level.from()}`];
  if (level.where.length > 0) clauses.push(sql`WHERE ${joinSql(level.where, " AND ")}`);
  if (level.groupBy !== null && level.groupBy > 0) clauses.push(groupByPosition(level.groupBy));
  if (level.orderBy !== null) clauses.push(sql`ORDER BY ${level.orderBy}`);
  if (level.limit !== null) clauses.push(sql`LIMIT ${param("UInt64", level.limit)}`);
  return joinSql(clauses, " ");
}

/** By position: the keys stand first in the select list, so no expression is written twice. */
function groupByPosition(keys: number): BoundQuery {
  const positions = Array.from({ length: keys }, (_, index) => POSITIONS[index] ?? refuseKeys());
  return sql`GROUP BY ${joinSql(positions, ", ")}`;
}

const POSITIONS: readonly BoundQuery[] = [
  ...[sql`1`, sql`2`, sql`3`, sql`4`, sql`5`, sql`6`, sql`7`, sql`8`, sql`9`, sql`10`],
  ...[sql`11`, sql`12`, sql`13`, sql`14`, sql`15`, sql`16`, sql`17`, sql`18`, sql`19`, sql`20`],
];

function refuseKeys(): never {
  return refuse("too-many-keys", `At most ${POSITIONS.length} columns to group by`, { start: 0, end: 0 });
}

function compileItems(items: readonly NamedExpression[], scope: Scope): Map<string, EngineValue> {
  return new Map(items.map((item) => [item.name, compileExpression(item.value, scope)]));
}

/**
 * The select list of a `project` or an `extend`. Every column is written out, so an extended column replaces the old one of
 * its name: `SELECT *, f(x) AS x` would go on reading the old.
 */
function projection(
  relation: Extract<Relation, { readonly kind: "project" | "extend" }>,
  level: Level,
  computed: ReadonlyMap<string, EngineValue>,
): ReadonlyMap<string, EngineValue> {
  const values = new Map<string, EngineValue>();
  for (const { name } of relation.columns) {
    const value = computed.get(name) ?? level.scope.column(name);
    invariant(value !== undefined, "an extended relation keeps its input's columns");
    values.set(name, value);
  }
  return values;
}

function compileSortKeys(keys: readonly SortKey[], scope: Scope): BoundQuery {
  const parts = keys.flatMap((key) => {
    const value = compileExpression(key.value, scope);
    if (value.type === "dynamic") {
      refuse("type-mismatch", "A dynamic value has no order", key.value.span, "use tostring(…) or tolong(…)");
    }
    const direction = key.direction === "asc" ? sql`ASC` : sql`DESC`;
    const nulls = key.nulls === "first" ? sql` NULLS FIRST` : sql` NULLS LAST`;
    // An event's id is (origin, ordinal): sorting by the columns lets the engine read in order.
    const columns = value.form === "event-id" ? [sql`origin`, sql`ordinal`] : [value.sql];
    return columns.map((column) => sql`${column} ${direction}${value.isNullable ? nulls : sql``}`);
  });
  return joinSql(parts, ", ");
}

function summarizeLevel(relation: Extract<Relation, { readonly kind: "summarize" }>, names: Names): Level {
  const level = openLevel(
    relation.input,
    names,
    (inner) => inner.select === null && inner.limit === null && inner.orderBy === null,
  );
  const keys = relation.keys.map(({ name, value }): [string, EngineValue] => {
    const compiled = compileExpression(value, level.scope);
    if (value.type === "dynamic") {
      refuse("type-mismatch", "Rows cannot be grouped by a dynamic value", value.span, "use tostring(…)");
    }
    return [name, compiled];
  });
  const aggregates = relation.aggregations.map((aggregation): [string, EngineValue] => [
    aggregation.name,
    compileAggregation(aggregation, level.scope),
  ]);
  const grouped = { ...level, select: new Map([...keys, ...aggregates]), groupBy: keys.length };
  // Nothing may join a grouped level: HAVING and the like are the next level's WHERE.
  return wrapLevel(grouped, relation, names);
}
