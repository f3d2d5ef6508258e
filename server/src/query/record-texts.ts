import { FIELDS, OWN_FIELD_PREFIX } from "@tyto/domain";
import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { typedColumn } from "./typed-column.ts";

/** A JSON text's tokens that are or contain values: names of members end with a colon. */
const TOKEN = '"(?:[^"\\\\]|\\\\.)*":?|-?[0-9][-+.0-9eE]*|true|false';
const BRACKET = '"(?:[^"\\\\]|\\\\.)*"|[\\[{]|[\\]}]';
/** As `match/subject.ts` looks at keywords; a row beyond any of these is settled there. */
const MAX_VALUES = 2_000;
const MAX_BYTES = 262_144;
/** The row's own object, and the sixteen below a field. */
const MAX_DEPTH = 17;

/** Every value of the event, and its raw line unless that is JSON. Empty texts are left out. */
export function recordTexts(): BoundQuery {
  const columns = [...FIELDS.keys()]
    .filter((name) => !name.startsWith(OWN_FIELD_PREFIX))
    .flatMap((name) => typedColumn(name) ?? []);
  const keys = sql`JSONExtractKeys(rest)`;
  const typed = columns.map((column) => {
    const isElsewhere = column.isRespelled
      ? sql` AND NOT has(${keys}, ${param("String", column.name)})`
      : sql``;
    return sql`if(${column.isSet}${isElsewhere}, ${column.texts}, emptyArrayString())`;
  });
  const raw = sql`if(match(raw, '^[{[]'), emptyArrayString(), [raw])`;
  const values = sql`arrayFilter(k -> NOT startsWith(k.1, ${param("String", OWN_FIELD_PREFIX)}), JSONExtractKeysAndValuesRaw(rest))`;
  const tokens = sql`arrayFilter(t -> NOT endsWith(t, '":'), arrayFlatten(arrayMap(k -> extractAll(k.2, ${param("String", TOKEN)}), ${values})))`;
  const nested = sql`arrayMap(v -> if(startsWith(v, '"'), JSONExtractString(v), v), ${tokens})`;
  return sql`arrayFilter(x -> x != '', arrayConcat(${joinSql([raw, ...typed, nested], ", ")}))`;
}

/** Whether the row is one of which rules see only a part, or whose raw line is not the text that the table holds. */
export function isOversized(texts: BoundQuery): BoundQuery {
  const depth = sql`arrayMax(arrayCumSum(arrayMap(t -> multiIf(t IN ('{', '['), 1, t IN ('}', ']'), -1, 0), extractAll(rest, ${param("String", BRACKET)}))))`;
  const brackets = sql`countSubstrings(rest, '{') + countSubstrings(rest, '[')`;
  return sql`(raw_encoding = 'base64' OR startsWith(raw, '\\xEF\\xBB\\xBF') OR length(${texts}) > ${param("UInt64", MAX_VALUES)} OR arraySum(x -> length(x), ${texts}) > ${param("UInt64", MAX_BYTES)} OR if(${brackets} > ${param("UInt64", MAX_DEPTH)}, ${depth} > ${param("Int64", MAX_DEPTH)}, false))`;
}
