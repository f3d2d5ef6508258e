/** The behaviours that `docs/reference/sigma.md` numbers, as one table: detection, event, and whether it matches. */
import { describe, expect, it } from "vitest";
import { eventId, micros, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue, OriginId } from "@tyto/domain";
import { factsOf } from "./logsource/facts.ts";
import { loadRuleSet } from "./load-rule-set.ts";
import { Subject } from "./match/subject.ts";
import type { RuleSet } from "./rule-set.ts";

type Fields = Readonly<Record<string, FieldValue>>;

function event(fields: Fields, raw = ""): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, 1),
    sequence: sequence(1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(1),
    timeOrigin: "event",
    ingested: micros(1),
    pack: "linux-auth",
    fields: Object.assign(Object.create(null) as Fields, fields),
    raw: new TextEncoder().encode(raw),
  };
}

/** A detection in flow style, one line per entry, so that backslashes are Sigma's own: values stand in single quotes. */
function load(detection: string, placeholders = new Map<string, readonly string[]>()): RuleSet {
  const body = detection.includes("condition:") ? detection : `${detection}\ncondition: sel`;
  const text = `title: T\nlogsource: {product: linux}\ndetection:\n${body.replace(/^/gm, "  ")}\n`;
  return loadRuleSet([{ path: "rule.yml", text }], { placeholders });
}

function matches(detection: string, one: Event, placeholders?: Map<string, readonly string[]>): boolean {
  const ruleSet = load(detection, placeholders);
  const [rule] = ruleSet.eventRules;
  if (rule === undefined) throw new Error(JSON.stringify(ruleSet.diagnostics));
  return rule.logsource.admits(factsOf(one)) && rule.matcher.test(new Subject(one));
}

type Row = readonly [about: string, detection: string, matching: readonly Fields[], other: readonly Fields[]];

const A = (value: FieldValue): Fields => ({ A: value });

const ROWS: readonly Row[] = [
  ["1 ignores case", "sel: {A: 'Cmd.EXE'}", [A("cMD.exe"), A("CMD.EXE")], [A("cmd.exe ")]],
  ["1 ignores case beyond ASCII", "sel: {A: 'ÄÉΣ'}", [A("äéς"), A("äéσ")], [A("aes")]],
  ["1 folds one character to one", "sel: {A: 'STRASSE'}", [A("straſſe")], [A("straße")]],
  ["1 keeps İ and ı apart from i", "sel: {A: 'i'}", [A("I")], [A("İ"), A("ı")]],
  ["1 takes the Kelvin sign for k", "sel: {A: 'k'}", [A("\u212a")], []],
  ["2 cased", "sel: {A|cased: 'Cmd'}", [A("Cmd")], [A("cmd")]],
  ["2 cased contains", "sel: {A|contains|cased: 'md'}", [A("cmd")], [A("cMD")]],
  ["2 cased startswith", "sel: {A|startswith|cased: 'Cm'}", [A("Cmd")], [A("cmd")]],
  ["3 * runs over line breaks", "sel: {A: 'a*z'}", [A("a\n\nz"), A("az")], [A("zaz "), A("baz")]],
  ["3 ? is one code point", "sel: {A: 'a?c'}", [A("abc"), A("a😀c"), A("a\nc")], [A("ac"), A("abbc")]],
  ["3 ? at the end", "sel: {A: '*a?'}", [A("xab"), A("xa😀")], [A("xa"), A("xabc")]],
  ["3 many wildcards", "sel: {A: '*a*b?d*e'}", [A("xxaxxbcdxxe")], [A("xxaxxbcde e."), A("bcd a e")]],
  ["4 the whole field", "sel: {A: 'cmd'}", [A("cmd")], [A("cmd.exe"), A("xcmd")]],
  ["4 contains", "sel: {A|contains: 'cmd'}", [A("xcmdx")], [A("cxmd")]],
  ["4 startswith", "sel: {A|startswith: 'cmd'}", [A("cmdx")], [A("xcmd")]],
  ["4 endswith", "sel: {A|endswith: 'cmd'}", [A("xcmd")], [A("cmdx")]],
  ["5 \\* is an asterisk", "sel: {A: 'a\\*b'}", [A("a*b")], [A("axb")]],
  ["5 \\? is a question mark", "sel: {A: 'a\\?b'}", [A("a?b")], [A("axb")]],
  ["5 \\\\* is a backslash and anything", "sel: {A: 'a\\\\*'}", [A("a\\b"), A("a\\")], [A("ab")]],
  ["5 \\\\\\* is a backslash and an asterisk", "sel: {A: 'a\\\\\\*'}", [A("a\\*")], [A("a\\b")]],
  [
    "5 a backslash before others is itself",
    "sel: {A: 'C:\\Windows\\x'}",
    [A("c:\\windows\\X")],
    [A("c:windowsx")],
  ],
  ["5 two are one", "sel: {A: 'a\\\\b'}", [A("a\\b")], [A("a\\\\b")]],
  ["5 four are two", "sel: {A: 'a\\\\\\\\b'}", [A("a\\\\b")], [A("a\\b")]],
  ["5 a trailing one is itself", "sel: {A: 'dir\\'}", [A("dir\\")], [A("dir")]],
  ["6 wildcards live in contains", "sel: {A|contains: 'a*c'}", [A("xabcx")], [A("xcax")]],
  ["6 wildcards live in endswith", "sel: {A|endswith: '\\x?.exe'}", [A("c:\\x1.EXE")], [A("c:\\x12.exe")]],
  ["7 contains a trailing backslash", "sel: {A|contains: '\\tmp\\'}", [A("c:\\tmp\\x")], [A("c:\\tmp")]],
  ["8 re searches, with case", "sel: {A|re: 'a.c'}", [A("xabcx")], [A("xABCx"), A("a\nc")]],
  ["8 re is raw", "sel: {A|re: '^a\\\\b\\d+$'}", [A("a\\b12")], [A("ab12")]],
  ["8 re|i", "sel: {A|re|i: 'AbC'}", [A("xaBcx")], [A("axbc")]],
  ["8 re inline (?i)", "sel: {A|re: '(?i)AbC'}", [A("xaBcx")], [A("axbc")]],
  ["8 re|m", "sel: {A|re|m: '^b$'}", [A("a\nb\nc")], [A("ab")]],
  ["8 re|s", "sel: {A|re|s: 'a.c'}", [A("a\nc")], [A("ac")]],
  ["8 re on a number", "sel: {A|re: '^4[67]\\d\\d$'}", [A(4688), A("4700")], [A(4888)]],
  ["8 re with an alternative", "sel: {A|re: 'foo|bar'}", [A("xbarx"), A("foo")], [A("baz")]],
  [
    "8 re with an optional literal",
    "sel: {A|re: 'https?://evil'}",
    [A("http://evil"), A("https://evil")],
    [A("http:/evil")],
  ],
  ["9 contains after re only widens", "sel: {A|re|contains: 'b.d'}", [A("abcde")], [A("abde")]],
  ["10 all", "sel: {A|contains|all: ['a', 'b']}", [A("xbax")], [A("xax")]],
  ["10 all with windash", "sel: {A|contains|all|windash: ['-a ', '-b ']}", [A("x /a –b ")], [A("x /a ")]],
  ["11 all on one value", "sel: {A|contains|all: 'a'}", [A("xax")], [A("x")]],
  ["12 keywords with all", "sel: {'|all': ['foo', 'bar']}", [{ A: "xfoox", B: ["bar"] }], [A("foo")]],
  [
    "13 keywords: any value, as a part of it",
    "sel: ['evil']",
    [A("xEVILx"), { B: { c: ["evil"] } }],
    [{ evil: "x" }],
  ],
  ["13 keywords: numbers as text", "sel: [6]", [A(16), A("6")], [A(5)]],
  ["14 a list of maps is any of them", "sel: [{A: 1, B: 2}, {A: 3}]", [{ A: 1, B: 2 }, A(3)], [A(1)]],
  ["14 a map is all of it", "sel: {A: 1, B: 2}", [{ A: 1, B: 2 }], [{ A: 1, B: 3 }]],
  ["15 null is absent or null", "sel: {A: null}", [{}, A(null)], [A(""), A("x")]],
  ["15 '' is present and empty", "sel: {A: ''}", [A("")], [{}, A(null), A(" ")]],
  ["16 '' in a list", "sel: {A: ['', 'x']}", [A(""), A("X")], [{}]],
  ["16 null in a list", "sel: {A: [null, 'x']}", [{}, A("x")], [A("y")]],
  ["17 int and text", "sel: {A: 1}", [A(1), A("1")], [A(11), A("01")]],
  ["17 text and int", "sel: {A: '1'}", [A(1), A("1")], [A(11)]],
  ["18 bool and text", "sel: {A: true}", [A(true), A("True")], [A(false), A("1")]],
  ["18 text and bool", "sel: {A: 'False'}", [A(false), A("false")], [A(true)]],
  ["19 gte", "sel: {A|gte: 5}", [A(5), A("7"), A("5.5"), A("1e3")], [A(4), A("x"), A(""), {}]],
  ["19 gt, lt, lte", "sel: {A|gt: 1, B|lt: 5, C|lte: 3}", [{ A: 2, B: 4, C: 3 }], [{ A: 1, B: 4, C: 3 }]],
  ["20 int with contains is text", "sel: {A|contains: 88}", [A("4688"), A(4688)], [A("4678")]],
  ["21 any element of a list", "sel: {A: 'b'}", [A(["a", "B"])], [A(["a"])]],
  ["21 all by different elements", "sel: {A|contains|all: ['a', 'b']}", [A(["xa", "bx"])], [A(["xa", "ax"])]],
  ["22 neq on a list, absent matches", "sel: {A|neq: ['a', 'b']}", [A("c"), {}], [A("a"), A("B")]],
  ["23 exists", "sel: {A|exists: true}", [A("x"), A(null), A("")], [{}]],
  ["23 exists: false", "sel: {A|exists: false}", [{}], [A(null), A("")]],
  ["24 fieldref", "sel: {A|fieldref: B}", [{ A: "x", B: "X" }], [{ A: "x", B: "y" }, A("x"), {}]],
  [
    "24 fieldref with endswith",
    "sel: {A|fieldref|endswith: B}",
    [{ A: "abc", B: "BC" }],
    [{ A: "abc", B: "ab" }],
  ],
  ["24 fieldref with neq", "sel: {A|fieldref|neq: B}", [{ A: "x", B: "y" }], [{ A: "x", B: "X" }]],
  [
    "25 cidr v4",
    "sel: {A|cidr: '192.0.2.0/25'}",
    [A("192.0.2.127"), A("::ffff:192.0.2.1")],
    [A("192.0.2.128"), A("x"), A("192.0.2")],
  ],
  [
    "25 cidr v6",
    "sel: {A|cidr: '2001:DB8::/33'}",
    [A("2001:db8:7fff::1"), A("2001:0db8:0:0::2%eth0")],
    [A("2001:db8:8000::"), A("192.0.2.1")],
  ],
  [
    "25 cidr on a list",
    "sel: {A|cidr: ['10.0.0.0/8', '::1/128']}",
    [A(["198.51.100.1", "10.1.2.3"]), A("::1")],
    [A("11.0.0.1")],
  ],
  ["25 cidr of everything v6 has no v4", "sel: {A|cidr: '::/0'}", [A("2001:db8::1")], [A("192.0.2.1")]],
  [
    "26 windash",
    "sel: {A|contains|windash: ' -enc x-y'}",
    [A("p /ENC x-y"), A("p —enc x-y"), A("p ―enc x-y")],
    [A("p +enc x-y"), A("p /enc x/y")],
  ],
  ["26 windash on a slash", "sel: {A|endswith|windash: '/s'}", [A("x -s"), A("x –s")], [A("x s")]],
  ["27 base64", "sel: {A|base64|contains: 'ping'}", [A("x cGluZw== y")], [A("ping")]],
  [
    "27 base64offset",
    "sel: {A|base64offset|contains: 'http://evil'}",
    [A(btoa("http://evil")), A(btoa("x http://evil y")), A(btoa("xx http://evil"))],
    [A(btoa("http://good"))],
  ],
  ["27 base64offset counts bytes", "sel: {A|base64offset|contains: 'é'}", [A("w6k="), A("eMOp")], [A("xyz")]],
  [
    "27 base64 is as case-blind as other texts",
    "sel: {A|base64|contains|cased: 'ping'}",
    [A("cGluZw==")],
    [A("CGLUZW==")],
  ],
  ["28 wide before base64", "sel: {A|wide|base64|contains: 'cmd'}", [A("YwBtAGQA")], [A("Y21k")]],
  ["28 utf16 has a mark", "sel: {A|utf16|base64: 'cmd'}", [A("//5jAG0AZAA=")], [A("YwBtAGQA")]],
  ["28 utf16be", "sel: {A|utf16be|base64: 'cmd'}", [A("AGMAbQBk")], [A("YwBtAGQA")]],
  ["28 utf16le is wide", "sel: {A|utf16le|base64offset|contains: 'cmd'}", [A(btoa("xc\0m\0d\0"))], [A("x")]],
  ["31 1 of", "sel_a: {A: 1}\nsel_b: {A: 2}\ncondition: 1 of sel_*", [A(1), A(2)], [A(3)]],
  ["31 any of", "sel_a: {A: 1}\nsel_b: {A: 2}\ncondition: any of sel_*", [A(2)], [A(3)]],
  [
    "31 all of them, without _",
    "a: {A: 1}\nb: {B: 2}\n_c: {C: 3}\ncondition: all of them",
    [{ A: 1, B: 2 }],
    [A(1)],
  ],
  ["31 patterns are whole", "sel: {A: 1}\nxsel: {A: 2}\ncondition: 1 of sel*", [A(1)], [A(2)]],
  [
    "31 identifiers are any keys",
    "s|x: {A: 1}\nmain.conf: {A: 2}\ncondition: 1 of s* or main.conf",
    [A(1), A(2)],
    [A(3)],
  ],
  ["33 not is no prefix of a name", "notepad: {A: 1}\ncondition: notepad", [A(1)], [A(2)]],
  ["34 operators in capitals", "a: {A: 1}\nb: {B: 1}\ncondition: a AND NOT b", [A(1)], [{ A: 1, B: 1 }]],
  ["35 a list of conditions", "a: {A: 1}\nb: {A: 2}\ncondition: [a, b]", [A(1), A(2)], [A(3)]],
  [
    "36 not over an absent field",
    "sel: {A: 1}\nf: {B|startswith: x}\ncondition: sel and not f",
    [A(1)],
    [{ A: 1, B: "xy" }],
  ],
  ["37 the exact key first", "sel: {a.b: 1}", [{ "a.b": 1, a: { b: 2 } }], [{ "a.b": 2, a: { b: 1 } }]],
  [
    "37 then the path, through lists",
    "sel: {a.b.c: 1}",
    [{ a: { b: { c: 1 } } }, { a: [{ b: { c: 2 } }, { b: { c: 1 } }] }, { "a.b": { c: 1 } }],
    [{ a: { b: 1 } }, { a: [] }],
  ],
  [
    "37 an object is its JSON",
    "sel: {A|contains: '\"enable\":false'}",
    [{ A: { enable: false } }],
    [{ A: { enable: true } }],
  ],
  [
    "38 parts of a time, as the text says them",
    "sel: {A|year: 2024, A|month: 3, A|day: 5, A|hour: 6, A|minute: 7, A|week: 10}",
    [
      ...[
        "2024-03-05T06:07:08.123456Z",
        "2024-03-05T06:07:08+14:00",
        "2024-03-05 06:07:08,123",
        "2024/3/5 06:07",
      ],
      ...[
        "20240305T060708Z",
        "05/Mar/2024:06:07:08 +0100",
        "Tue, 05 Mar 2024 06:07:08 GMT",
        "5-Mar-2024 06:07",
      ],
      ...[
        "Tue Mar  5 06:07:08 2024",
        "Tue Mar  5 06:07:08 CET 2024",
        "Mar  5 2024 06:07:08",
        "March 5, 2024 06:07",
      ],
      ...[
        "3/5/2024 6:07:08 AM",
        "03/05/2024 06:07",
        1709618828,
        "1709618828.5",
        1709618828000,
        "1709618828000000",
      ],
      ...["1709618828000000000"],
    ].map(A),
    [
      ...[
        "2024-03-05",
        "Mar  5 06:07:08",
        "06:07:08",
        "2024-03-05T07:07:08",
        "5.3.2024 06:07",
        "x",
        "",
        20240305,
        6,
        true,
      ],
      ...[
        "2024-03-05T06:07:08.123456Z".repeat(5),
        "2024-13-05T06:07:08",
        "170961882",
        "3/5/2024 6:07:08 PM",
        null,
      ],
    ].map(A),
  ],
  [
    "38 hour|gte",
    "sel: {A|hour|gte: 18}",
    [A("2024-03-05T18:00:00"), A("6:00 PM")],
    [A("17:59:59"), A("x"), {}],
  ],
  ["38 hour|lt over lists", "sel: {A|hour|lt: 6}", [A(["09:00", "05:59"]), A("12:30 am")], [A("12:30 PM")]],
  ["38 hour|neq", "sel: {A|hour|neq: [9, 10]}", [A("11:00"), {}, A("x")], [A("09:59"), A("Mar 5 10:00:01")]],
  ["38 minute in a list", "sel: {A|minute: [0, 30]}", [A("Mar  5 06:30:08")], [A("Mar  5 06:31:08")]],
  [
    "38 the ISO week",
    "sel: {A|week: 1}",
    [A("2024-12-30"), A("2026-01-01")],
    [A("2027-01-01"), A("Jan  1 00:00:00")],
  ],
  ["38 the last ISO week", "sel: {A|week: 53}", [A("2027-01-01"), A("2020-12-31")], [A("2024-12-30")]],
  [
    "38 day and year",
    "sel: {A|day|gt: 28, A|year|lte: 2023}",
    [A("2023-02-29")],
    [A("2024-02-29"), A("2023-02-28")],
  ],
  [
    "precedence: or < and < not",
    "a: {A: 1}\nb: {B: 1}\nc: {C: 1}\ncondition: a or b and not c",
    [A(1), { B: 1 }, { A: 1, C: 1 }],
    [{ B: 1, C: 1 }],
  ],
  [
    "precedence: parentheses",
    "a: {A: 1}\nb: {B: 1}\nc: {C: 1}\ncondition: (a or b) and not c",
    [A(1)],
    [{ A: 1, C: 1 }],
  ],
  ["not not", "a: {A: 1}\ncondition: not not a", [A(1)], [A(2)]],
  [
    "many equal values",
    `sel: {A: [${Array.from({ length: 500 }, (_, n) => `v${n}`).join(", ")}]}`,
    [A("V499")],
    [A("v500")],
  ],
];

describe("Sigma semantics", () => {
  it.each(ROWS)("%s", (_, detection, matching, other) => {
    for (const fields of matching)
      expect([fields, matches(detection, event(fields))]).toEqual([fields, true]);
    for (const fields of other) expect([fields, matches(detection, event(fields))]).toEqual([fields, false]);
  });

  it("13 keywords search the raw line, but not the key names of raw JSON", () => {
    expect(matches("sel: ['rm -rf']", event({}, "bash: rm -RF /"))).toBe(true);
    expect(matches("sel: ['secret']", event({}, '{"secret":1}'))).toBe(false);
  });

  it("30 fills placeholders from the values it is given, with \\% for a percent sign", () => {
    const values = new Map([["admins", ["root", "adm*"]]]);
    expect(matches("sel: {A|expand: 'x-%admins%-100\\%'}", event(A("x-ADMIN-100%")), values)).toBe(true);
    expect(matches("sel: {A|expand: 'x-%admins%'}", event(A("x-ana")), values)).toBe(false);
  });

  it("does not take percent signs for placeholders without expand", () => {
    expect(matches("sel: {A|contains: '%temp%'}", event(A("c:\\%TEMP%\\x")))).toBe(true);
  });

  it("does not read inherited properties as fields", () => {
    expect(matches("sel: {constructor|exists: true}", event({}))).toBe(false);
  });

  it("explains which terms met the rule", () => {
    const ruleSet = load("sel: {A|contains: ['x', 'b'], B: 2}\nf: {C: 1}\ncondition: sel and not f");
    const subject = new Subject(event({ A: ["q", "abc"], B: 2 }));
    expect(ruleSet.eventRules[0]?.matcher.explain(subject)).toEqual([
      { field: "A", value: "abc", modifier: "contains" },
      { field: "B", value: "2", modifier: "" },
    ]);
  });
});

describe("rules that are wrong", () => {
  const WRONG: readonly (readonly [string, string, string])[] = [
    ["29 wildcards in Base64", "sel: {A|base64: 'a*'}", "wildcard-in-encoding"],
    ["27 too short for base64offset", "sel: {A|base64offset|contains: 'a'}", "value-too-short"],
    ["32 a selector without selections", "sel: {A: 1}\ncondition: sel and 1 of zzz*", "empty-selector"],
    ["33 an unknown selection", "sel: {A: 1}\ncondition: sle", "unknown-selection"],
    ["33 an unknown modifier", "sel: {A|contians: 1}", "unknown-modifier"],
    ["19 a text operand", "sel: {A|gte: '5'}", "wrong-value"],
    ["23 exists of a text", "sel: {A|exists: 'yes'}", "wrong-value"],
    ["25 no network", "sel: {A|cidr: '192.0.2.0/33'}", "bad-network"],
    ["flags without re", "sel: {A|i: 'x'}", "modifier-without-re"],
    ["38 a part that is no whole number", "sel: {A|hour: '5'}", "wrong-value"],
    ["38 a part with a shape", "sel: {A|hour|contains: 5}", "contradicting-modifiers"],
    ["38 a part and an expression", "sel: {A|hour|re: 5}", "contradicting-modifiers"],
    ["38 two parts", "sel: {A|hour|day: 5}", "contradicting-modifiers"],
    ["two shapes", "sel: {A|contains|endswith: 'x'}", "contradicting-modifiers"],
    ["an empty list", "sel: {A: []}", "empty-list"],
    ["an empty map", "sel: {}", "empty-selection"],
    ["a map as a value", "sel: {A: {b: 1}}", "wrong-shape"],
    ["an open parenthesis", "sel: {A: 1}\ncondition: (sel", "bad-condition"],
    ["two names side by side", "sel: {A: 1}\ncondition: sel sel", "bad-condition"],
    ["2 of", "sel: {A: 1}\ncondition: 2 of sel*", "bad-quantifier"],
    ["an empty condition", "sel: {A: 1}\ncondition: ''", "empty-condition"],
    ["39 a key twice", "sel: {A: 1}\nsel: {A: 2}", "bad-yaml"],
  ];

  it.each(WRONG)("%s", (_, detection, code) => {
    const { report, diagnostics, eventRules } = load(detection);
    expect(report[0]?.status).toBe("invalid");
    expect(diagnostics.filter(({ severity }) => severity === "error").map((one) => one.code)).toContain(code);
    expect(eventRules).toEqual([]);
  });

  const REFUSED: readonly (readonly [string, string, string])[] = [
    ["30 a placeholder without values", "sel: {A|expand: '%admins%'}", "unresolved-placeholder"],
    ["33 a pipe in the condition", "sel: {A: 1}\ncondition: sel | count() by B > 5", "pipe-aggregation"],
    ["a timeframe", "sel: {A: 1}\ntimeframe: 5m\ncondition: sel", "timeframe"],
    ["look-around", "sel: {A|re: '(?=a)b'}", "unsupported-regex"],
    ["a back-reference", "sel: {A|re: '(a)\\1'}", "unsupported-regex"],
  ];

  it.each(REFUSED)("refuses by name: %s", (_, detection, code) => {
    const { report, diagnostics, eventRules } = load(detection);
    expect(report[0]).toMatchObject({ status: "unsupported" });
    expect(report[0]?.reason).not.toBe("");
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(eventRules).toEqual([]);
  });

  it("names file, line and column, and what was meant", () => {
    const text =
      "title: T\nlogsource: {product: linux}\ndetection:\n  sel:\n    A|contians: 1\n  condition: sel\n";
    const { diagnostics } = loadRuleSet([{ path: "a/b.yml", text }]);
    expect(diagnostics[0]).toEqual({
      severity: "error",
      code: "unknown-modifier",
      message: '"contians" is no modifier',
      at: { file: "a/b.yml", line: 5, column: 5 },
      hint: 'did you mean "contains"?',
    });
  });

  it("counts columns inside a condition", () => {
    const text =
      "title: T\nlogsource: {product: linux}\ndetection:\n  sel: {A: 1}\n  condition: sel and nto\n";
    const { diagnostics } = loadRuleSet([{ path: "r.yml", text }]);
    expect(diagnostics[0]?.at).toEqual({ file: "r.yml", line: 5, column: 22 });
  });

  it("lets the other rules of the file load", () => {
    const good = "title: G\nlogsource: {product: linux}\ndetection: {sel: {A: 1}, condition: sel}\n";
    const { report } = loadRuleSet([{ path: "r.yml", text: `title: B\n---\n${good}---\n[1, 2]\n` }]);
    expect(report.map(({ status }) => status)).toEqual(["invalid", "needs-field", "invalid"]);
  });
});

describe("hostile rule files", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    .concat(
      Array.from(
        { length: 9 },
        (_, n) =>
          `b${n}: &b${n} [${Array(10)
            .fill(n === 0 ? "*a" : `*b${n - 1}`)
            .join(",")}]`,
      ),
    )
    .join("\n");
  it.each([
    ["an alias bomb", bomb],
    ["nesting a hundred thousand deep", `title: ${"[".repeat(100_000)}`],
    ["a file of three megabytes", `title: ${"x".repeat(3_000_000)}`],
    [
      "a condition of nested parentheses",
      `title: T\nlogsource: {product: linux}\ndetection:\n  s: {A: 1}\n  condition: ${"(".repeat(5_000)}s`,
    ],
    ["binary", "\u0000\u0001\ufffd\u001b["],
    ["nothing", ""],
    ["a comment alone", "# nothing here\n"],
    ["a lone scalar", "x"],
  ])("%s is one invalid rule", (_, text) => {
    const started = performance.now();
    const { report, diagnostics } = loadRuleSet([{ path: "evil.yml", text }]);
    expect(report.every(({ status }) => status === "invalid")).toBe(true);
    expect(report.length).toBeGreaterThan(0);
    expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it("runs a quadratic expression in linear time", () => {
    const one = event(A(`:assumed-role${"a".repeat(60_000)}`));
    const started = performance.now();
    expect(matches("sel: {A|re: '.+:assumed-role/aws:.+'}", one)).toBe(false);
    expect(matches("sel: {A|re: '(a+)+$'}", event(A(`${"a".repeat(20_000)}!`)))).toBe(false);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
