import type { EntityType } from "@tyto/domain";
import { address, canonicalAddress, folded, sql, trimmed } from "../../../query/index.ts";
import type { BoundQuery } from "../../../query/index.ts";
import type { GroupField } from "../../correlation/group-key.ts";

/** Texts that name nothing (`finding/entities.ts`), beside the empty one. */
const NOTHING = sql`('', '-', 'n/a', '(null)', 'unknown', 'none')`;

/** Texts of a field → the values under which it is grouped, each once, in order: `groupValue` of `correlation/group-key.ts`. */
export function groupValues(type: EntityType | undefined, texts: BoundQuery): BoundQuery {
  const bare = sql`arrayMap(x -> ${trimmed(sql`x`)}, ${texts})`;
  const values = type === "ip" ? addresses(bare) : names(bare);
  return sql`arraySort(arrayDistinct(${values}))`;
}

function names(texts: BoundQuery): BoundQuery {
  const kept = sql`arrayFilter(x -> x NOT IN ${NOTHING}, arrayMap(x -> ${folded(sql`x`)}, ${texts}))`;
  return sql`arrayMap(x -> ${shortened(sql`substringUTF8(x, 1, 512)`)}, ${kept})`;
}

function addresses(texts: BoundQuery): BoundQuery {
  const pairs = sql`arrayMap(x -> (x, ${address(sql`x`)}), arrayFilter(x -> x != '', ${texts}))`;
  const fold = sql`arrayMap(x -> ${shortened(sql`x`)}, [${folded(sql`y.1`)}])[1]`;
  return sql`arrayMap(y -> if(isNull(y.2), ${fold}, assumeNotNull(${canonicalAddress(sql`y.2`)})), ${pairs})`;
}

/** Long values keep their beginning and a digest. Lengths are code points: longer texts beyond the basic plane are left to the matcher. */
function shortened(hashed: BoundQuery): BoundQuery {
  const digest = sql`substring(lower(hex(SHA256(${hashed}))), 1, 16)`;
  return sql`if(lengthUTF8(x) <= 256, x, concat(substringUTF8(x, 1, 239), '~', ${digest}))`;
}

/** Every combination of the fields' values, at most 16: `groupKeysOf`. @param values per field, as `groupValues` makes them. */
export function combinations(values: readonly BoundQuery[]): BoundQuery {
  const [first, ...rest] = values;
  if (first === undefined) return sql`[emptyArrayString()]`;
  const start = sql`arraySlice(arrayMap(v -> [v], ${first}), 1, 16)`;
  return rest.reduce(
    (keys, more) =>
      sql`arraySlice(arrayReduce('groupArrayArray', arrayMap(k -> arrayMap(v -> arrayPushBack(k, v), ${more}), ${keys})), 1, 16)`,
    start,
  );
}

/** One text for a group, in the order of the engine's own names for groups. */
export function groupName(fields: readonly GroupField[], key: BoundQuery): BoundQuery {
  if (fields.length === 0) return sql`''`;
  const signs = [sql`'%', '%25'`, sql`'|', '%7C'`, sql`'&', '%26'`, sql`'=', '%3D'`];
  const escaped = signs.reduce((text, sign) => sql`replaceAll(${text}, ${sign})`, sql`v`);
  return sql`arrayStringConcat(arrayMap(v -> concat('=', ${escaped}), ${key}), '&')`;
}
