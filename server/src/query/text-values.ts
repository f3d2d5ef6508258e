import { param, sql, type BoundQuery } from "./bound-query.ts";

/** What a text says, as expressions of the engine: the same that JavaScript, and `match/ip-address.ts`, read in it. */

/** What JavaScript's `trim` takes off, as a class of RE2. */
const BLANK =
  "[\\s\\x{0b}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]";
const DECIMAL = `^${BLANK}*([-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?)${BLANK}*$`;
/** A number in another notation than the decimal one. */
export const ODD_NUMBER = `^${BLANK}*0[xXbBoO]`;

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
/** An address as `match/ip-address.ts` reads it; the engine's parser is laxer in places. A zone is cut off. */
const ADDRESS = `^(?:${IPV4}|(?:[0-9a-fA-F]{0,4}:){1,8}(?:[0-9a-fA-F]{0,4}|${IPV4})(?:%(?s:.*))?)$`;
const MAX_ADDRESS = 64;

/** Without the blanks around it. */
export function trimmed(text: BoundQuery): BoundQuery {
  return sql`replaceRegexpAll(${text}, ${param("String", `^${BLANK}+|${BLANK}+$`)}, '')`;
}

/** Float64, NULL when the text is no decimal number. By way of JSON, whose reader rounds correctly: the engine's own conversion may be off by the last bit. */
export function decimal(text: BoundQuery): BoundQuery {
  const number = sql`extract(${text}, ${param("String", DECIMAL)})`;
  const pointed = sql`replaceRegexpOne(${number}, '^[+]?(-?)0*([0-9]*)[.]?([0-9]*)', '\\\\1\\\\2.\\\\30')`;
  const json = sql`replaceRegexpOne(${pointed}, '^(-?)[.]', '\\\\10.')`;
  return sql`if(${number} = '', NULL, JSONExtract(${json}, 'Nullable(Float64)'))`;
}

/** IPv6, an IPv4 address mapped into it; NULL when the text is no address. */
export function address(text: BoundQuery): BoundQuery {
  const bare = sql`toIPv6OrNull(splitByChar('%', ${text})[1])`;
  return sql`if(lengthUTF8(${text}) <= ${param("UInt64", MAX_ADDRESS)} AND match(${text}, ${param("String", ADDRESS)}), ${bare}, NULL)`;
}

/**
 * Canonical text: dotted for IPv4, RFC 5952 for IPv6. The engine spells the last four bytes behind twelve of nought like IPv4, too.
 * @param ip an IPv6 or NULL, written out several times
 */
export function canonicalAddress(ip: BoundQuery): BoundQuery {
  const group = (from: number): BoundQuery =>
    sql`replaceRegexpOne(substring(lower(hex(${ip})), ${param("UInt64", from)}, 4), '^0{1,3}', '')`;
  return sql`multiIf(position(toString(${ip}), '.') = 0, toString(${ip}), startsWith(toString(${ip}), '::ffff:'), substring(toString(${ip}), 8), concat('::', ${group(25)}, ':', ${group(29)}))`;
}
