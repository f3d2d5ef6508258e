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
  const columns = wanted.map((_, index) => sql`${sqlName(`t${index}`)}`);
  const take = (start: number, { length }: { readonly length: number }): readonly BoundQuery[] =>
    columns.slice(start, start + length);
  const read = {
    groupBy: take(1, groupBy),
    measured: take(1 + groupBy.length, measured),
    carried: take(1 + groupBy.length + measured.length, carried),
  };
  const renamed = [sql`id`, sql`at`, ...columns].map(
    (name, index) => sql`${found[index]?.alias ?? sql`NULL`} AS ${name}`,
  );
  const events = sql`(SELECT ${joinSql(renamed, ", ")} FROM (${query}))`;
  const isMatch = take(texts.length, rules);
  const members = rules.map(({ feed }, index) => sql`(${memberOf(feed)}, ${isMatch[index] ?? sql`false`})`);
  const member = sql`arrayJoin(arrayMap(p -> p.1, arrayFilter(p -> p.2, [${joinSql(members, ", ")}]))) AS member`;
  const count = sql`toUInt32(if(n < 0 OR n != floor(n), 1, least(n, 1000000)))`;
  const counted = sql`(SELECT *, ${member}, ${count} AS occ FROM (SELECT *, ifNull(${decimal(sql`t0[1]`)}, 1) AS n FROM ${events}) WHERE occ > 0)`;
  return sql`SELECT key, at, id, occ, val, carried, [(at, id, occ)] AS ev, member, '' AS origin FROM ${keyed(counted, correlation, read)}`;
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
    if (own >= 0) return sql`[inner_key[${param("UInt64", own + 1)}]]`;
    const other = inner.carried.indexOf(field);
    return other < 0 ? sql`emptyArrayString()` : sql`inner_carried[${param("UInt64", other + 1)}]`;
  };
  const rows = sql`(SELECT key AS inner_key, carried AS inner_carried, at, id, ev FROM (${hot}))`;
  const read = {
    groupBy: link.groupBy.map(textsOf),
    measured: link.measured.map(textsOf),
    carried: outer.carried.map(textsOf),
  };
  const origin = groupName(inner.groupBy, sql`inner_key`);
  return sql`SELECT key, at, id, toUInt32(1) AS occ, val, carried, ev, ${memberOf(link)} AS member, ${origin} AS origin FROM ${keyed(rows, outer, read)}`;
}

function memberOf({ member }: { readonly member: number }): BoundQuery {
  return sql`toUInt8(${param("UInt64", member)})`;
}

interface Read {
  readonly groupBy: readonly BoundQuery[];
  readonly measured: readonly BoundQuery[];
  readonly carried: readonly BoundQuery[];
}

/** Rows with `key`, `val` and `carried`, once for each group; those without a group or a value go. */
function keyed(rows: BoundQuery, correlation: LinkedCorrelation, read: Read): BoundQuery {
  const groups = correlation.groupBy.map(({ type }, index) =>
    groupValues(type, read.groupBy[index] ?? sql`emptyArrayString()`),
  );
  const isNumber = isNumeric(correlation);
  const measured = correlation.measured.map(({ type }, index) => {
    const texts = read.measured[index] ?? sql`emptyArrayString()`;
    return isNumber ? numbers(texts) : groupValues(type, texts);
  });
  const group = (index: number): BoundQuery => sql`${sqlName(`g${index}`)}`;
  const measure = (index: number): BoundQuery => sql`${sqlName(`m${index}`)}`;
  const levels = [
    ...groups.map((value, index) => sql`${value} AS ${group(index)}`),
    ...measured.map((value, index) => sql`${value} AS ${measure(index)}`),
    sql`${read.carried.length === 0 ? sql`CAST([], 'Array(Array(String))')` : sql`[${joinSql(read.carried, ", ")}]`} AS carried`,
  ];
  const keys = combinations(groups.map((_, index) => group(index)));
  const values = isNumber
    ? measure(0)
    : measured.length === 0
      ? sql`CAST([], 'Array(Array(String))')`
      : combinations(measured.map((_, index) => measure(index)));
  const valued = measured.length === 0 ? sql`` : sql` WHERE notEmpty(val)`;
  return sql`(SELECT *, arrayJoin(keys) AS key FROM (SELECT *, ${keys} AS keys, ${values} AS val FROM (SELECT *, ${joinSql(levels, ", ")} FROM ${rows}))${valued})`;
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
