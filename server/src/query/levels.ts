import { invariant } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "./bound-query.ts";
import type { Scope } from "./compile-expression.ts";
import type { EngineValue } from "./engine-value.ts";
import type { Relation } from "./ir.ts";
import { refuse } from "./refusal.ts";

/**
 * One SELECT under construction. Its clauses run in the order where → order → limit → select, and all of them speak of `from`'s
 * columns; what does not fit that order starts a new level around it.
 */
export interface Level {
  readonly from: () => BoundQuery;
  readonly scope: Scope;
  readonly where: readonly BoundQuery[];
  readonly orderBy: BoundQuery | null;
  readonly limit: number | null;
  readonly groupBy: number | null;
  /** `null`: every column of the relation, as it is. */
  readonly select: ReadonlyMap<string, EngineValue> | null;
}

/** What compiling one statement shares. */
export interface Statement {
  readonly levelOf: (relation: Relation) => Level;
  /** An alias of ours: no name of a column that a person chose enters the text. */
  readonly nextName: () => { readonly name: string };
  /** For scopes: compiles a query inside of an expression. */
  readonly innerQuery: Scope["query"];
}

/** Aliases are unique in a statement, so that both sides of a join can be named without saying whose. */
export function nameSource(): Statement["nextName"] {
  let next = 0;
  return () => sqlName(`v${next++}`);
}

/** A level over rows that have these columns, with no clause yet. */
export function levelOver(
  from: BoundQuery,
  columns: ReadonlyMap<string, EngineValue>,
  statement: Statement,
): Level {
  return {
    from: () => from,
    scope: { column: (name) => columns.get(name), query: statement.innerQuery },
    where: [],
    orderBy: null,
    limit: null,
    groupBy: null,
    select: null,
  };
}

/** The input's level when the next clause still fits in, else a new one around it. */
export function openLevel(input: Relation, statement: Statement, fits: (level: Level) => boolean): Level {
  const level = statement.levelOf(input);
  return fits(level) ? level : wrapLevel(level, input, statement);
}

/** Nothing but filters so far: any clause fits in. */
export function isPlain(level: Level): boolean {
  return level.select === null && level.limit === null && level.orderBy === null;
}

export function wrapLevel(inner: Level, relation: Relation, statement: Statement): Level {
  const { query, columns } = subSelect(inner, relation, statement);
  return levelOver(sql`(${query})`, columns, statement);
}

/** A level as a whole SELECT, its columns under aliases, and more values beside them. */
export function subSelect(
  inner: Level,
  relation: Relation,
  statement: Statement,
  more: readonly BoundQuery[] = [],
): {
  readonly query: BoundQuery;
  readonly columns: Map<string, EngineValue>;
  readonly more: readonly BoundQuery[];
} {
  const outputs: BoundQuery[] = [];
  const columns = new Map<string, EngineValue>();
  for (const [name, value] of selected(inner, relation)) {
    const alias = statement.nextName();
    outputs.push(sql`${value.sql} AS ${alias}`);
    columns.set(name, outputValue(value, sql`${alias}`));
  }
  const aliases = more.map((value) => {
    const alias = statement.nextName();
    outputs.push(sql`${value} AS ${alias}`);
    return sql`${alias}`;
  });
  return { query: renderLevel(inner, outputs), columns, more: aliases };
}

/** A value as it is above the SELECT that makes it: two physical columns make one output, an event's id is plain text. */
export function outputValue(value: EngineValue, alias: BoundQuery): EngineValue {
  const { path: _, ...rest } = value;
  return { ...rest, form: value.form === "event-id" ? "string" : value.form, sql: alias };
}

export function selected(level: Level, relation: Relation): ReadonlyMap<string, EngineValue> {
  return level.select ?? passedOn(relation.columns, level.scope);
}

export function passedOn(
  columns: readonly { readonly name: string }[],
  scope: Scope,
): Map<string, EngineValue> {
  const values = new Map<string, EngineValue>();
  for (const { name } of columns) {
    const value = scope.column(name);
    invariant(value !== undefined, "a relation's column exists in its scope");
    values.set(name, value);
  }
  return values;
}

export function renderLevel(
  level: Level,
  outputs: readonly BoundQuery[],
  onePer: BoundQuery | null = null,
): BoundQuery {
  // A relation of no columns has rows all the same: `Events | count` reads none.
  const select = outputs.length === 0 ? sql`1` : joinSql(outputs, ", ");
  const clauses = [sql`SELECT ${select} FROM ${level.from()}`];
  if (level.where.length > 0) clauses.push(sql`WHERE ${joinSql(level.where, " AND ")}`);
  if (level.groupBy !== null && level.groupBy > 0) clauses.push(groupByPosition(level.groupBy));
  if (level.orderBy !== null) clauses.push(sql`ORDER BY ${level.orderBy}`);
  if (onePer !== null) clauses.push(sql`LIMIT 1 BY ${onePer}`);
  if (level.limit !== null) clauses.push(sql`LIMIT ${param("UInt64", level.limit)}`);
  return joinSql(clauses, " ");
}

const MAX_KEYS = 64;

/** By position: the keys stand first in the select list, so no expression is written twice. */
function groupByPosition(keys: number): BoundQuery {
  if (keys > MAX_KEYS)
    refuse("too-many-keys", `At most ${MAX_KEYS} columns to group by`, { start: 0, end: 0 });
  const positions = Array.from({ length: keys }, (_, index) => sql`${{ name: String(index + 1) }}`);
  return sql`GROUP BY ${joinSql(positions, ", ")}`;
}
