import { RE2JS } from "re2js";
import { param, sql, type BoundQuery } from "./bound-query.ts";
import type { Span, TextOp } from "./ir.ts";
import { refuse } from "./refusal.ts";

const MAX_PATTERN_LENGTH = 1_000;
const TERM = /[0-9A-Za-z\u0080-\uffff]+/g;
/** Outside a term, as the engine's `splitByNonAlpha` sees it: any ASCII character that is no letter or digit. */
const BOUNDARY = "[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f]";

const START = param("String", `(?:^|${BOUNDARY})`);
const END = param("String", `(?:$|${BOUNDARY})`);
const TERM_START = param("String", "^[0-9A-Za-z\\x{80}-\\x{10FFFF}]");
const TERM_END = param("String", "[0-9A-Za-z\\x{80}-\\x{10FFFF}]$");

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** Lower case, by the cheap function where the wanted text is ASCII: `lower` leaves other letters alone. */
export function lowered(text: BoundQuery, wanted: string): BoundQuery {
  return isAscii(wanted) ? sql`lower(${text})` : sql`lowerUTF8(${text})`;
}

/** A text operator with a constant on its right side. */
export function textMatch(op: TextOp, text: BoundQuery, wanted: string, span: Span): BoundQuery {
  const lower = wanted.toLowerCase();
  switch (op) {
    case "contains":
      return isAscii(wanted)
        ? sql`positionCaseInsensitive(${text}, ${param("String", lower)}) > 0`
        : sql`positionCaseInsensitiveUTF8(${text}, ${param("String", lower)}) > 0`;
    case "contains_cs":
      return sql`position(${text}, ${param("String", wanted)}) > 0`;
    case "startswith":
      return sql`startsWith(${lowered(text, wanted)}, ${param("String", lower)})`;
    case "startswith_cs":
      return sql`startsWith(${text}, ${param("String", wanted)})`;
    case "endswith":
      return sql`endsWith(${lowered(text, wanted)}, ${param("String", lower)})`;
    case "endswith_cs":
      return sql`endsWith(${text}, ${param("String", wanted)})`;
    case "has":
      return hasTerm(text, wanted, { isCaseSensitive: false });
    case "has_cs":
      return hasTerm(text, wanted, { isCaseSensitive: true });
    case "hasprefix":
      return sql`match(${text}, ${param("String", `(?i)(?:^|${BOUNDARY})${escapeRegex(wanted)}`)})`;
    case "hassuffix":
      return sql`match(${text}, ${param("String", `(?i)${escapeRegex(wanted)}(?:$|${BOUNDARY})`)})`;
    case "matches regex":
      return sql`match(${text}, ${param("String", checkedPattern(wanted, span))})`;
  }
}

/** A text operator whose right side is another value of the row. No index helps, and the engine's regular expressions stay linear. */
export function textMatchOf(op: TextOp, text: BoundQuery, wanted: BoundQuery): BoundQuery {
  const start = sql`if(match(${wanted}, ${TERM_START}), ${START}, '')`;
  const end = sql`if(match(${wanted}, ${TERM_END}), ${END}, '')`;
  const quoted = sql`regexpQuoteMeta(${wanted})`;
  switch (op) {
    case "contains":
      return sql`position(lowerUTF8(${text}), lowerUTF8(${wanted})) > 0`;
    case "contains_cs":
      return sql`position(${text}, ${wanted}) > 0`;
    case "startswith":
      return sql`startsWith(lowerUTF8(${text}), lowerUTF8(${wanted}))`;
    case "startswith_cs":
      return sql`startsWith(${text}, ${wanted})`;
    case "endswith":
      return sql`endsWith(lowerUTF8(${text}), lowerUTF8(${wanted}))`;
    case "endswith_cs":
      return sql`endsWith(${text}, ${wanted})`;
    case "has":
      return sql`match(${text}, concat('(?i)', ${start}, ${quoted}, ${end}))`;
    case "has_cs":
      return sql`match(${text}, concat(${start}, ${quoted}, ${end}))`;
    case "hasprefix":
      return sql`match(${text}, concat('(?i)', ${START}, ${quoted}))`;
    case "hassuffix":
      return sql`match(${text}, concat('(?i)', ${quoted}, ${END}))`;
    case "matches regex":
      throw new Error("invariant broken: a regular expression is a constant");
  }
}

/**
 * Kusto's `has`: the whole term, not part of a longer one. The term's words are looked up in the text index; what is more
 * than one word (`10.0.0.5`) is then compared as a whole.
 */
function hasTerm(
  text: BoundQuery,
  wanted: string,
  options: { readonly isCaseSensitive: boolean },
): BoundQuery {
  const words = wanted.toLowerCase().match(TERM) ?? [];
  if (words.length === 0)
    return textMatch(options.isCaseSensitive ? "contains_cs" : "contains", text, wanted, noSpan);
  const lookUp = sql`hasAllTokens(${lowered(text, wanted)}, ${param("Array(String)", [...new Set(words)])})`;
  const isOneWord = words.length === 1 && words[0]?.length === wanted.length;
  if (isOneWord && !options.isCaseSensitive) return lookUp;
  const flags = options.isCaseSensitive ? "" : "(?i)";
  const start = /^[0-9A-Za-z\u0080-\uffff]/.test(wanted) ? `(?:^|${BOUNDARY})` : "";
  const end = /[0-9A-Za-z\u0080-\uffff]$/.test(wanted) ? `(?:$|${BOUNDARY})` : "";
  const whole = param("String", `${flags}${start}${escapeRegex(wanted)}${end}`);
  return sql`(${lookUp} AND match(${text}, ${whole}))`;
}

const noSpan: Span = { start: 0, end: 0 };

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** RE2, as the engine runs it: linear time, no back-references, no look-around. A dot does not match a line break. */
export function checkedPattern(pattern: string, span: Span): string {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    refuse("pattern-too-long", `A regular expression has at most ${MAX_PATTERN_LENGTH} characters`, span);
  }
  try {
    RE2JS.compile(pattern);
  } catch {
    refuse(
      "bad-pattern",
      "This is not a regular expression that RE2 understands",
      span,
      "back-references and look-around are not supported",
    );
  }
  return `(?-s)${pattern}`;
}
