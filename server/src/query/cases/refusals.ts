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
  { text: "Events | join Events on id", code: "unsupported-operator", at: "join Events on id" },
  { text: "union Events, Alerts", code: "unsupported-operator", at: "union Events, Alerts" },
  { text: "Events | render timechart", code: "unsupported-operator", at: "render timechart" },
  { text: "print 1", code: "unsupported-operator", at: "print 1" },
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
  { text: "Events | where hash_sha256(raw) == 'x'", code: "unsupported-function", at: "hash_sha256(raw)" },
  { text: "Events | where source.port == 'abc'", code: "type-mismatch", at: "source.port == 'abc'" },
  { text: "Events | where toupper(raw) == 1", code: "type-mismatch", at: "toupper(raw) == 1" },
  { text: "Events | where raw matches regex '(a'", code: "bad-pattern", at: "'(a'" },
  { text: "Events | where raw matches regex @'(a)\\1'", code: "bad-pattern", at: "@'(a)\\1'" },
  { text: "Events | where raw has message", code: "constant-needed", at: "message" },
  {
    text: "Events | where ipv4_is_in_range(source.ip, 'x')",
    code: "bad-network",
    at: "ipv4_is_in_range(source.ip, 'x')",
  },
  {
    text: "Events | summarize arg_max(timestamp, *) by user.name",
    code: "unsupported",
    at: "summarize arg_max(timestamp, *) by user.name",
  },
  {
    text: "Events | summarize percentile(port, 95)",
    code: "unsupported-function",
    at: "percentile(port, 95)",
  },
  { text: "Events | summarize count() + 1", code: "unsupported", at: "count() + 1" },
  { text: "Events | summarize by event.type", code: "ks116", at: "event.type" },
  { text: "Events | take -1", code: "constant-needed", at: "-1" },
  {
    text: "Events | where timestamp > ago(source.port * 1s)",
    code: "constant-needed",
    at: "source.port * 1s",
  },
  { text: "Events | where id in ((Alerts | project id))", code: "unsupported", at: "Alerts | project id" },
  {
    text: `Events | extend x = ${"parse_json(tostring(".repeat(12)}raw${"))".repeat(12)}`,
    code: "too-complex",
    at: `${"tostring(parse_json(".repeat(4)}tostring(raw)${"))".repeat(4)}`,
  },
  { text: "Events | where bin(timestamp, 0s) == now()", code: "constant-needed", at: "0s" },
];
