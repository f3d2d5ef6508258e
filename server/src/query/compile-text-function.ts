import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { jsonArray, textElements } from "./dynamic-values.ts";
import { asText } from "./engine-value.ts";
import type { Arguments, Emitter } from "./function-arguments.ts";
import type { TextFunction } from "./function-names.ts";
import { refuse } from "./refusal.ts";
import { userAgentJson } from "./user-agent.ts";

/** Times that a text may be repeated. */
const MAX_REPEATS = 1_024;

export const TEXT_EMITTERS: Readonly<Record<TextFunction, Emitter>> = {
  base64_decode_tostring: (call) => call.result(sql`tryBase64Decode(${call.text(0)})`),
  base64_encode_tostring: (call) => call.result(sql`base64Encode(${call.text(0)})`),
  countof: (call) =>
    call.count > 2 && call.constantText(2, '"normal" or "regex"') === "regex"
      ? call.result(sql`toInt64(countMatches(${call.text(0)}, ${param("String", call.pattern(1))}))`, false)
      : call.result(
          sql`if(${call.text(1)} = '', 0, toInt64(intDiv(length(${call.text(0)}) - length(replaceAll(${call.text(0)}, ${call.text(1)}, '')), length(${call.text(1)}))))`,
          false,
        ),
  extract_all: extractAll,
  hash_md5: (call) => call.result(sql`lower(hex(MD5(${call.text(0)})))`),
  hash_sha1: (call) => call.result(sql`lower(hex(SHA1(${call.text(0)})))`),
  hash_sha256: (call) => call.result(sql`lower(hex(SHA256(${call.text(0)})))`),
  hash_xxhash64: (call) => {
    const hash = sql`reinterpretAsInt64(xxHash64(${call.text(0)}))`;
    return call.result(call.count > 1 ? sql`positiveModulo(${hash}, nullIf(${call.whole(1)}, 0))` : hash);
  },
  indexof: (call) => {
    const start =
      call.count > 2 ? sql`toUInt64(greatest(ifNull(${call.whole(2)}, 0), 0) + 1)` : sql`toUInt64(1)`;
    return call.result(sql`(toInt64(positionUTF8(${call.text(0)}, ${call.text(1)}, ${start})) - 1)`, false);
  },
  parse_command_line: (call) => {
    const kind = call.constantText(1, 'write "windows"');
    if (kind.toLowerCase() !== "windows") {
      refuse(
        "unsupported",
        "Command lines of Windows only",
        call.operand(1).expression.span,
        'write "windows"',
      );
    }
    // Blanks part the arguments, but not within quotes; a quote is dropped unless a backslash stands before it.
    const pieces = sql`extractAll(${call.text(0)}, ${param("String", '(?:[^\\s"\\\\]|\\\\.|\\\\|"(?:[^"\\\\]|\\\\.)*"?)+')})`;
    const bare = sql`replaceRegexpAll(e, ${param("String", '(^|[^\\\\])"')}, ${param("String", "\\1")})`;
    return call.strings(sql`arrayMap(e -> replaceAll(${bare}, ${param("String", '\\"')}, '"'), ${pieces})`);
  },
  parse_csv: (call) => {
    const cells = sql`extractAll(concat(',', ${call.text(0)}), ${param("String", ',("(?:[^"]|"")*"|[^,]*)')})`;
    const bare = sql`if(startsWith(e, '"'), replaceAll(substring(e, 2, greatest(toInt64(length(e)) - 2, 0)), '""', '"'), e)`;
    return call.strings(sql`arrayMap(e -> ${bare}, ${cells})`);
  },
  parse_group: (call) => {
    const groups = sql`extractGroups(${call.text(0)}, ${param("String", call.constantText(1, ""))})`;
    return call.result(sql`arrayElement(${groups}, ${param("Int64", call.constantNumber(2))})`);
  },
  parse_path: parsePath,
  parse_url: parseUrl,
  parse_urlquery: (call) =>
    call.json(
      sql`concat('{"Query Parameters":', ${queryParameters(sql`concat('http://x/?', ${call.text(0)})`)}, '}')`,
    ),
  parse_user_agent: (call) =>
    call.json(
      userAgentJson(
        call.text(0),
        call.count > 1 ? textElementsOfConstant(call, 1) : ["browser", "os", "device"],
      ),
    ),
  parse_version: (call) => {
    // Four parts of eight digits, as the decimals of one number: versions compare as numbers do.
    const parts = sql`splitByChar('.', ${call.text(0)})`;
    const part = (index: number, weight: string): BoundQuery =>
      sql`toInt64(ifNull(toUInt32OrNull(arrayElement(${parts}, ${param("Int64", index)})), 0)) * ${param("Int64", weight)}`;
    const isVersion = sql`match(${call.text(0)}, ${param("String", "^\\d{1,4}(\\.\\d{1,4}){0,3}$")})`;
    return call.result(
      sql`if(${isVersion}, ${part(1, "1000000000000")} + ${part(2, "100000000")} + ${part(3, "10000")} + ${part(4, "1")}, NULL)`,
    );
  },
  replace_regex: (call) =>
    call.result(
      sql`replaceRegexpAll(${call.text(0)}, ${param("String", call.pattern(1))}, ${param("String", call.constantText(2, 'write "$1"').replace(/\$(\d)/g, "\\$1"))})`,
    ),
  reverse: (call) => call.result(sql`reverseUTF8(${call.text(0)})`),
  split: (call) => {
    const parts = sql`if(${call.text(0)} = '', [''], splitByString(${call.text(1)}, ${call.text(0)}))`;
    if (call.count < 3) return call.strings(parts);
    return call.strings(sql`arraySlice(${parts}, greatest(ifNull(${call.whole(2)}, 0), 0) + 1, 1)`);
  },
  strcat_array: (call) =>
    call.result(
      sql`arrayStringConcat(${textElements(call.value(0))}, ${param("String", call.constantText(1, 'write ", "'))})`,
    ),
  strcat_delim: (call) => {
    const [, ...texts] = call.values();
    return call.result(
      sql`arrayStringConcat([${joinSql(texts.map(asText), ", ")}], ${param("String", call.constantText(0, 'write "-"'))})`,
    );
  },
  strcmp: (call) =>
    call.result(
      sql`multiIf(${call.text(0)} < ${call.text(1)}, -1, ${call.text(0)} > ${call.text(1)}, 1, 0)`,
      false,
    ),
  strrep: (call) => {
    const times = sql`least(greatest(ifNull(${call.whole(1)}, 0), 0), ${param("Int64", MAX_REPEATS)})`;
    const delimiter = call.count > 2 ? call.constantText(2, 'write ","') : "";
    return call.result(
      sql`arrayStringConcat(arrayMap(e -> ${call.text(0)}, range(toUInt64(${times}))), ${param("String", delimiter)})`,
    );
  },
  tohex: (call) => {
    const hex = sql`lower(trimLeft(hex(reinterpretAsUInt64(${call.whole(0)})), '0'))`;
    const digits = sql`if(${hex} = '', '0', ${hex})`;
    if (call.count < 2) return call.result(sql`ifNull(${digits}, '')`);
    return call.result(
      sql`ifNull(leftPad(${digits}, greatest(toUInt64(${param("UInt64", Math.max(0, call.constantNumber(1)))}), length(${digits})), '0'), '')`,
    );
  },
  translate: (call) => {
    const [from, to] = [call.constantText(0, ""), call.constantText(1, "")];
    const last = to.at(-1) ?? "";
    const padded = to === "" ? "" : to.padEnd(from.length, last).slice(0, from.length);
    if (padded === "") {
      const cut = [...from].map((each) => sql`${param("String", each)}`);
      return call.result(cut.reduce((text, each) => sql`replaceAll(${text}, ${each}, '')`, call.text(2)));
    }
    return call.result(
      sql`translateUTF8(${call.text(2)}, ${param("String", from)}, ${param("String", padded)})`,
    );
  },
  trim: (call) => call.result(trimmedEnd(call, trimmedStart(call, call.text(1)))),
  trim_end: (call) => call.result(trimmedEnd(call, call.text(1))),
  trim_start: (call) => call.result(trimmedStart(call, call.text(1))),
  url_decode: (call) => call.result(sql`decodeURLComponent(${call.text(0)})`),
  url_encode: (call) => call.result(sql`encodeURLComponent(${call.text(0)})`),
};

const trimmedStart = (call: Arguments, text: BoundQuery): BoundQuery =>
  sql`replaceRegexpOne(${text}, ${param("String", `^(?:${call.pattern(0)})`)}, '')`;
const trimmedEnd = (call: Arguments, text: BoundQuery): BoundQuery =>
  sql`replaceRegexpOne(${text}, ${param("String", `(?:${call.pattern(0)})$`)}, '')`;

/** One group: its texts. Several: a list of each match's groups. */
function extractAll(call: Arguments): ReturnType<Emitter> {
  const [places, text] = call.count > 2 ? [call.operand(1), 2] : [undefined, 1];
  const pattern = call.pattern(0);
  const wanted = places === undefined ? undefined : constantNumbers(places.expression, call);
  const groups = sql`extractAllGroupsVertical(${call.text(text)}, ${param("String", pattern)})`;
  const count =
    new RegExp(
      `${pattern
        .replace(/^\(\?-s\)/, "")
        .replace(/\(\?P?</g, "(?<")
        .replace(/\(\?[a-zA-Z-]+\)/g, "")}|`,
    ).exec("")?.length ?? 1;
  if (count === 1) {
    refuse(
      "constant-needed",
      "The pattern of `extract_all` has a group",
      call.operand(0).expression.span,
      "put parentheses around what you want",
    );
  }
  if (count === 2 && wanted === undefined) return call.strings(sql`arrayMap(g -> g[1], ${groups})`);
  const only =
    wanted === undefined ? sql`g` : sql`arrayMap(i -> arrayElement(g, i), ${param("Array(Int64)", wanted)})`;
  return call.json(jsonArray(sql`arrayMap(g -> toJSONString(${only}), ${groups})`));
}

function constantNumbers(
  expression: { readonly kind: string; readonly value?: unknown; readonly span: Arguments["span"] },
  call: Arguments,
): readonly number[] {
  const list: unknown =
    expression.kind === "literal" && typeof expression.value === "string"
      ? JSON.parse(expression.value)
      : undefined;
  if (Array.isArray(list) && list.every((each): each is number => Number.isInteger(each) && Number(each) > 0))
    return list;
  return refuse(
    "constant-needed",
    "The groups are a constant list of numbers",
    call.span,
    "write dynamic([1, 2])",
  );
}

function textElementsOfConstant(call: Arguments, index: number): readonly string[] {
  const { expression } = call.operand(index);
  const value = expression.kind === "literal" ? expression.value : undefined;
  const list: unknown =
    expression.type === "dynamic" && typeof value === "string" ? JSON.parse(value) : [value];
  if (Array.isArray(list) && list.every((each): each is string => typeof each === "string")) return list;
  return refuse(
    "constant-needed",
    "What to look for is a constant",
    expression.span,
    'write "browser", "os" or "device"',
  );
}

function queryParameters(url: BoundQuery): BoundQuery {
  const name = sql`decodeURLComponent(substring(q, 1, position(concat(q, '='), '=') - 1))`;
  const value = sql`decodeURLComponent(substring(q, position(concat(q, '='), '=') + 1))`;
  const pairs = sql`arrayMap(q -> concat(toJSONString(${name}), ':', toJSONString(${value})), extractURLParameters(${url}))`;
  return sql`concat('{', arrayStringConcat(${pairs}, ','), '}')`;
}

function parseUrl(call: Arguments): ReturnType<Emitter> {
  const url = call.text(0);
  const part = (pattern: string): BoundQuery => sql`extract(${url}, ${param("String", pattern)})`;
  const authority = "^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?";
  const members: readonly (readonly [string, BoundQuery])[] = [
    ["Scheme", sql`protocol(${url})`],
    ["Host", part(`${authority}(\\[[^\\]]*\\]|[^/?#:]*)`)],
    ["Port", part(`${authority}(?:\\[[^\\]]*\\]|[^/?#:]*):(\\d+)`)],
    ["Path", part("^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)")],
    ["Username", part("^[A-Za-z][A-Za-z0-9+.-]*://([^/?#@:]*)(?::[^/?#@]*)?@")],
    ["Password", part("^[A-Za-z][A-Za-z0-9+.-]*://[^/?#@:]*:([^/?#@]*)@")],
    ["Fragment", part("#(.*)$")],
  ];
  const texts = members.map(
    ([name, value]) => sql`concat(${param("String", `"${name}":`)}, toJSONString(${value}), ',')`,
  );
  return call.json(
    sql`concat('{', ${joinSql(texts, ", ")}, '"Query Parameters":', ${queryParameters(url)}, '}')`,
  );
}

function parsePath(call: Arguments): ReturnType<Emitter> {
  const path = call.text(0);
  const part = (pattern: string): BoundQuery => sql`extract(${path}, ${param("String", pattern)})`;
  const members: readonly (readonly [string, BoundQuery])[] = [
    ["Scheme", part("^([A-Za-z][A-Za-z0-9+.-]+)://")],
    ["RootPath", part("^([A-Za-z]:)")],
    ["DirectoryPath", part("^(.*)[\\\\/][^\\\\/]*$")],
    ["DirectoryName", part("([^\\\\/]*)[\\\\/][^\\\\/]*$")],
    ["Filename", part("([^\\\\/]*)$")],
    ["Extension", part("\\.([^.\\\\/]*)$")],
    ["AlternateDataStreamName", part("[\\\\/][^\\\\/:]*:([^\\\\/:]*)$")],
  ];
  const texts = members.map(
    ([name, value]) => sql`concat(${param("String", `"${name}":`)}, toJSONString(${value}))`,
  );
  return call.json(
    sql`concat('{', ${joinSql(
      texts.flatMap((each, index) => (index === 0 ? [each] : [sql`','`, each])),
      ", ",
    )}, '}')`,
  );
}
