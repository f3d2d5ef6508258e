import {
  compileMatchTexts,
  decimal,
  joinSql,
  param,
  sql,
  sqlName,
  type BoundQuery,
  type ScanBounds,
} from "../../../query/index.ts";
import type { LinkedCorrelation, Outer } from "../../correlation/linked-correlation.ts";
import type { LoweredReading } from "../lower-reading.ts";
import { combinations, groupName, groupValues } from "./group-values.ts";

/**
 * Rows of hits: `key` (the group's values), `at`, `id`, `occ`, `val` (what is measured), `carried`, `ev` (the events behind the
 * hit: at, id, occurrences), `member`, and `origin`, which orders what several inner groups say of one event.
 */
export type HitRows = BoundQuery;

/** A hit that the matcher read, in the place of the engine. */
export interface ReadHit {
  readonly correlation: string;
  readonly member: number;
  readonly at: number;
  readonly id: string;
  readonly occurrences: number;
  readonly keys: readonly (readonly string[])[];
  readonly values: readonly (readonly string[])[];
  readonly numbers: readonly number[];
  readonly carried: readonly (readonly string[])[];
}

function isNumeric({ rule: { type } }: LinkedCorrelation): boolean {
  return type.startsWith("value_") && type !== "value_count";
}

/** Of a list in one event: `measured-values.ts`. */
const MAX_NUMBERS = sql`16`;

/** Hits of rules over events, as the store has them. */
export function eventHits(
  reading: LoweredReading,
  correlation: LinkedCorrelation,
  bounds: ScanBounds,
): HitRows {
  const { occurrences, groupBy, measured, carried, rules } = reading;
  const texts = [occurrences, ...groupBy, ...measured, ...carried];
  const wanted = [...texts, ...rules.map(({ predicate }) => predicate)];
  const { query, columns: found } = compileMatchTexts(reading.test, wanted, bounds);
  const columns = found.map(({ alias }) => alias);
  const [id, at, counted] = columns;
  const take = (start: number, { length }: { readonly length: number }): readonly BoundQuery[] =>
    columns.slice(start, start + length);
  const [first, second, third] = [3 + groupBy.length, measured.length, carried.length];
  const read = {
    groupBy: take(3, groupBy),
    measured: take(first, measured),
    carried: take(first + second, carried),
  };
  const isMatch = take(first + second + third, rules);
  const members = rules.map(({ feed }, index) => sql`(${memberOf(feed)}, ${isMatch[index] ?? sql`false`})`);
  const matched = sql`arrayMap(p -> p.1, arrayFilter(p -> p.2, [${joinSql(members, ", ")}]))`;
  const count = sql`ifNull(${decimal(sql`${counted ?? sql`['']`}[1]`)}, 1)`;
  const own = sql`${id ?? sql`''`} AS id, ${at ?? sql`0`} AS at, ${count} AS n, ${matched} AS members`;
  const { columns: parts, key, val, isValued } = keyed(correlation, read);
  const occ = sql`toUInt32(if(n < 0 OR n != floor(n), 1, least(n, 1000000)))`;
  return sql`SELECT ${key} AS key, at, id, ${occ} AS occ, ${val} AS val, taken AS carried, [(at, id, occ)] AS ev, arrayJoin(members) AS member, '' AS origin FROM (SELECT ${own}, ${parts} FROM (${query})) WHERE n != 0 AND ${isValued}`;
}

/** Hits that the matcher has read. */
export function readHits(hits: readonly ReadHit[], correlation: LinkedCorrelation): HitRows {
  const isNumber = isNumeric(correlation);
  const json = JSON.stringify(
    hits.map((hit) => [
      hit.at,
      hit.id,
      hit.occurrences,
      hit.keys,
      isNumber ? hit.numbers : hit.values,
      hit.carried,
      hit.member,
    ]),
  );
  const type = `Array(Tuple(Int64, String, UInt32, Array(Array(String)), ${isNumber ? "Array(Float64)" : "Array(Array(String))"}, Array(Array(String)), UInt8))`;
  const rows = sql`(SELECT arrayJoin(JSONExtract(${param("String", json)}, ${param("String", type)})) AS h)`;
  return sql`SELECT arrayJoin(h.4) AS key, h.1 AS at, h.2 AS id, h.3 AS occ, h.5 AS val, h.6 AS carried, [(h.1, h.2, h.3)] AS ev, h.7 AS member, '' AS origin FROM ${rows}`;
}

/** Hits that an inner correlation's hot hits are (`correlation/chain.ts`). @param hot rows of `key`, `at`, `id`, `carried`, `ev` */
export function derivedHits(
  hot: BoundQuery,
  { inner, link }: { readonly inner: LinkedCorrelation; readonly link: Outer },
  outer: LinkedCorrelation,
): HitRows {
  const textsOf = (field: string): BoundQuery => {
    const own = inner.groupBy.findIndex(({ name }) => name === field);
    if (own >= 0) return sql`[key[${param("UInt64", own + 1)}]]`;
    const other = inner.carried.indexOf(field);
    return other < 0 ? sql`emptyArrayString()` : sql`carried[${param("UInt64", other + 1)}]`;
  };
  const { columns, key, val, isValued } = keyed(outer, {
    groupBy: link.groupBy.map(textsOf),
    measured: link.measured.map(textsOf),
    carried: outer.carried.map(textsOf),
  });
  const origin = groupName(inner.groupBy, sql`key`);
  return sql`SELECT ${key} AS key, at, id, toUInt32(1) AS occ, ${val} AS val, taken AS carried, ev, ${memberOf(link)} AS member, origin FROM (SELECT at, id, ev, ${origin} AS origin, ${columns} FROM (${hot})) WHERE ${isValued}`;
}

function memberOf({ member }: { readonly member: number }): BoundQuery {
  return sql`toUInt8(${param("UInt64", member)})`;
}

interface Read {
  readonly groupBy: readonly BoundQuery[];
  readonly measured: readonly BoundQuery[];
  readonly carried: readonly BoundQuery[];
}

/** What makes rows of hits: columns with what is grouped by, measured and carried (`taken`), and above them `key` (once for each group) and `val`. */
interface Keyed {
  readonly columns: BoundQuery;
  readonly key: BoundQuery;
  readonly val: BoundQuery;
  /** False of a hit without a value. One without a group goes by itself. */
  readonly isValued: BoundQuery;
}

const NO_LISTS = sql`CAST([], 'Array(Array(String))')`;

function keyed(correlation: LinkedCorrelation, read: Read): Keyed {
  const isNumber = isNumeric(correlation);
  const groups = correlation.groupBy.map(({ type }, index) => ({
    name: sql`${sqlName(`g${index}`)}`,
    value: groupValues(type, read.groupBy[index] ?? sql`emptyArrayString()`),
  }));
  const measured = correlation.measured.map(({ type }, index) => {
    const texts = read.measured[index] ?? sql`emptyArrayString()`;
    return {
      name: sql`${sqlName(`m${index}`)}`,
      value: isNumber ? numbers(texts) : groupValues(type, texts),
    };
  });
  const taken = read.carried.length === 0 ? NO_LISTS : sql`[${joinSql(read.carried, ", ")}]`;
  const named = [...groups, ...measured].map(({ name, value }) => sql`${value} AS ${name}`);
  const [first] = measured;
  const values = combinations(measured.map(({ name }) => name));
  return {
    columns: joinSql([...named, sql`${taken} AS taken`], ", "),
    key: sql`arrayJoin(${combinations(groups.map(({ name }) => name))})`,
    val: first === undefined ? NO_LISTS : isNumber ? first.name : values,
    isValued: joinSql([sql`true`, ...measured.map(({ name }) => sql`notEmpty(${name})`)], " AND "),
  };
}

/** Minus nought is nought, so that both are one value. */
function numbers(texts: BoundQuery): BoundQuery {
  const all = sql`arrayMap(x -> ifNull(${decimal(sql`x`)}, nan), ${texts})`;
  return sql`arraySlice(arrayMap(x -> x + 0., arrayFilter(x -> isFinite(x), ${all})), 1, ${MAX_NUMBERS})`;
}

/** One row an event and group, however often the event stands in the store and whatever it is a hit of: `src` lists the members. What it measures is that of the member listed first. */
export function mergedHits(rows: readonly HitRows[]): BoundQuery {
  const all = sql`(${joinSql(rows, " UNION ALL ")})`;
  return sql`SELECT key, at, id, arraySort(groupUniqArray(member)) AS src, max(occ) AS occ, argMin(val, (member, origin)) AS val, argMin(carried, (member, origin)) AS carried, groupUniqArrayArray(ev) AS ev FROM ${all} GROUP BY key, at, id`;
}
