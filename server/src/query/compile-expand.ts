import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { compileExpression } from "./compile-expression.ts";
import { elementsOf } from "./dynamic-values.ts";
import {
  asBool,
  asDatetime,
  asNumber,
  asText,
  engineValue,
  isList,
  type EngineValue,
} from "./engine-value.ts";
import type { KqlType, Relation } from "./ir.ts";
import { levelOver, openLevel, passedOn, subSelect, type Level, type Statement } from "./levels.ts";

type Expand = Extract<Relation, { readonly kind: "expand" }>;

/** `mv-expand`: each list as an array of JSON texts, side by side, the shorter ones filled with nulls. */
export function expandLevel(expand: Expand, statement: Statement): Level {
  const level = openLevel(expand.input, statement, (each) => each.select === null);
  const own = new Set([...expand.items.map(({ name }) => name), expand.index]);
  const kept = expand.columns.filter(({ name }) => !own.has(name));
  const select = passedOn(kept, level.scope);
  const lists = expand.items.map(({ value }) =>
    expandable(compileExpression(value, level.scope), expand.objectsAs),
  );
  const inner = subSelect({ ...level, select }, expand.input, statement, lists);
  const lengths = inner.more.map((list) => sql`length(${list})`);
  const longest = [...lengths, sql`${expand.keepsEmpty ? sql`1` : sql`0`}`];
  const size = sql`least(greatest(${joinSql(longest, ", ")}), ${param("UInt64", expand.limit)})`;
  const elements = inner.more.map(() => sql`${statement.nextName()}`);
  const joined = inner.more.map(
    (list, index) => sql`arrayResize(${list}, ${size}) AS ${elements[index] ?? list}`,
  );
  const columns = new Map<string, EngineValue>(inner.columns);
  expand.items.forEach(({ name, type }, index) => {
    const element = elements[index];
    if (element !== undefined) columns.set(name, brought(engineValue("dynamic", element, false), type));
  });
  if (expand.index !== null) {
    const place = sql`${statement.nextName()}`;
    joined.push(sql`arrayMap(i -> toInt64(i), range(${size})) AS ${place}`);
    columns.set(expand.index, engineValue("long", place, false));
  }
  return levelOver(sql`(${inner.query}) ARRAY JOIN ${joinSql(joined, ", ")}`, columns, statement);
}

/** JSON of the elements: of an object, each of its properties; of a single value, itself. */
function expandable(value: EngineValue, objectsAs: Expand["objectsAs"]): BoundQuery {
  if (isList(value.form)) return elementsOf(value);
  const json = value.sql;
  const property =
    objectsAs === "bag"
      ? sql`concat('{', toJSONString(p.1), ':', p.2, '}')`
      : sql`concat('[', toJSONString(p.1), ',', p.2, ']')`;
  const properties = sql`arrayMap(p -> ${property}, JSONExtractKeysAndValuesRaw(${json}))`;
  return sql`multiIf(startsWith(${json}, '['), JSONExtractArrayRaw(${json}), startsWith(${json}, '{'), ${properties}, ${json} IN ('', 'null'), [], [${json}])`;
}

/** An element in the type that `to typeof(…)` names. */
export function brought(value: EngineValue, type: KqlType): EngineValue {
  switch (type) {
    case "dynamic":
      return value;
    case "string":
      return engineValue(type, asText(value));
    case "int":
    case "long":
    case "timespan":
      return engineValue(type, asNumber(value, "long"));
    case "real":
      return engineValue(type, asNumber(value, "real"));
    case "bool":
      return engineValue(type, asBool(value));
    case "datetime":
      return engineValue(type, asDatetime(value));
  }
}
