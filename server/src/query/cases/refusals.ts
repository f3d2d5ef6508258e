/** What is refused: with which code, and which part of the text is underlined. */
export interface RefusalCase {
  readonly text: string;
  readonly code: string;
  readonly at: string;
  readonly hint?: RegExp;
}

export const SEARCH_REFUSALS: readonly RefusalCase[] = [
  { text: "source.ipp:1", code: "unknown-field", at: "source.ipp", hint: /source\.ip\?/ },
  { text: "nonsense:1", code: "unknown-field", at: "nonsense" },
  { text: "(failed or", code: "missing-term", at: "" },
  { text: "(failed", code: "unclosed-parenthesis", at: "(" },
  { text: "failed)", code: "unexpected-parenthesis", at: ")" },
  { text: "or failed", code: "missing-term", at: "o", hint: /quote/ },
  { text: 'a "b', code: "unclosed-quote", at: '"b' },
  { text: "source.ip:", code: "missing-value", at: "source.ip" },
  { text: "source.ip:300.1.1.1", code: "bad-address", at: "300.1.1.1", hint: /192\.0\.2\.1/ },
  { text: "source.ip:[192.0.2.1 TO 192.0.2.9]", code: "no-address-range", at: "[192.0.2.1 TO 192.0.2.9]" },
  { text: "port:22a", code: "bad-number", at: "22a" },
  { text: "port:2*", code: "no-wildcard", at: "2*" },
  { text: "port:[1 TO", code: "unclosed-range", at: "[1 TO" },
  { text: "port:[1 9]", code: "bad-range", at: "[1 9]" },
  { text: "timestamp:>soon", code: "bad-time", at: "soon" },
  { text: `${"(".repeat(60)}a${")".repeat(60)}`, code: "too-deep", at: "(" },
  { text: Array.from({ length: 201 }, () => "a").join(" "), code: "too-many-terms", at: "a" },
];

export const KQL_REFUSALS: readonly RefusalCase[] = [
  { text: "", code: "empty-query", at: "" },
  { text: "Events | where foo == 1", code: "unknown-name", at: "foo" },
  { text: "Events | where source.ipp == 1", code: "unknown-field", at: "source.ipp", hint: /source\.ip\?/ },
  { text: "Events | where source_ip == 'x'", code: "unknown-name", at: "source_ip", hint: /source\.ip\?/ },
  { text: "Nowhere | take 1", code: "unknown-table", at: "Nowhere", hint: /Findings/ },
  { text: ".drop table Events", code: "not-a-query", at: ".drop table Events" },
  { text: ".show tables", code: "not-a-query", at: ".show tables" },
  { text: "Events | where raw == 'x", code: "ks001", at: "" },
  { text: "Events | frobnicate", code: "unknown-operator", at: "frobnicate" },
  { text: "Events | take 1; Events | take 2", code: "unsupported", at: "Events | take 2" },
  {
    text: "externaldata(a:string)['https://example.com/x']",
    code: "unsupported-operator",
    at: "externaldata(a:string)['https://example.com/x']",
  },
  {
    text: "cluster('x').database('y').Events",
    code: "unsupported-operator",
    at: "cluster('x').database('y').Events",
  },
  { text: "Events | where source.port == 'abc'", code: "type-mismatch", at: "source.port == 'abc'" },
  { text: "Events | where toupper(raw) == 1", code: "type-mismatch", at: "toupper(raw) == 1" },
  { text: "Events | where raw matches regex '(a'", code: "bad-pattern", at: "'(a'" },
  { text: "Events | where raw matches regex @'(a)\\1'", code: "bad-pattern", at: "@'(a)\\1'" },
  {
    text: "Events | where ipv4_is_in_range(source.ip, 'x')",
    code: "bad-network",
    at: "ipv4_is_in_range(source.ip, 'x')",
  },
  { text: "Events | summarize by event.type", code: "ks116", at: "event.type" },
  { text: "Events | take -1", code: "constant-needed", at: "-1" },
  {
    text: "Events | where timestamp > ago(source.port * 1s)",
    code: "constant-needed",
    at: "source.port * 1s",
  },
  {
    text: `Events | extend x = ${"parse_json(tostring(".repeat(12)}raw${"))".repeat(12)}`,
    code: "too-complex",
    at: `${"tostring(parse_json(".repeat(4)}tostring(raw)${"))".repeat(4)}`,
  },
  { text: "Events | where bin(timestamp, 0s) == now()", code: "constant-needed", at: "0s" },
  { text: "Events | where raw matches regex message", code: "constant-needed", at: "message" },
  {
    text: "Events | where geo_distance_2points(1, 2, 3, 4) > 1",
    code: "unsupported-function",
    at: "geo_distance_2points(1, 2, 3, 4)",
  },
  { text: "Events | summarize hll(user.name)", code: "unsupported-function", at: "hll(user.name)" },
  {
    text: "Events | evaluate bag_unpack(winlog.event_data)",
    code: "unsupported",
    at: "evaluate bag_unpack(winlog.event_data)",
    hint: /\*, name:string/,
  },
  { text: "Events | evaluate autocluster()", code: "unsupported-operator", at: "evaluate autocluster()" },
  {
    text: "Events | evaluate python(typeof(*), 'x')",
    code: "unsupported-operator",
    at: "evaluate python(typeof(*), 'x')",
  },
  { text: "find 'x'", code: "unsupported-operator", at: "find 'x'", hint: /search/ },
  {
    text: "Events | fork (take 1) (take 2)",
    code: "unsupported-operator",
    at: "fork (take 1) (take 2)",
    hint: /one question/,
  },
  {
    text: "Events | partition by user.name (take 1)",
    code: "unsupported-operator",
    at: "partition by user.name (take 1)",
    hint: /top-nested/,
  },
  {
    text: "Events | scan declare (x:long) with (step a: true => x = 1;)",
    code: "unsupported-operator",
    at: "scan declare (x:long) with (step a: true => x = 1;)",
    hint: /prev/,
  },
  { text: "Events | invoke FileProfile('x', 1)", code: "ks211", at: "FileProfile" },
  { text: "database('x').Events", code: "ks208", at: "'x'" },
  {
    text: "Events | join (Alerts) on $left.id != $right.id",
    code: "ks182",
    at: "$left.id != $right.id",
  },
  { text: "Events | mv-expand user.name", code: "ks141", at: "user.name" },
  {
    text: "Events | make-series count() on source.port step 10",
    code: "constant-needed",
    at: "step 10",
    hint: /from 0 to/,
  },
  {
    text: "Events | make-series count() on timestamp from ago(2d) to now() step 1s",
    code: "too-many-steps",
    at: "make-series count() on timestamp from ago(2d) to now() step 1s",
  },
  {
    text: "range x from 1 to 10000000 step 1",
    code: "too-many-steps",
    at: "range x from 1 to 10000000 step 1",
  },
  {
    text: "Events | parse kind=regex raw with '(a)' x",
    code: "bad-pattern",
    at: "parse kind=regex raw with '(a)' x",
    hint: /\(\?:/,
  },
  {
    text: "Events | parse kind=regex raw with '(?=a)' x",
    code: "bad-pattern",
    at: "parse kind=regex raw with '(?=a)' x",
  },
  {
    text: "Events | where raw matches regex '(a{1000}){1000}'",
    code: "bad-pattern",
    at: "'(a{1000}){1000}'",
  },
  { text: "Events | extend x = prev(user.name, source.port)", code: "constant-needed", at: "source.port" },
  {
    text: "Events | top 3 by prev(source.port)",
    code: "unsupported",
    at: "prev(source.port)",
    hint: /extend/,
  },
  { text: "Events | extend x = datetime_add('fortnight', 1, timestamp)", code: "ks140", at: "'fortnight'" },
  {
    text: "Events | extend x = format_datetime(timestamp, 'qq')",
    code: "bad-format",
    at: "'qq'",
    hint: /yyyy/,
  },
  { text: "Events | extend x = extract_json('a.b', raw)", code: "bad-path", at: "'a.b'" },
  { text: "Events | extend x = parse_command_line(raw, 'linux')", code: "unsupported", at: "'linux'" },
  {
    text: "Events | top-nested 2 of user.name with others='x' by count()",
    code: "unsupported",
    at: "with others='x'",
  },
  {
    text: "Events | extend x = geo_info_from_ip_address('192.0.2.1')",
    code: "unsupported",
    at: "geo_info_from_ip_address('192.0.2.1')",
    hint: /source\.geo/,
  },
  { text: "set notruncation; Events", code: "unsupported", at: "set notruncation", hint: /limits/ },
  { text: "let f = (T:(*)) { T | take 1 }; f(Events)", code: "unsupported", at: "*", hint: /user:string/ },
  {
    text: `Events ${"| where true ".repeat(61)}`,
    code: "too-many-operators",
    at: `Events ${"| where true ".repeat(61)}`.trim(),
  },
  {
    text: `let a = Events; ${"bcdefghij".replace(/./g, (name) => `let ${name} = union ${String.fromCharCode(name.charCodeAt(0) - 1)}, ${String.fromCharCode(name.charCodeAt(0) - 1)}; `)}j`,
    code: "too-many-tables",
    at: "union e, e",
  },
];
