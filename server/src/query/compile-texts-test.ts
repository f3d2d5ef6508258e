import { assertNever } from "@tyto/domain";
import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { escapeRegex } from "./text-match.ts";
import { address, decimal, ODD_NUMBER } from "./text-values.ts";
import type { TextPart, TextPattern, TextRelation, TextsTest } from "./texts.ts";

/** `multiSearchAny` takes this many at a time. */
const MAX_NEEDLES = 255;

const OPERATORS = { eq: sql`=`, lt: sql`<`, lte: sql`<=`, gt: sql`>`, gte: sql`>=` } as const;

/** Of the notations of `match/time-part.ts` the one that nearly all events use. */
const INSTANT =
  "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?$";
/** Where its parts stand. */
const PLACES = { year: [1, 4], month: [6, 2], day: [9, 2], hour: [12, 2], minute: [15, 2] } as const;
/** Sixty-four characters, and blanks around them. */
const MAX_TIME_BYTES = 1_024;
const isoDate = sql`toDate32OrNull(substring(x, 1, 10))`;

/** True when one of the texts meets the test. @param texts a list of texts. @param others a list that `related` compares with. */
export function compileTextsTest(
  test: TextsTest,
  texts: BoundQuery,
  others: BoundQuery | undefined,
): BoundQuery {
  const exists = (condition: BoundQuery): BoundQuery => sql`arrayExists(x -> ${condition}, ${texts})`;
  switch (test.kind) {
    case "patterns":
      return patterns(test.patterns, texts);
    case "regex":
      return exists(sql`match(x, ${param("String", test.source)})`);
    case "network":
      return exists(inNetwork(test));
    case "compare":
      return exists(
        sql`ifNull(${decimal(sql`x`)} ${OPERATORS[test.operator]} ${param("Float64", test.operand)}, false)`,
      );
    case "related":
      return exists(sql`arrayExists(y -> ${relation(test.relation)}, ${others ?? sql`emptyArrayString()`})`);
    case "time-part":
      return exists(timePart(test));
    case "odd-time":
      return exists(
        sql`(length(x) <= ${param("UInt64", MAX_TIME_BYTES)} AND match(x, '[0-9]') AND NOT match(x, ${param("String", INSTANT)})${
          test.part === "week" ? sql` OR isNull(${isoDate})` : sql``
        })`,
      );
    case "longer":
      return exists(sql`length(x) > ${param("UInt64", test.bytes)}`);
    case "odd-number":
      return exists(sql`match(x, ${param("String", ODD_NUMBER)})`);
    default:
      return assertNever(test);
  }
}

/** Texts go into one set, what is contained into one search for all, and only the rest is looked at one by one. */
function patterns(all: readonly TextPattern[], texts: BoundQuery): BoundQuery {
  const equal: string[] = [];
  const contained: string[] = [];
  const tests: BoundQuery[] = [];
  for (const pattern of all) {
    const [first, second, third] = pattern;
    if (pattern.length === 0) equal.push("");
    else if (pattern.length === 1 && first?.kind === "text") equal.push(first.text);
    else if (
      pattern.length === 3 &&
      first?.kind === "many" &&
      second?.kind === "text" &&
      third?.kind === "many"
    )
      contained.push(second.text);
    else tests.push(shape(pattern));
  }
  if (equal.length > 0) tests.push(sql`x IN ${param("Array(String)", equal)}`);
  for (let at = 0; at < contained.length; at += MAX_NEEDLES) {
    const needles = contained.slice(at, at + MAX_NEEDLES);
    const [only] = needles;
    tests.push(
      needles.length === 1 && only !== undefined
        ? sql`position(x, ${param("String", only)}) > 0`
        : sql`multiSearchAny(x, ${param("Array(String)", needles)})`,
    );
  }
  if (tests.length === 0) return sql`false`;
  return sql`arrayExists(x -> (${joinSql(tests, " OR ")}), ${texts})`;
}

function shape(pattern: TextPattern): BoundQuery {
  const [first, second] = pattern;
  if (pattern.length === 1 && first?.kind === "many") return sql`true`;
  if (pattern.length === 2 && first?.kind === "many" && second?.kind === "text")
    return sql`endsWith(x, ${param("String", second.text)})`;
  if (pattern.length === 2 && first?.kind === "text" && second?.kind === "many")
    return sql`startsWith(x, ${param("String", first.text)})`;
  return sql`match(x, ${param("String", `(?s)^${pattern.map(regexPart).join("")}$`)})`;
}

function regexPart(part: TextPart): string {
  switch (part.kind) {
    case "text":
      return escapeRegex(part.text).replaceAll("\0", "\\x00");
    case "many":
      return ".*";
    case "one":
      return ".";
    case "dash":
      return `[${escapeRegex(part.dashes.join(""))}]`;
    default:
      return assertNever(part);
  }
}

function relation(kind: TextRelation): BoundQuery {
  switch (kind) {
    case "equals":
      return sql`x = y`;
    case "contains":
      return sql`position(x, y) > 0`;
    case "startswith":
      return sql`startsWith(x, y)`;
    case "endswith":
      return sql`endsWith(x, y)`;
    default:
      return assertNever(kind);
  }
}

function inNetwork(test: Extract<TextsTest, { readonly kind: "network" }>): BoundQuery {
  const ip = address(sql`x`);
  const isWithin = sql`ifNull(${ip} BETWEEN ${param("IPv6", test.low)} AND ${param("IPv6", test.high)}, false)`;
  if (test.isMappedIn) return isWithin;
  const mapped = sql`${ip} BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255')`;
  return sql`(${isWithin} AND NOT ifNull(${mapped}, false))`;
}

function timePart({
  part,
  operator,
  operand,
}: Extract<TextsTest, { readonly kind: "time-part" }>): BoundQuery {
  const value =
    part === "week"
      ? sql`toISOWeek(${isoDate})`
      : sql`toUInt16OrNull(substring(x, ${param("UInt64", PLACES[part][0])}, ${param("UInt64", PLACES[part][1])}))`;
  const compared = sql`${value} ${OPERATORS[operator]} ${param("Float64", operand)}`;
  return sql`(match(x, ${param("String", INSTANT)}) AND ifNull(${compared}, false))`;
}
