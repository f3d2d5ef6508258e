import { assertNever, FIELDS, type FieldDefinition } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "./bound-query.ts";
import type { EngineValue } from "./engine-value.ts";
import { folded } from "./fold-sql.ts";
import { escapeRegex } from "./text-match.ts";
import { elementsOfJson, objectsOfJson, type RestColumns } from "./rest-columns.ts";
import { isOversized, recordTexts } from "./record-texts.ts";
import type { TextsSource } from "./texts.ts";
import { typedColumn } from "./typed-column.ts";

/**
 * Rows of `events` → the texts that rules compare. What a typed column holds is exact unless the field also stands in `rest`,
 * which then wins (`storage/events/event-row.ts`).
 */
export function compileTexts(source: TextsSource, rest: RestColumns): EngineValue {
  switch (source.kind) {
    case "field": {
      const found = rest.column(`field ${JSON.stringify(source.names)}`, 5, () =>
        firstFound(source.names, rest),
      );
      return textsValue(textsFound(found), source.isFolded);
    }
    case "presence": {
      const states = source.names.map((name) => presenceOf(name, source.isExact, rest));
      const most = states.length === 1 ? joinSql(states, ", ") : sql`greatest(${joinSql(states, ", ")})`;
      return { sql: sql`toInt64(${most})`, type: "long", form: "long", isNullable: false };
    }
    case "fact":
      return textsValue(factTexts(source, rest), false);
    case "pack":
      return textsValue(sql`[lowerUTF8(toString(pack))]`, false);
    case "record":
      return textsValue(recordTexts(), source.isFolded);
    case "doubt": {
      const doubt =
        source.of === "record" ? sql`(${isRespelled()} OR ${isOversized(recordTexts())})` : isRespelled();
      return { sql: sql`toInt64(${doubt})`, type: "long", form: "long", isNullable: false };
    }
    case "gathered-doubt":
      return {
        sql: sql`toInt64(${gatheredDoubt(source.start)})`,
        type: "long",
        form: "long",
        isNullable: false,
      };
    default:
      return assertNever(source);
  }
}

const NO_TEXTS = sql`emptyArrayString()`;

function textsValue(texts: BoundQuery, isFolded: boolean): EngineValue {
  const query = isFolded ? sql`arrayMap(x -> ${folded(sql`x`)}, ${texts})` : texts;
  return { sql: query, type: "dynamic", form: "strings", isNullable: false };
}

function presenceOf(name: string, isExact: boolean, rest: RestColumns): BoundQuery {
  if (name.endsWith(".*")) return sql`if(notEmpty(${keysBelow(name.slice(0, -1))}), 2, 0)`;
  const exact = rest.json(name);
  const column = typedColumn(name);
  const path = isExact ? undefined : pathValues(name, rest);
  const ways = [
    sql`${exact} = 'null', 1`,
    sql`${exact} != '', 2`,
    ...(column === undefined ? [] : [sql`${column.isSet}, 2`]),
    ...(path === undefined ? [] : [sql`empty(${path}), 0`, sql`${path} = ['null'], 1`]),
  ];
  return sql`multiIf(${joinSql(ways, ", ")}, ${path === undefined ? sql`0` : sql`2`})`;
}

/** JSON of the values under the first name that has one. What a typed column holds is a text, with a sign before it that begins no JSON. */
function firstFound(names: readonly string[], rest: RestColumns): BoundQuery {
  const ways = names.flatMap((name) => {
    if (name.endsWith(".*")) return gathered(name.slice(0, -1));
    const exact = rest.json(name);
    const column = typedColumn(name);
    const path = pathValues(name, rest);
    return [
      sql`${exact} NOT IN ('', 'null'), [${exact}]`,
      ...(column === undefined
        ? []
        : [sql`${exact} = '' AND ${column.isSet}, arrayMap(c -> concat('=', c), ${column.texts})`]),
      ...(path === undefined ? [] : [sql`${exact} = '' AND ${path} NOT IN ([], ['null']), ${path}`]),
    ];
  });
  return sql`multiIf(${joinSql(ways, ", ")}, ${NO_TEXTS})`;
}

/** Texts of JSON values: of a list all elements, three lists deep; nothing for null. */
function textsFound(values: BoundQuery): BoundQuery {
  const elements = sql`arrayFlatten(arrayMap(y -> ${elementsOfJson(sql`y`)}, ${values}))`;
  const kept = sql`arrayFilter(w -> w NOT IN ('null', '') AND NOT startsWith(w, '['), ${elements})`;
  return sql`arrayMap(v -> multiIf(startsWith(v, '"'), JSONExtractString(v), startsWith(v, '='), substring(v, 2), v), ${kept})`;
}

/**
 * What the engine, writing a value anew, spells otherwise than JavaScript: numbers from 1e21 on, line separators, and
 * control characters with a letter in their code.
 */
const RESPELLED =
  "[:,\\[]-?[0-9][.0-9]*e\\+(?:2[1-9]|[3-9][0-9]|[0-9]{3})|[\\x{2028}\\x{2029}]|\\\\u00[01][a-f]";

function isRespelled(): BoundQuery {
  return sql`match(rest, ${param("String", RESPELLED)})`;
}

/**
 * What a dotted name leads to through nested values: JSON of each value found; `['null']` = a null that stands in no list.
 * `undefined` for a name without a dot.
 */
function pathValues(name: string, rest: RestColumns): BoundQuery | undefined {
  if (!name.slice(1).includes(".")) return undefined;
  return rest.column(`path ${name}`, 4, () => {
    const ways: BoundQuery[] = [];
    for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
      const parent = name.slice(0, dot);
      const json = rest.json(parent);
      const found = descend(json, rest.objects(parent), name.slice(dot + 1), 0);
      ways.push(sql`match(${json}, '^[{[]'), ${found}`);
      const column = typedColumn(parent);
      // A list of scalars ends the search like any other value that has no such property.
      if (column?.isList === true) ways.push(sql`${column.isSet}, ${NO_TEXTS}`);
    }
    return sql`multiIf(${joinSql(ways, ", ")}, ${NO_TEXTS})`;
  });
}

/** Values below a JSON object, or below the objects of a list. A null in a list is a value like others: an empty list stands for it. */
function descend(json: BoundQuery, objects: BoundQuery, path: string, depth: number): BoundQuery {
  const object = sql`${sqlName(`o${depth}`)}`;
  const found = sql`${sqlName(`f${depth}`)}`;
  const exact = sql`JSONExtractRaw(${object}, ${param("String", path)})`;
  const ways = [sql`if(${exact} = '', ${NO_TEXTS}, [${exact}])`];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = sql`JSONExtractRaw(${object}, ${param("String", path.slice(0, dot))})`;
    ways.push(descend(head, objectsOfJson(head), path.slice(dot + 1), depth + 1));
  }
  const first =
    ways.length === 1 ? joinSql(ways, ", ") : sql`arrayFirst(g -> notEmpty(g), [${joinSql(ways, ", ")}])`;
  const all = sql`arrayFlatten(arrayMap(${object} -> ${first}, ${objects}))`;
  return sql`arrayMap(${found} -> if(${found} = 'null' AND startsWith(${json}, '['), '[]', ${found}), ${all})`;
}

/** Keys of `rest` that begin so, in their order. Typed columns do not stand among them: `gatheredDoubt` says so. */
function keysBelow(start: string): BoundQuery {
  return sql`arrayFilter(k -> startsWith(k, ${param("String", start)}), JSONExtractKeys(rest))`;
}

function gathered(start: string): readonly BoundQuery[] {
  const isBelow = sql`startsWith(k.1, ${param("String", start)})`;
  const members = sql`arrayFilter(k -> ${isBelow}, JSONExtractKeysAndValuesRaw(rest))`;
  const key = sql`substring(k.1, ${param("UInt64", Buffer.byteLength(start) + 1)})`;
  const json = sql`concat('{', arrayStringConcat(arrayMap(k -> concat('"', ${key}, '":', k.2), ${members}), ','), '}')`;
  return [sql`notEmpty(${keysBelow(start)}), [${json}]`];
}

/** Numbers as keys stand first in JavaScript's objects; what must be escaped in a key is left to the matcher. */
function gatheredDoubt(start: string): BoundQuery {
  const odd = sql`arrayExists(k -> match(k, ${param("String", `["\\\\\\x00-\\x1f\\x7f]|^${escapeRegex(start)}[0-9]+$`)}), ${keysBelow(start)})`;
  const columns = [...FIELDS.keys()]
    .filter((name) => name.startsWith(start))
    .flatMap((name) => typedColumn(name)?.isSet ?? []);
  return sql`(${joinSql([odd, ...columns], " OR ")})`;
}

/** `fact`: the first of these keys that is not null, as lower-case text; lists and truth values have none. */
function factTexts(
  { names, isList, isFolded }: Extract<TextsSource, { readonly kind: "fact" }>,
  rest: RestColumns,
): BoundQuery {
  const facts = names.map((name) => {
    const json = rest.json(name);
    const column = typedColumn(name);
    return { json, column };
  });
  const ways = facts.flatMap(({ json, column }) => [
    sql`${json} NOT IN ('', 'null'), ${factOfJson(json, isList, isFolded)}`,
    ...(column === undefined
      ? []
      : [
          sql`${json} = '' AND ${column.isSet}, ${
            isList || !column.isList ? lowerAll(column.texts, column.field, isFolded) : sql`['']`
          }`,
        ]),
  ]);
  const none = isList ? NO_TEXTS : sql`['']`;
  return sql`multiIf(${joinSql(ways, ", ")}, ${none})`;
}

function lowerAll(texts: BoundQuery, field: FieldDefinition, isFolded: boolean): BoundQuery {
  return field.type === "boolean"
    ? sql`arrayMap(t -> '', ${texts})`
    : isFolded
      ? sql`arrayMap(t -> lowerUTF8(t), ${texts})`
      : texts;
}

function factOfJson(json: BoundQuery, isList: boolean, isFolded: boolean): BoundQuery {
  const elements = isList
    ? sql`if(startsWith(${json}, '['), JSONExtractArrayRaw(${json}), [${json}])`
    : sql`[${json}]`;
  const text = isFolded ? sql`lowerUTF8(JSONExtractString(v))` : sql`JSONExtractString(v)`;
  return sql`arrayMap(v -> multiIf(startsWith(v, '"'), ${text}, match(v, '^[-0-9]'), lower(v), ''), ${elements})`;
}
