import { assertNever, invariant } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "./bound-query.ts";
import { compileAggregation } from "./compile-aggregation.ts";
import { compileExpression, compileFilter, type Scope } from "./compile-expression.ts";
import { expandLevel } from "./compile-expand.ts";
import { joinLevel, unionLevel } from "./compile-join.ts";
import { seriesLevel } from "./compile-series.ts";
import { rangeLevel, valuesLevel } from "./compile-values.ts";
import { windowLevel } from "./compile-window.ts";
import { maskedValue, physicalColumn, physicalTable } from "./engine-columns.ts";
import {
  isPlain,
  nameSource,
  openLevel,
  renderLevel,
  selected,
  subSelect,
  wrapLevel,
  type Level,
  type Statement,
} from "./levels.ts";
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
 * Relation → SQL. Expects a tree that `bind-query.ts` has bound and `prune-columns.ts` pruned: a scan without bounds is a bug,
 * not an input.
 * @throws Refusal
 */
export function compileRelation(relation: Relation): CompiledQuery {
  const nextName = nameSource();
  const statement: Statement = {
    nextName,
    levelOf: (each) => compileLevel(each, statement),
    innerQuery: (each) => {
      const { query, columns } = subSelect(compileLevel(each, statement), each, statement);
      const [first] = columns.values();
      invariant(first !== undefined, "an inner query has a column");
      return { query, value: first };
    },
  };
  const level = compileLevel(relation, statement);
  const outputs = selected(level, relation);
  const columns = [...outputs].map(([name, { type, form, sql: value }]) => ({
    name,
    type,
    form,
    alias: sql`${nextName()}`,
    value,
  }));
  const query = renderLevel(
    level,
    columns.map(({ value, alias }) => sql`${value} AS ${alias}`),
  );
  return { query, columns: columns.map(({ value: _, ...column }) => column) };
}

function compileLevel(relation: Relation, statement: Statement): Level {
  switch (relation.kind) {
    case "scan":
      return scanLevel(relation, statement);
    case "values":
      return valuesLevel(relation, statement);
    case "range":
      return rangeLevel(relation, statement);
    case "filter": {
      const level = openLevel(
        relation.input,
        statement,
        (inner) => inner.select === null && inner.limit === null,
      );
      return { ...level, where: [...level.where, compileFilter(relation.predicate, level.scope)] };
    }
    case "sort": {
      const level = openLevel(
        relation.input,
        statement,
        (inner) => inner.select === null && inner.limit === null,
      );
      return { ...level, orderBy: compileSortKeys(relation.keys, level.scope) };
    }
    case "take": {
      const level = compileLevel(relation.input, statement);
      return { ...level, limit: Math.min(level.limit ?? relation.count, relation.count) };
    }
    case "sample": {
      const level = openLevel(relation.input, statement, isPlain);
      return { ...level, orderBy: sql`rand()`, limit: relation.count };
    }
    case "project":
    case "extend": {
      const level = openLevel(relation.input, statement, (inner) => inner.select === null);
      const computed = compileItems(relation.items, level.scope);
      return { ...level, select: projection(relation, level, computed) };
    }
    case "summarize":
      return summarizeLevel(relation, statement);
    case "join":
      return joinLevel(relation, statement);
    case "union":
      return unionLevel(relation, statement);
    case "expand":
      return expandLevel(relation, statement);
    case "window":
      return windowLevel(relation, statement, compileSortKeys);
    case "series":
      return seriesLevel(relation, statement);
    default:
      return assertNever(relation);
  }
}

function scanLevel(scan: Extract<Relation, { readonly kind: "scan" }>, statement: Statement): Level {
  invariant(scan.bounds !== null, "a scan is bound to a tenant and a time range before it is compiled");
  const time = sqlName(TABLES[scan.table].timeColumn);
  const { range, tenant, restriction, masked, places } = scan.bounds;
  const isMasking = masked !== undefined && masked.size > 0;
  const rest = new RestColumns();
  const unmasked: Scope = {
    column: (name) => physicalColumn(scan.table, name),
    rest,
    query: statement.innerQuery,
  };
  const scope: Scope = isMasking
    ? // Without `rest`: a step into a value reads what masking left of it, and not the event's other fields again.
      {
        column: (name) => {
          const value = physicalColumn(scan.table, name);
          return value !== undefined && isMasked(masked, scan.table, name) ? maskedValue(value) : value;
        },
        query: statement.innerQuery,
      }
    : unmasked;
  return {
    from: () => rest.addedTo(physicalTable(scan.table)),
    scope,
    where: [
      sql`tenant = ${param("String", tenant)}`,
      sql`${time} >= ${instantParameter(range.from)}`,
      sql`${time} < ${instantParameter(range.to)}`,
      ...(restriction === undefined ? [] : [compileFilter(restriction, unmasked)]),
      ...(places === undefined ? [] : rowSpan(places)),
    ],
    orderBy: null,
    limit: null,
    groupBy: null,
    select: null,
  };
}

/** A mask covers a name, what it is short for, the names below it and the objects that hold it. */
function isMasked(masked: ReadonlySet<string>, table: keyof typeof TABLES, name: string): boolean {
  const full = TABLES[table].columns.get(name)?.aliasOf ?? name;
  return [...masked].some(
    (each) => each === full || full.startsWith(`${each}.`) || each.startsWith(`${full}.`),
  );
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

function summarizeLevel(
  relation: Extract<Relation, { readonly kind: "summarize" }>,
  statement: Statement,
): Level {
  const level = openLevel(relation.input, statement, isPlain);
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
  return wrapLevel(grouped, relation, statement);
}
