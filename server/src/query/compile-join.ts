import { joinSql, sql, type BoundQuery } from "./bound-query.ts";
import { compileExpression, type Scope } from "./compile-expression.ts";
import { asJson, asNumber, asText, formOfType, type EngineValue, type Form } from "./engine-value.ts";
import type { JoinKind, JoinOutput, Relation } from "./ir.ts";
import {
  isPlain,
  levelOver,
  openLevel,
  outputValue,
  renderLevel,
  passedOn,
  selected,
  subSelect,
  type Level,
  type Statement,
} from "./levels.ts";

type Join = Extract<Relation, { readonly kind: "join" }>;

const CLAUSE: Readonly<Record<JoinKind, BoundQuery>> = {
  innerunique: sql`INNER JOIN`,
  inner: sql`INNER JOIN`,
  leftouter: sql`LEFT JOIN`,
  rightouter: sql`RIGHT JOIN`,
  fullouter: sql`FULL JOIN`,
  leftsemi: sql`LEFT SEMI JOIN`,
  rightsemi: sql`RIGHT SEMI JOIN`,
  leftanti: sql`LEFT ANTI JOIN`,
  rightanti: sql`RIGHT ANTI JOIN`,
};

/** Sides whose rows may be missing in a row of the result. */
const OPTIONAL: Readonly<Record<JoinKind, readonly JoinOutput["side"][]>> = {
  innerunique: [],
  inner: [],
  leftouter: ["right"],
  rightouter: ["left"],
  fullouter: ["left", "right"],
  leftsemi: [],
  rightsemi: [],
  leftanti: [],
  rightanti: [],
};

/** Both sides are statements of their own, with the keys as columns; the engine's limits for joins hold the right one. */
export function joinLevel(join: Join, statement: Statement): Level {
  const levels = {
    left: openLevel(
      join.left,
      statement,
      join.join === "innerunique" ? isPlain : (each) => each.select === null,
    ),
    right: openLevel(join.right, statement, (each) => each.select === null),
  };
  const keys = join.on.map((pair) => joinable(pair, levels.left.scope, levels.right.scope));
  const left = sideSelect(
    levels.left,
    join.left,
    keys.map(([key]) => key),
    {
      statement,
      isOptional: OPTIONAL[join.join].includes("left"),
      isUnique: join.join === "innerunique",
    },
  );
  const right = sideSelect(
    levels.right,
    join.right,
    keys.map(([, key]) => key),
    {
      statement,
      isOptional: OPTIONAL[join.join].includes("right"),
      isUnique: false,
    },
  );
  const conditions = left.keys.map((key, index) => sql`${key} = ${right.keys[index] ?? key}`);
  // The engine wants a name for each side, though nothing uses it.
  const names = [sql`${statement.nextName()}`, sql`${statement.nextName()}`] as const;
  const from = sql`(${left.query}) AS ${names[0]} ${CLAUSE[join.join]} (${right.query}) AS ${names[1]} ON ${joinSql(conditions, " AND ")}`;
  const sides = { left: left.columns, right: right.columns };
  const columns = join.columns.flatMap(({ name, side, from: source }): [string, EngineValue][] => {
    const value = sides[side].get(source);
    return value === undefined ? [] : [[name, value]];
  });
  return levelOver(from, new Map(columns), statement);
}

const COMPARABLE: readonly Form[] = ["long", "real", "bool", "datetime", "timespan"];

/** The two sides of `$left.a == $right.b` in one engine type. */
function joinable(pair: Join["on"][number], left: Scope, right: Scope): readonly [BoundQuery, BoundQuery] {
  const a = compileExpression(pair.left, left);
  const b = compileExpression(pair.right, right);
  if (a.form === b.form && COMPARABLE.includes(a.form)) return [a.sql, b.sql];
  const numbers: readonly Form[] = ["long", "real"];
  if (numbers.includes(a.form) && numbers.includes(b.form)) return [asNumber(a, "real"), asNumber(b, "real")];
  // A missing address is the empty text, and that equals itself; NULL would not.
  const address = (value: EngineValue): BoundQuery => sql`ifNull(${value.sql}, toIPv6('::'))`;
  if (a.form === "ip" && b.form === "ip") return [address(a), address(b)];
  return [asText(a), asText(b)];
}

function sideSelect(
  level: Level,
  relation: Relation,
  keys: readonly BoundQuery[],
  options: { readonly statement: Statement; readonly isOptional: boolean; readonly isUnique: boolean },
): {
  readonly query: BoundQuery;
  readonly columns: ReadonlyMap<string, EngineValue>;
  readonly keys: readonly BoundQuery[];
} {
  const { statement, isOptional, isUnique } = options;
  const values = passedOn(relation.columns, level.scope);
  const select = isOptional
    ? new Map([...values].map(([name, value]): [string, EngineValue] => [name, orMissing(value)]))
    : values;
  if (!isUnique) {
    const { query, columns, more } = subSelect({ ...level, select }, relation, statement, keys);
    return { query, columns, keys: more };
  }
  const inner = subSelect({ ...level, select }, relation, statement, keys);
  // Kusto's default kind keeps one row of the left side for each key, whichever comes first.
  const outputs = [...[...inner.columns.values()].map((value) => value.sql), ...inner.more];
  const around = levelOver(sql`(${inner.query})`, inner.columns, statement);
  return {
    query: renderLevel(around, outputs, joinSql(inner.more, ", ")),
    columns: inner.columns,
    keys: inner.more,
  };
}

/** What a row without a partner has is NULL, or empty where the engine has no NULL. */
function orMissing(value: EngineValue): EngineValue {
  const isEmptyable = ["string", "event-id", "strings", "ips", "numbers", "reals", "json"].includes(
    value.form,
  );
  return isEmptyable ? value : { ...value, sql: sql`toNullable(${value.sql})`, isNullable: true };
}

/** Columns keep their form where all inputs agree; else they take that of their type. */
export function unionLevel(
  union: Extract<Relation, { readonly kind: "union" }>,
  statement: Statement,
): Level {
  const inputs = union.inputs.map((relation) => {
    const level = openLevel(relation, statement, (each) => each.orderBy === null && each.limit === null);
    return { level, values: selected(level, relation) };
  });
  const columns = union.columns.map((column): [string, EngineValue, BoundQuery[]] => {
    const values = inputs
      .map(({ values: each }) => each.get(column.name))
      .filter((each) => each !== undefined);
    const form = commonForm(values, formOfType(column.type));
    const alias = sql`${statement.nextName()}`;
    const [first] = values;
    const isNullable = values.some((value) => value.isNullable);
    const value = outputValue(
      { sql: alias, type: column.type, form, isNullable: first === undefined || isNullable },
      alias,
    );
    return [column.name, value, values.map((each) => sql`${inForm(each, form)} AS ${alias}`)];
  });
  const selects = inputs.map(({ level }, index) =>
    renderLevel(
      level,
      columns.flatMap(([, , outputs]) => outputs.slice(index, index + 1)),
    ),
  );
  const from = sql`(${joinSql(selects, " UNION ALL ")})`;
  return levelOver(from, new Map(columns.map(([name, value]) => [name, value])), statement);
}

function commonForm(values: readonly EngineValue[], usual: Form): Form {
  const [first] = values;
  const isShared = first !== undefined && values.every(({ form }) => form === first.form);
  return isShared && first.form !== "event-id" ? first.form : usual;
}

function inForm(value: EngineValue, form: Form): BoundQuery {
  if (value.form === form) return value.sql;
  switch (form) {
    case "string":
      return asText(value);
    case "json":
      return asJson(value);
    case "long":
      return asNumber(value, "long");
    case "real":
      return asNumber(value, "real");
    default:
      return value.sql;
  }
}
