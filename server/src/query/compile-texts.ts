import { assertNever, FIELDS, type FieldDefinition } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "./bound-query.ts";
import type { EngineValue } from "./engine-value.ts";
import { folded } from "./fold-sql.ts";
import { escapeRegex } from "./text-match.ts";
import { isOversized, recordTexts } from "./record-texts.ts";
import type { TextsSource } from "./texts.ts";
import { typedColumn } from "./typed-column.ts";

/**
 * Rows of `events` → the texts that rules compare. What a typed column holds is exact unless the field also stands in `rest`,
 * which then wins (`storage/events/event-row.ts`).
 */
export function compileTexts(source: TextsSource): EngineValue {
  switch (source.kind) {
    case "field": {
      const looks = source.names.map((name) => lookUp(name, false));
      const [only] = looks;
      const texts =
        looks.length === 1 && only !== undefined
          ? only.texts
          : sql`multiIf(${joinSql(
              looks.map(({ presence, texts: each }) => sql`${presence} = 2, ${each}`),
              ", ",
            )}, ${NO_TEXTS})`;
      return textsValue(texts, source.isFolded);
    }
    case "presence": {
      const states = source.names.map((name) => lookUp(name, source.isExact).presence);
      const most = states.length === 1 ? joinSql(states, ", ") : sql`greatest(${joinSql(states, ", ")})`;
      return { sql: sql`toInt64(${most})`, type: "long", form: "long", isNullable: false };
    }
    case "fact":
      return textsValue(factTexts(source), false);
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

interface LookUp {
  readonly presence: BoundQuery;
  readonly texts: BoundQuery;
}

/** JSON of a key in `rest`; empty when it is not there. The engine writes it anew: without blanks, with its own escapes. */
function restValue(name: string): BoundQuery {
  return sql`JSONExtractRaw(rest, ${param("String", name)})`;
}

function lookUp(name: string, isExact: boolean): LookUp {
  if (name.endsWith(".*")) return gathered(name.slice(0, -1));
  const exact = restValue(name);
  const column = typedColumn(name);
  const path = isExact ? undefined : pathValues(name);
  const ofColumn = column === undefined ? [] : [column];
  const presence = [
    sql`${exact} = 'null', 1`,
    sql`${exact} != '', 2`,
    ...ofColumn.map((each) => sql`${each.isSet}, 2`),
    ...(path === undefined ? [] : [sql`empty(${path}), 0`, sql`${path} = ['null'], 1`]),
  ];
  const otherwise = path === undefined ? sql`0` : sql`2`;
  const texts = [
    sql`${exact} != '', ${textsOfJson(exact)}`,
    ...ofColumn.map((each) => sql`${each.isSet}, ${each.texts}`),
  ];
  const fromPath =
    path === undefined ? NO_TEXTS : sql`arrayFlatten(arrayMap(y -> ${textsOfJson(sql`y`)}, ${path}))`;
  return {
    presence: sql`multiIf(${joinSql(presence, ", ")}, ${otherwise})`,
    texts: sql`multiIf(${joinSql(texts, ", ")}, ${fromPath})`,
  };
}

/** Texts of a JSON value: of a list all elements, three lists deep; nothing for null and for no value. */
export function textsOfJson(json: BoundQuery): BoundQuery {
  return sql`arrayMap(v -> if(startsWith(v, '"'), JSONExtractString(v), v), arrayFilter(w -> w != 'null' AND w != '' AND NOT startsWith(w, '['), ${elementsOf(json)}))`;
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

/** The value itself, or a list's elements. Lists in the third list stay: whoever asks leaves them out. */
function elementsOf(json: BoundQuery): BoundQuery {
  const expand = (list: BoundQuery): BoundQuery =>
    sql`arrayFlatten(arrayMap(z -> if(startsWith(z, '['), JSONExtractArrayRaw(z), [z]), ${list}))`;
  return sql`if(startsWith(${json}, '['), ${expand(expand(sql`JSONExtractArrayRaw(${json})`))}, [${json}])`;
}

/**
 * What a dotted name leads to through nested values: JSON of each value found; `['null']` = a null that stands in no list.
 * `undefined` for a name without a dot.
 */
function pathValues(name: string): BoundQuery | undefined {
  const ways: BoundQuery[] = [];
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const parent = name.slice(0, dot);
    const json = restValue(parent);
    ways.push(sql`match(${json}, '^[{[]'), ${descend(json, name.slice(dot + 1), 0)}`);
    const column = typedColumn(parent);
    // A list of scalars ends the search like any other value that has no such property.
    if (column?.isList === true) ways.push(sql`${column.isSet}, ${NO_TEXTS}`);
  }
  return ways.length === 0 ? undefined : sql`multiIf(${joinSql(ways, ", ")}, ${NO_TEXTS})`;
}

/** Values below a JSON object, or below the objects of a list. A null in a list is a value like others: an empty list stands for it. */
function descend(json: BoundQuery, path: string, depth: number): BoundQuery {
  const object = sql`${sqlName(`o${depth}`)}`;
  const found = sql`${sqlName(`f${depth}`)}`;
  const exact = sql`JSONExtractRaw(${object}, ${param("String", path)})`;
  const ways = [sql`if(${exact} = '', ${NO_TEXTS}, [${exact}])`];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = sql`JSONExtractRaw(${object}, ${param("String", path.slice(0, dot))})`;
    ways.push(descend(head, path.slice(dot + 1), depth + 1));
  }
  const first =
    ways.length === 1 ? joinSql(ways, ", ") : sql`arrayFirst(g -> notEmpty(g), [${joinSql(ways, ", ")}])`;
  const objects = sql`arrayFilter(${object} -> startsWith(${object}, '{'), ${elementsOf(json)})`;
  const all = sql`arrayFlatten(arrayMap(${object} -> ${first}, ${objects}))`;
  return sql`arrayMap(${found} -> if(${found} = 'null' AND startsWith(${json}, '['), '[]', ${found}), ${all})`;
}

/** Keys of `rest` that begin so, in their order. Typed columns do not stand among them: `gatheredDoubt` says so. */
function keysBelow(start: string): BoundQuery {
  return sql`arrayFilter(k -> startsWith(k, ${param("String", start)}), JSONExtractKeys(rest))`;
}

function gathered(start: string): LookUp {
  const isBelow = sql`startsWith(k.1, ${param("String", start)})`;
  const members = sql`arrayFilter(k -> ${isBelow}, JSONExtractKeysAndValuesRaw(rest))`;
  const key = sql`substring(k.1, ${param("UInt64", Buffer.byteLength(start) + 1)})`;
  const json = sql`concat('{', arrayStringConcat(arrayMap(k -> concat('"', ${key}, '":', k.2), ${members}), ','), '}')`;
  const isAny = sql`notEmpty(${keysBelow(start)})`;
  return { presence: sql`if(${isAny}, 2, 0)`, texts: sql`if(${isAny}, [${json}], ${NO_TEXTS})` };
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
function factTexts({ names, isList, isFolded }: Extract<TextsSource, { readonly kind: "fact" }>): BoundQuery {
  const facts = names.map((name) => {
    const json = restValue(name);
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
