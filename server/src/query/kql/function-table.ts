import type { AggregateName, FunctionName } from "../ir.ts";

/** What a query may call. The table is the whole list: lowering, completion, hover and the reference page read it. */
export interface FunctionEntry {
  readonly name: string;
  readonly group: FunctionGroup;
  /** How it is called. */
  readonly usage: string;
  /** One sentence for a person who hovers over it. */
  readonly summary: string;
  /** The function of the typed form with the same arguments; `null` where `lower-function.ts` makes something of it. */
  readonly op: FunctionName | null;
}

export const FUNCTION_GROUPS = [
  "conditions",
  "texts",
  "times",
  "numbers",
  "addresses",
  "dynamic",
  "types",
  "rows",
] as const;
export type FunctionGroup = (typeof FUNCTION_GROUPS)[number];

type Row = readonly [usage: string, summary: string, op?: FunctionName | null];

/** Without a third part, the function of the typed form has the name before the parenthesis. */
const ROWS: Readonly<Record<FunctionGroup, readonly Row[]>> = {
  conditions: [
    ["not(condition)", "The opposite of a condition.", null],
    ["iff(condition, then, else)", "One of two values."],
    ["iif(condition, then, else)", "The same as iff.", "iff"],
    ["case(condition, value, …, else)", "The value of the first condition that holds."],
    ["coalesce(value, …)", "The first value that is there."],
    ["isempty(value)", "Whether a text or list is empty or a value is missing."],
    ["isnotempty(value)", "Whether there is a value."],
    ["notempty(value)", "The same as isnotempty.", "isnotempty"],
    ["isnull(value)", "Whether a value is missing; a text never is."],
    ["isnotnull(value)", "Whether a value is there."],
    ["notnull(value)", "The same as isnotnull.", "isnotnull"],
    ["column_ifexists(name, else)", "A column when the rows have it, else another value.", null],
    ["columnifexists(name, else)", "The same as column_ifexists.", null],
    ["toscalar(query)", "The first value of a query of its own.", null],
  ],
  texts: [
    ["strcat(value, …)", "Texts one behind the other."],
    ["strcat_delim(delimiter, value, …)", "Texts with a delimiter between them."],
    ["strcat_array(list, delimiter)", "A list's elements as one text."],
    ["strlen(text)", "Characters in a text."],
    ["strrep(value, times, delimiter)", "A text several times."],
    ["strcmp(a, b)", "-1, 0 or 1 as one text comes before, with or after the other."],
    ["substring(text, start, length)", "Part of a text; the first character is 0."],
    ["indexof(text, wanted, start)", "Where a text stands in another; -1 when nowhere."],
    ["countof(text, wanted, kind)", 'How often a text, or with "regex" a pattern, stands in another.'],
    ["tolower(text)", "In small letters."],
    ["toupper(text)", "In capitals."],
    ["reverse(text)", "From its end to its beginning."],
    ["trim(pattern, text)", "Without what the pattern matches at both ends."],
    ["trim_start(pattern, text)", "Without what the pattern matches at the beginning."],
    ["trim_end(pattern, text)", "Without what the pattern matches at the end."],
    ["replace_string(text, old, new)", "With a text in place of another."],
    ["replace(pattern, new, text)", "The older form of replace_regex.", null],
    ["replace_regex(text, pattern, new)", "With a text in place of what the pattern matches."],
    ["translate(from, to, text)", "With characters in place of others, one for one."],
    ["split(text, delimiter, index)", "The parts between delimiters."],
    ["extract(pattern, group, text, type)", "What a group of the pattern matches first."],
    ["extract_all(pattern, groups, text)", "What the groups match, every time."],
    ["parse_url(text)", "Scheme, Host, Port, Path, Username, Password, Query Parameters and Fragment."],
    ["parse_urlquery(text)", "The parameters of the part behind the question mark."],
    ["parse_path(text)", "Folder, name and extension of a file."],
    ["parse_command_line(text, kind)", 'The arguments of a command line of "windows".'],
    ["parse_csv(text)", "The cells of a line with commas."],
    ["parse_version(text)", "A version as a number that compares rightly."],
    ["parse_user_agent(text, what)", 'Families and versions of "browser", "os" and "device".'],
    ["url_encode(text)", "With %XX for what a URL does not hold."],
    ["url_decode(text)", "With the characters for %XX."],
    ["base64_encode_tostring(text)", "In Base64."],
    ["base64_decode_tostring(text)", "What Base64 stands for; empty when it is none."],
    ["hash_md5(value)", "MD5 in hexadecimal."],
    ["hash_sha1(value)", "SHA-1 in hexadecimal."],
    ["hash_sha256(value)", "SHA-256 in hexadecimal."],
    ["hash_xxhash64(value, modulo)", "xxHash64 as a number."],
    ["hash(value, modulo)", "The same as hash_xxhash64.", "hash_xxhash64"],
    ["tohex(number, length)", "A number in hexadecimal."],
  ],
  times: [
    ["ago(timespan)", "That long before now.", null],
    ["now(timespan)", "The time of the query, and that long after it.", null],
    ["ingestion_time()", "When Tyto received the event.", null],
    ["bin(value, size)", "The beginning of the step of that size: of 5m, 1h, 1d, or of a number."],
    ["floor(value, size)", "The same as bin.", "bin"],
    ["bin_at(value, size, anchor)", "The same, with steps counted from an anchor."],
    ["startofday(time, offset)", "The first instant of the day.", null],
    ["startofweek(time, offset)", "The first instant of the week, which begins on Sunday.", null],
    ["startofmonth(time, offset)", "The first instant of the month.", null],
    ["startofyear(time, offset)", "The first instant of the year."],
    ["endofday(time, offset)", "The last instant of the day.", null],
    ["endofweek(time, offset)", "The last instant of the week."],
    ["endofmonth(time, offset)", "The last instant of the month."],
    ["endofyear(time, offset)", "The last instant of the year."],
    ["datetime_add(period, amount, time)", 'A time so many "day", "hour" … later.'],
    ["datetime_diff(period, later, earlier)", "How many borders of the period lie between two times."],
    ["datetime_part(part, time)", 'The "hour", "day", "month" … of a time.'],
    ["dayofweek(time)", "Days since Sunday, as a timespan."],
    ["dayofmonth(time)", "The day of the month."],
    ["dayofyear(time)", "The day of the year."],
    ["hourofday(time)", "The hour of the day."],
    ["getmonth(time)", "The month.", "getmonth"],
    ["monthofyear(time)", "The month.", "getmonth"],
    ["getyear(time)", "The year."],
    ["week_of_year(time)", "The week of the year, as ISO counts it."],
    ["weekofyear(time)", "The same as week_of_year.", "week_of_year"],
    ["format_datetime(time, format)", 'A time as text: "yyyy-MM-dd HH:mm:ss".'],
    ["format_timespan(timespan, format)", 'A timespan as text: "dd.hh:mm:ss".'],
    ["make_datetime(year, month, day, hour, minute, second)", "A time of its parts."],
    ["make_timespan(days, hours, minutes, seconds)", "A timespan of its parts."],
    ["unixtime_seconds_todatetime(number)", "The time so many seconds after 1970."],
    ["unixtime_milliseconds_todatetime(number)", "The time so many milliseconds after 1970."],
    ["unixtime_microseconds_todatetime(number)", "The time so many microseconds after 1970."],
    ["unixtime_nanoseconds_todatetime(number)", "The time so many nanoseconds after 1970."],
  ],
  numbers: [
    ["abs(number)", "Without its sign."],
    ["sign(number)", "-1, 0 or 1."],
    ["ceiling(number)", "The next whole number upwards."],
    ["round(number, digits)", "To so many digits behind the point."],
    ["sqrt(number)", "The square root."],
    ["pow(base, exponent)", "A power."],
    ["exp(number)", "A power of e."],
    ["log(number)", "The natural logarithm."],
    ["log2(number)", "The logarithm to base 2."],
    ["log10(number)", "The logarithm to base 10."],
    ["min_of(value, …)", "The smallest of the values."],
    ["max_of(value, …)", "The largest of the values."],
    ["isnan(number)", "Whether it is no number."],
    ["isinf(number)", "Whether it is infinite."],
    ["isfinite(number)", "Whether it is a plain number."],
    ["rand(below)", "A number by chance."],
    ["binary_and(a, b)", "Bits that both have."],
    ["binary_or(a, b)", "Bits that one has."],
    ["binary_xor(a, b)", "Bits that only one has."],
    ["binary_shift_left(number, bits)", "Bits moved upwards."],
    ["binary_shift_right(number, bits)", "Bits moved downwards."],
  ],
  addresses: [
    ["ipv4_is_in_range(address, network)", "Whether an address is in a network.", "ip_in_range"],
    ["ipv6_is_in_range(address, network)", "The same for IPv6.", "ip_in_range"],
    ["ipv4_is_in_any_range(address, network, …)", "Whether an address is in one of several networks.", null],
    ["ipv6_is_in_any_range(address, network, …)", "The same for IPv6.", null],
    ["ipv4_is_match(address, network)", "Whether an address is another, or in its network.", "ip_in_range"],
    ["ipv6_is_match(address, network)", "The same for IPv6.", "ip_in_range"],
    ["ipv4_is_private(address)", "Whether an address is in a private network.", null],
    ["ipv4_compare(a, b)", "-1, 0 or 1 as one address comes before, with or after the other."],
    ["ipv6_compare(a, b)", "The same for IPv6."],
    ["ipv4_netmask_suffix(address)", "The number behind the slash; 32 without one."],
    ["parse_ipv4(address)", "An IPv4 address as a number."],
    ["parse_ipv6(address)", "An address as IPv6, in full."],
    ["format_ipv4(address, suffix)", "A number as an address, cut to a network."],
    ["has_ipv4(text, address)", "Whether an address stands in a text."],
    ["has_any_ipv4(text, address, …)", "Whether one of several does.", null],
    ["has_ipv4_prefix(text, prefix)", "Whether an address that begins so stands in a text."],
    ["has_any_ipv4_prefix(text, prefix, …)", "Whether one of several does.", null],
    [
      "geo_info_from_ip_address(address)",
      "Country, state, city and place, as the event's own fields have them.",
      null,
    ],
  ],
  dynamic: [
    ["parse_json(text)", "What a text of JSON holds."],
    ["parsejson(text)", "The same as parse_json.", "parse_json"],
    ["todynamic(text)", "The same as parse_json.", "parse_json"],
    ["toobject(text)", "The same as parse_json.", "parse_json"],
    ["extract_json(path, text, type)", 'What stands at a path: "$.a[0].b".'],
    ["extractjson(path, text, type)", "The same as extract_json.", "extract_json"],
    ["gettype(value)", "The name of a value's type."],
    ["array_length(list)", "How many elements a list has."],
    ["array_concat(list, …)", "Lists one behind the other."],
    ["array_slice(list, start, end)", "Elements from one place to another; the first is 0."],
    ["array_index_of(list, value)", "Where a value stands in a list; -1 when nowhere."],
    ["array_sort_asc(list)", "A list upwards."],
    ["array_sort_desc(list)", "A list downwards."],
    ["array_reverse(list)", "A list from its end."],
    ["array_sum(list)", "The sum of the elements."],
    ["array_iff(conditions, then, else)", "For each condition one of two values."],
    ["array_iif(conditions, then, else)", "The same as array_iff.", "array_iff"],
    ["zip(list, …)", "Lists side by side."],
    ["repeat(value, count)", "A list of one value."],
    ["range(start, stop, step)", "A list of numbers.", "array_range"],
    ["pack_array(value, …)", "A list of values."],
    ["set_has_element(list, value)", "Whether a value is in a list."],
    ["set_union(list, …)", "Values that one of the lists has."],
    ["set_intersect(list, …)", "Values that all lists have."],
    ["set_difference(list, …)", "Values of the first that no other has."],
    ["bag_pack(key, value, …)", "An object of keys and values."],
    ["pack(key, value, …)", "The same as bag_pack.", "bag_pack"],
    ["pack_dictionary(key, value, …)", "The same as bag_pack.", "bag_pack"],
    ["pack_all()", "An object of the row's columns: of those that the result would show.", null],
    ["bag_keys(object)", "The keys of an object."],
    ["bag_has_key(object, key)", "Whether an object has a key."],
    ["bag_merge(object, …)", "Objects in one; of two with a key, the first."],
    ["bag_remove_keys(object, keys)", "An object without some keys."],
    [
      "series_decompose_anomalies(series, threshold, seasonality)",
      "Flags, scores and baseline of a series.",
      null,
    ],
    ["series_outliers(series)", "How far each value lies beyond the usual.", "series_outliers"],
    ["series_sum(series)", "The sum of a series."],
  ],
  types: [
    ["tostring(value)", "As text; empty for what is missing."],
    ["toint(value)", "As a whole number; null for what is none."],
    ["tolong(value)", "As a whole number; null for what is none."],
    ["todouble(value)", "As a number; null for what is none."],
    ["toreal(value)", "The same as todouble.", "todouble"],
    ["tobool(value)", "As true or false."],
    ["toboolean(value)", "The same as tobool.", "tobool"],
    ["todatetime(value)", "As a time."],
    ["totimespan(value)", "As a timespan."],
    ["totime(value)", "The same as totimespan.", "totimespan"],
  ],
  rows: [
    ["row_number(start, restart)", "The number of a row in the order that the rows have.", null],
    ["row_cumsum(term, restart)", "The sum up to this row.", null],
    ["row_rank_dense(term, restart)", "How many different terms there were up to this row.", null],
    ["prev(value, offset, else)", "The value of the row before.", null],
    ["next(value, offset, else)", "The value of the row after.", null],
  ],
};

const nameIn = (usage: string): string => usage.slice(0, usage.indexOf("("));

export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map(
  FUNCTION_GROUPS.flatMap((group) =>
    ROWS[group].map(([usage, summary, op]): [string, FunctionEntry] => {
      const name = nameIn(usage);
      // Names of the typed form are Kusto's own where the table says nothing else.
      return [name, { name, group, usage, summary, op: op === undefined ? (name as FunctionName) : op }];
    }),
  ),
);

export interface AggregateEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly op: AggregateName | null;
  readonly most: number;
}

const AGGREGATE_ROWS: readonly (readonly [
  usage: string,
  summary: string,
  op: AggregateName | null,
  most: number,
])[] = [
  ["count()", "How many rows.", "count", 0],
  ["countif(condition)", "How many rows for which a condition holds.", "countif", 1],
  ["dcount(value)", "About how many different values.", "dcount", 2],
  ["dcountif(value, condition)", "About how many, over rows for which a condition holds.", "dcountif", 3],
  ["count_distinct(value)", "The same as dcount.", "dcount", 1],
  ["count_distinctif(value, condition)", "The same as dcountif.", "dcountif", 2],
  ["sum(number)", "The sum.", "sum", 1],
  ["sumif(number, condition)", "The sum over rows for which a condition holds.", "sumif", 2],
  ["avg(number)", "The average.", "avg", 1],
  ["avgif(number, condition)", "The average over rows for which a condition holds.", "avgif", 2],
  ["min(value)", "The smallest value.", "min", 1],
  ["minif(value, condition)", "The smallest over rows for which a condition holds.", "minif", 2],
  ["max(value)", "The largest value.", "max", 1],
  ["maxif(value, condition)", "The largest over rows for which a condition holds.", "maxif", 2],
  ["arg_max(value, column, …)", "Columns of the row where a value is largest; * for all.", "arg_max", 200],
  ["arg_min(value, column, …)", "Columns of the row where a value is smallest; * for all.", "arg_min", 200],
  ["argmax(value, column, …)", "The same as arg_max.", "arg_max", 200],
  ["argmin(value, column, …)", "The same as arg_min.", "arg_min", 200],
  ["percentile(number, which)", "The value below which so many of a hundred lie.", "percentile", 2],
  ["percentiles(number, which, …)", "Several percentiles, a column each.", null, 20],
  ["percentiles_array(number, which, …)", "Several percentiles as a list.", "percentiles_array", 20],
  ["stdev(number)", "The standard deviation of a sample.", "stdev", 1],
  ["stdevif(number, condition)", "The same over rows for which a condition holds.", "stdevif", 2],
  ["variance(number)", "The variance of a sample.", "variance", 1],
  ["varianceif(number, condition)", "The same over rows for which a condition holds.", "varianceif", 2],
  ["make_list(value, size)", "A list of the values.", "make_list", 2],
  ["makelist(value, size)", "The same as make_list.", "make_list", 2],
  [
    "make_list_if(value, condition, size)",
    "The same over rows for which a condition holds.",
    "make_list_if",
    3,
  ],
  ["make_set(value, size)", "A list of the different values.", "make_set", 2],
  ["makeset(value, size)", "The same as make_set.", "make_set", 2],
  [
    "make_set_if(value, condition, size)",
    "The same over rows for which a condition holds.",
    "make_set_if",
    3,
  ],
  ["make_bag(object, size)", "One object of all objects' properties.", "make_bag", 2],
  [
    "make_bag_if(object, condition, size)",
    "The same over rows for which a condition holds.",
    "make_bag_if",
    3,
  ],
  ["take_any(value)", "The value of some row.", "take_any", 1],
  ["any(value)", "The same as take_any.", "take_any", 1],
  ["take_anyif(value, condition)", "The value of some row for which a condition holds.", "take_anyif", 2],
];

export const AGGREGATE_TABLE: ReadonlyMap<string, AggregateEntry> = new Map(
  AGGREGATE_ROWS.map(([usage, summary, op, most]): [string, AggregateEntry] => {
    const name = nameIn(usage);
    return [name, { name, usage, summary, op, most }];
  }),
);

/** Every name that a query may call, for completion and for the test of the reference. */
export function functionNames(): readonly string[] {
  return [...new Set([...FUNCTIONS.keys(), ...AGGREGATE_TABLE.keys()])];
}
