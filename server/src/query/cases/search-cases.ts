/** One behaviour of the search bar: which events (by ordinal, newest first) it finds. */
export interface SearchCase {
  readonly name: string;
  readonly text: string;
  readonly finds: readonly number[];
}

const ALL = [12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 11];

export const SEARCH_CASES: readonly SearchCase[] = [
  { name: "nothing-asked", text: "", finds: ALL },
  { name: "star", text: "*", finds: ALL },
  { name: "word-ignores-case", text: "FAILED", finds: [2, 1] },
  { name: "words-must-all-occur", text: "failed root", finds: [1] },
  { name: "word-is-a-whole-word", text: "fail", finds: [10] },
  { name: "word-prefix", text: "fail*", finds: [10, 2, 1] },
  { name: "word-suffix", text: "*ailed", finds: [2, 1] },
  { name: "word-anywhere", text: "*assw*", finds: [2, 1] },
  { name: "word-with-inner-wildcard", text: "pub*key", finds: [3] },
  { name: "phrase", text: '"invalid user"', finds: [2] },
  { name: "address-as-text-is-whole", text: "10.0.0.5", finds: [10] },
  { name: "address-part-is-no-address", text: "0.113.7", finds: [] },
  { name: "word-beyond-ascii", text: "café", finds: [9] },
  { name: "word-with-signs", text: '"{p0:String}"', finds: [9] },
  { name: "apostrophe", text: "it's", finds: [9] },
  { name: "field-ignores-case", text: "user.name:admin", finds: [2] },
  { name: "field-is-the-whole-value", text: "user.name:adm", finds: [] },
  { name: "field-wildcard", text: "user.name:adm*", finds: [2] },
  { name: "field-with-backslash", text: "user.name:EXAMPLE\\erin", finds: [8] },
  { name: "field-quoted", text: 'related.user:"erin example"', finds: [8] },
  { name: "field-path", text: "process.executable:c:\\windows\\\\*", finds: [8] },
  { name: "list-field", text: "event.type:denied", finds: [4] },
  { name: "list-field-wildcard", text: "event.type:a*", finds: [7, 6, 5] },
  { name: "address-field", text: "source.ip:203.0.113.77", finds: [2, 1] },
  { name: "address-field-ipv6", text: "source.ip:2001:DB8:0::17", finds: [3] },
  { name: "address-network", text: "source.ip:203.0.113.0/24", finds: [7, 6, 2, 1] },
  { name: "address-network-ipv6", text: "source.ip:2001:db8::/32", finds: [3] },
  { name: "address-wildcard", text: "source.ip:203.0.113.7*", finds: [2, 1] },
  { name: "address-list", text: "related.ip:2001:db8::7", finds: [8] },
  { name: "address-list-network", text: "related.ip:192.0.2.0/26", finds: [] },
  { name: "alias-src", text: "src_ip:198.51.100.9 action:deny", finds: [4] },
  { name: "alias-port", text: "dst_ip:192.0.2.10 port:22", finds: [4, 11] },
  { name: "number", text: "http.response.status_code:404", finds: [6] },
  { name: "number-above", text: "http.response.status_code:>=400", finds: [6] },
  { name: "number-range", text: "source.port:[4431 TO 40022]", finds: [5, 4, 3] },
  { name: "number-range-without-ends", text: "source.port:{4431 TO 40022}", finds: [5] },
  { name: "number-range-open", text: "source.port:[40022 TO *]", finds: [3, 2, 1] },
  { name: "number-zero-is-not-missing", text: "event.severity:0", finds: [12] },
  { name: "time-range", text: "timestamp:>=2026-03-10T11:30:00Z", finds: [12, 10, 9] },
  { name: "field-exists", text: "source.port:*", finds: [5, 4, 3, 2, 1] },
  { name: "field-missing", text: "-source.ip:* -message:*", finds: [9, 8] },
  { name: "not-takes-missing-in", text: "-event.outcome:failure event.category:web", finds: [7] },
  {
    name: "not-number-takes-missing-in",
    text: "not http.response.status_code:404 -source.ip:203.0.113.77",
    finds: [12, 10, 9, 8, 7, 5, 4, 3, 11],
  },
  { name: "or", text: "event.action:deny or user.name:deploy", finds: [4, 3, 11] },
  {
    name: "and-binds-tighter",
    text: "event.action:deny or user.name:root and event.outcome:success",
    finds: [4, 11],
  },
  { name: "parentheses", text: "(event.action:deny or user.name:root) event.outcome:failure", finds: [1] },
  { name: "field-group", text: "user.name:(root or deploy)", finds: [3, 1] },
  { name: "negated-group", text: "host.name:web-01 -(user.name:root or user.name:deploy)", finds: [2] },
  { name: "vendor-text", text: "cisco.asa.message_id:106023", finds: [4] },
  { name: "vendor-number", text: "cisco.asa.severity:<5", finds: [4] },
  { name: "vendor-exists", text: "cisco.asa.severity:*", finds: [5, 4] },
  { name: "vendor-object", text: "winlog.event_data.TargetUserName:ERIN", finds: [8] },
  { name: "vendor-object-deeper", text: "winlog.event_data.Nested.Level:3", finds: [8] },
  { name: "known-field-without-column", text: "process.thread.id:99", finds: [8] },
  { name: "event-id", text: "id:00000000000000a1-4", finds: [4] },
  { name: "source", text: "source:00000000000000b1 failed", finds: [2, 1] },
  { name: "message-field", text: "message:password", finds: [2, 1] },
  { name: "negated-word", text: "-password host.name:web-01", finds: [3] },
  { name: "url-is-text", text: "http://example.com", finds: [] },
  { name: "quotes-and-comments-stay-text", text: 'url.path:"/shop/\' OR 1=1--"', finds: [6] },
];

export const KQL_OF_TEXT: ReadonlyMap<string, string> = new Map([
  ["", "Events"],
  [
    "failed root",
    'Events\n| where (raw has "failed" or message has "failed") and (raw has "root" or message has "root")',
  ],
  [
    "source.ip:203.0.113.0/24 -port:22",
    'Events\n| where ipv4_is_in_range(source.ip, "203.0.113.0/24") and not(port == 22)',
  ],
  [
    "user.name:adm* or cisco.asa.x:*",
    'Events\n| where user.name startswith "adm" or isnotempty(cisco.asa.x)',
  ],
]);
