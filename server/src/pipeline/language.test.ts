import { formatMicros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import type { SourceSettings } from "./draft.ts";
import { createNormaliser } from "./normaliser.ts";
import type { RecordOutcome } from "./ports.ts";
import { ownFields, testPack, testRecord, testSnapshot } from "./testing/records.ts";
import { parseZone } from "./time/zone.ts";

function run(steps: string, text: string, rest = ""): RecordOutcome {
  const indented = steps
    .trim()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  const pack = testPack(
    "acme",
    `namespaces: [acme]\nrecognise: [{ match: '^.*$', parser: main }]\nparsers:\n  main:\n${indented}\n${rest}`,
  );
  const [outcome] = createNormaliser({ snapshot: testSnapshot(pack) }).normalise([testRecord(text)]);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

function fieldsOf(steps: string, text: string, rest = ""): Readonly<Record<string, unknown>> {
  const outcome = run(steps, text, rest);
  if (outcome.kind !== "event") throw new Error(`became ${outcome.kind}`);
  return ownFields(outcome.event);
}

/** The fields a table row expects; `message` is left out unless it is asked for. */
function expectFields(
  steps: string,
  text: string,
  expected: Readonly<Record<string, unknown>>,
  rest = "",
): void {
  const { message, ...others } = fieldsOf(steps, text, rest);
  expect("message" in expected ? { message, ...others } : others).toEqual(expected);
}

describe("decoding", () => {
  it.each([
    [
      "flattens JSON",
      '{"a":{"b":1,"c.d":"x"},"l":[1,2],"o":[{"k":1}],"n":null,"e":""}',
      { "acme.a.b": 1, "acme.a.c.d": "x", "acme.l": [1, 2], "acme.o": [{ k: 1 }] },
    ],
    [
      "keeps a field called __proto__ a field",
      '{"__proto__":"x","constructor":"y"}',
      { "acme.__proto__": "x", "acme.constructor": "y" },
    ],
  ])("%s", (_what, text, expected) => {
    expectFields("- json: { into: acme, otherwise: reject }", text, { message: undefined, ...expected });
  });

  it("writes the keys of JSON in snake case when told to, those within lists too", () => {
    expectFields(
      "- json: { into: acme, names: snake, otherwise: reject }",
      '{"userName":"x","IPAddress":"y","deviceDetail":{"isCompliant":true},"appliedPolicies":[{"displayName":"p","inner":[{"aB":1}]}]}',
      {
        message: undefined,
        "acme.user_name": "x",
        "acme.ip_address": "y",
        "acme.device_detail.is_compliant": true,
        "acme.applied_policies": [{ display_name: "p", inner: [{ a_b: 1 }] }],
      },
    );
  });

  it.each([
    [
      "what stands beside a name, elsewhere",
      "- unlist: { field: acme.p, name: Name, into: acme.changed }",
      { p: [{ Name: "Role", Old: "x", New: "y" }] },
      { "acme.changed.Role.Old": "x", "acme.changed.Role.New": "y" },
    ],
    [
      "what has no name where it was",
      "- unlist: { field: acme.p, name: n }",
      { p: [{ n: "a b", v: 1 }, { v: 2 }, "x"] },
      { "acme.p.a_b.v": 1, "acme.p": [{ v: 2 }, "x"] },
    ],
    [
      "objects by number, with the lists within",
      "- unlist: { field: acme.p }",
      {
        p: [
          { id: 1, of: [{ x: "y" }], roles: ["r", "s"] },
          { id: 2, of: [] },
        ],
      },
      {
        "acme.p.0.id": 1,
        "acme.p.0.of.0.x": "y",
        "acme.p.0.roles": ["r", "s"],
        "acme.p.1.id": 2,
      },
    ],
    ["no list at all", "- unlist: { field: acme.p, name: n }", { p: "text" }, { "acme.p": "text" }],
  ])("turns lists of objects into fields: %s", (_what, step, record, expected) => {
    const steps = `- json: { into: acme, otherwise: reject }\n${step}`;
    expectFields(steps, JSON.stringify(record), { message: undefined, ...expected });
  });

  it("quarantines a list of more objects than an event may have values", () => {
    const list = JSON.stringify({ p: Array.from({ length: 9_000 }, () => ({ n: "a", v: "b" })) });
    const outcome = run("- json: { into: acme, otherwise: reject }\n- unlist: { field: acme.p }", list);
    expect(outcome).toMatchObject({ kind: "quarantined", record: { reason: "too-many-fields" } });
  });

  it("finds JSON behind a prefix when told to", () => {
    expectFields("- json: { into: acme, prefix: true, otherwise: ignore }", 'audit: {"a":1}', {
      "acme.a": 1,
    });
  });

  it.each([
    [
      "a=1 b=two c",
      "- kv: { into: acme, bare: acme.words, otherwise: ignore }",
      { "acme.a": "1", "acme.b": "two", "acme.words": ["c"] },
    ],
    [
      'a="x y" b=\'z\' c="q\\"q" d=""',
      "- kv: { into: acme, otherwise: ignore }",
      { "acme.a": "x y", "acme.b": "z", "acme.c": 'q"q' },
    ],
    ['path="C:\\temp\\new"', "- kv: { into: acme, otherwise: ignore }", { "acme.path": "C:\\temp\\new" }],
    ["a=1 a=2 a=3", "- kv: { into: acme, otherwise: ignore }", { "acme.a": ["1", "2", "3"] }],
    [
      'k: v one; l: "a;b"; m:',
      '- kv: { into: acme, pairs: ";", values: ":", otherwise: ignore }',
      { "acme.k": "v one", "acme.l": "a;b" },
    ],
    [
      "see http://host/?a=b (uid=0) x=1,",
      "- kv: { into: acme, trim: ',', otherwise: ignore }",
      { "acme.x": "1" },
    ],
    ['a="never closed b=2', "- kv: { into: acme, otherwise: ignore }", { "acme.a": '"never', "acme.b": "2" }],
    [
      "only=one",
      "- kv: { into: acme, least: 2, otherwise: { set: { acme.no: true } } }",
      { "acme.only": "one", "acme.no": true },
    ],
  ])("reads the pairs of %s", (text, steps, expected) => {
    expectFields(steps, text, expected);
  });

  it.each([
    ['a,"b, ""c""",,8080', ",", { "acme.one": "a", "acme.two": 'b, "c"', "source.port": 8080 }],
    ["a|b|-|8080|more", "|", { "acme.one": "a", "acme.two": "b", "source.port": 8080 }],
    ['"open,b', ",", { "acme.one": '"open', "acme.two": "b" }],
  ])("reads the cells of %s", (text, delimiter, expected) => {
    expectFields(
      `- csv: { into: acme, columns: [one, two, "-", source.port], delimiter: "${delimiter}", otherwise: ignore }`,
      text,
      expected,
    );
  });

  it.each([
    [
      "%{acme.a} [%{acme.b}] %{?skip}: %{acme.c}",
      "x [y z] s: rest: of it",
      { "acme.a": "x", "acme.b": "y z", "acme.c": "rest: of it" },
    ],
    ["%{acme.a->} %{acme.b}", "x     y", { "acme.a": "x", "acme.b": "y" }],
    ["%{acme.a}/%{+acme.a}", "x/y", { "acme.a": "x y" }],
    ["%{acme.a}:%{acme.b}", "no such thing", { "acme.failed": true }],
  ])("dissects by %s", (pattern, text, expected) => {
    expectFields(
      `- dissect: { pattern: "${pattern}", otherwise: { set: { acme.failed: true } } }`,
      text,
      expected,
    );
  });

  it("takes the first alternative that matches the whole text, and runs its steps only", () => {
    const steps = `
- match:
    patterns:
      - '^%{IP:source.ip} in$'
      - { pattern: '^%{IP:source.ip} %{WORD:acme.way}$', set: { event.action: moved }, then: [{ upper: [acme.way] }] }
      - '^.*$'
    otherwise: ignore`;
    expectFields(steps, "192.0.2.1 out", {
      "source.ip": "192.0.2.1",
      "acme.way": "OUT",
      "event.action": "moved",
      "related.ip": ["192.0.2.1"],
    });
  });

  it("leaves keys out of JSON, and takes what stands under one for the message", () => {
    const steps =
      "- json: { into: acme, except: [big], otherwise: reject }\n- inner: { key: big.text, otherwise: { set: { acme.no: true } } }";
    expectFields(steps, '{"a":1,"big":{"text":"inside\\n","x":2}}', { "acme.a": 1, message: "inside" });
    expectFields(steps, '{"a":1,"big":{"text":{"b":2}}}', { "acme.a": 1, message: '{"b":2}' });
    expectFields(steps, '{"a":1,"big":{"text":5}}', { "acme.a": 1, "acme.no": true });
  });

  it("reads CEF: header, extension by full names, and what has a label", () => {
    const text =
      "CEF:0|Acme|Gate|1.0|100|Denied|5|src=192.0.2.1 cs1=inside cs1Label=Ingress Zone cn1Label=Nothing cs2=b cs3=c cs3Label=Ingress zone";
    expectFields("- cef: { into: acme, otherwise: reject }", text, {
      message: undefined,
      "acme.version": "0",
      "acme.device.vendor": "Acme",
      "acme.device.product": "Gate",
      "acme.device.version": "1.0",
      "acme.device.event_class_id": "100",
      "acme.name": "Denied",
      "acme.severity": "5",
      "acme.extensions.sourceAddress": "192.0.2.1",
      "acme.extensions.deviceCustomString2": "b",
      "acme.custom.ingress_zone": ["inside", "c"],
    });
  });

  it("reads LEEF", () => {
    expectFields(
      "- leef: { into: acme, otherwise: reject }",
      "LEEF:2.0|Acme|Gate|1.0|login|^|src=192.0.2.1^usrName=mara^usrName=mara^usrName=voss",
      {
        message: undefined,
        "acme.version": "2.0",
        "acme.device.vendor": "Acme",
        "acme.device.product": "Gate",
        "acme.device.version": "1.0",
        "acme.event_id": "login",
        "acme.attributes.src": "192.0.2.1",
        "acme.attributes.usrName": ["mara", "voss"],
      },
    );
  });

  it.each(["cef", "leef"])("says what becomes of text that is no %s, and bounds what is", (format) => {
    const step = `- ${format}: { into: acme, otherwise: { set: { acme.no: true } } }`;
    expectFields(step, "src=192.0.2.1", { "acme.no": true });
    const head = format === "cef" ? "CEF:0|a|b|c|d|e|f|" : "LEEF:1.0|a|b|c|d|";
    const pairs = Array.from({ length: 10_001 }, (_, i) => `k${i}=1`);
    expect(run(step, head + pairs.join(format === "cef" ? " " : "\t"))).toMatchObject({
      kind: "quarantined",
      record: { reason: "too-many-fields" },
    });
  });

  it("names fields by their labels", () => {
    const steps = "- json: { into: acme, otherwise: ignore }\n- labels: { in: acme.a, into: acme.named }";
    expectFields(steps, '{"a":{"x":1,"xLabel":"How Many","y":2,"zLabel":"Nobody"},"xLabel":"not in a"}', {
      message: undefined,
      "acme.named.how_many": 1,
      "acme.a.y": 2,
      "acme.xLabel": "not in a",
    });
  });

  it("reads syslog inside a field", () => {
    const steps =
      "- json: { into: acme, otherwise: ignore }\n- syslog: { from: acme.line, otherwise: ignore }";
    expect(fieldsOf(steps, '{"line":"<13>Feb 27 10:00:00 gw app[7]: hi"}')).toMatchObject({
      message: "hi",
      "host.name": "gw",
      "process.pid": 7,
    });
  });

  it("takes the parameters of structured data, and knows a record by their elements", () => {
    const line = '<13>1 2026-02-27T10:00:00Z gw app - ID [acme@1 user="alice" n="7"][meta seq="9"] hi';
    const steps = "- structured: { into: acme, otherwise: reject }";
    const known = testPack(
      "acme",
      "namespaces: [acme]\nrecognise: [{ data: ['acme@*'], parser: main }]\nparsers:\n  main:\n    " + steps,
    );
    const normalise = (text: string) =>
      createNormaliser({ snapshot: testSnapshot(known) }).normalise([testRecord(text)])[0];
    const outcome = normalise(line);
    expect(outcome).toMatchObject({
      kind: "event",
      event: {
        pack: "acme/main",
        fields: { "acme.user": "alice", "acme.n": "7", "acme.seq": "9", message: "hi" },
      },
    });
    expect(normalise(line.replace("acme@1", "other@1"))).toMatchObject({ event: { pack: "unknown" } });
    expect(
      fieldsOf("- structured: { into: acme, otherwise: { set: { acme.none: true } } }", "x"),
    ).toMatchObject({ "acme.none": true });
  });
});

describe("writing", () => {
  it("copies the event's own time where the record said one", () => {
    const steps = '- set: { event.created: "{@timestamp}", acme.text: "at {@timestamp}" }';
    expect(fieldsOf(steps, "<13>1 2026-02-27T10:00:00Z gw app - - - hi")).toMatchObject({
      "event.created": "2026-02-27T10:00:00.000Z",
      "acme.text": "at 2026-02-27T10:00:00.000Z",
    });
    expect(fieldsOf(steps, "hi")).not.toHaveProperty("event.created");
  });

  it.each([
    [
      '- set: { event.code: 4624, destination.port: "22", acme.n: 3 }',
      { "event.code": "4624", "destination.port": 22, "acme.n": 3 },
    ],
    ["- set: { event.category: network }", { "event.category": ["network"] }],
    ['- set: { acme.text: "{_none} x", acme.b: "<{{ok}}>" }', { "acme.b": "<{ok}>" }],
    [
      '- set: { _a: 5 }\n- set: { acme.copy: "{_a}", acme.text: "n={_a}" }',
      { "acme.copy": 5, "acme.text": "n=5" },
    ],
    [
      "- default: { event.outcome: success }\n- default: { event.outcome: failure }",
      { "event.outcome": "success" },
    ],
    ["- append: { tags: [a, b] }\n- append: { tags: [b, c] }", { tags: ["a", "b", "c"] }],
    ["- set: { source.ip: localhost }", { "tyto.unconverted": ["source.ip"] }],
    [
      '- set: { source.ip: "[2001:db8::1%eth0]" }',
      { "source.ip": "2001:db8::1", "related.ip": ["2001:db8::1"] },
    ],
    [
      '- set: { acme.h: "0x1F", acme.b: "yes" }\n- convert: { acme.h: hex, acme.b: boolean }',
      { "acme.h": 31, "acme.b": true },
    ],
    [
      "- set: { acme.x: many }\n- convert: { acme.x: long }",
      { "acme.x": "many", "tyto.unconverted": ["acme.x"] },
    ],
  ])("%s", (steps, expected) => {
    expectFields(steps, "m", expected);
  });

  it("moves what fits and leaves what does not where it was", () => {
    const steps =
      "- kv: { into: acme, otherwise: ignore }\n- move: { acme.p: source.port, acme.q: destination.port, acme.none: user.name }";
    expectFields(steps, "p=http q=22", {
      "acme.p": "http",
      "destination.port": 22,
      "tyto.unconverted": ["source.port"],
    });
  });

  describe("whole trees", () => {
    const json = "- json: { into: acme, otherwise: ignore }\n";
    const text = '{"a":{"x":1,"y":{"z":2}},"ab":3,"src":{"ip":"192.0.2.1","port":"80","shoe":9}}';
    it.each([
      [
        "under another name, and nothing that only begins alike",
        '- move: { "acme.a.*": acme.b, "acme.src.*": acme.peer }',
        {
          "acme.b.x": 1,
          "acme.b.y.z": 2,
          "acme.ab": 3,
          "acme.peer.ip": "192.0.2.1",
          "acme.peer.port": "80",
          "acme.peer.shoe": 9,
        },
      ],
      [
        "into a field set of ECS, as far as it has the names",
        '- keep: ["acme.src*"]\n- move: { "acme.src.*": source }',
        { "source.ip": "192.0.2.1", "source.port": 80, "acme.src.shoe": 9, "related.ip": ["192.0.2.1"] },
      ],
      [
        "below themselves, once",
        '- keep: ["acme.a.*"]\n- move: { "acme.*": acme.deep }',
        { "acme.deep.a.x": 1, "acme.deep.a.y.z": 2 },
      ],
      [
        "only where nothing stands",
        '- keep: ["acme.a.*"]\n- set: { acme.b.x: 7 }\n- fill: { "acme.a.*": acme.b }',
        { "acme.a.x": 1, "acme.b.x": 7, "acme.b.y.z": 2 },
      ],
      [
        "and copies",
        '- keep: ["acme.a.*"]\n- copy: { "acme.a.y.*": "acme.b.*" }',
        { "acme.a.x": 1, "acme.a.y.z": 2, "acme.b.z": 2 },
      ],
      [
        "that are not there: nothing",
        '- keep: [acme.ab]\n- move: { "acme.none.*": acme.b }',
        { "acme.ab": 3 },
      ],
    ])("move %s", (_what, steps, expected) => {
      expectFields(json + steps, text, expected);
    });
  });

  it("fills only what is missing", () => {
    expectFields(
      "- set: { user.name: a, acme.u: b, acme.v: c }\n- fill: { acme.u: user.name, acme.v: user.id }",
      "m",
      {
        "user.name": "a",
        "acme.u": "b",
        "user.id": "c",
        "related.user": ["a"],
      },
    );
  });

  it("adopts fields that bear ECS names, as ECS types them", () => {
    const steps = "- json: { into: acme, otherwise: ignore }\n- adopt: acme";
    expectFields(
      steps,
      '{"source":{"ip":"192.0.2.1","port":"80"},"event":{"type":"info"},"action":"x","own":1}',
      {
        "source.ip": "192.0.2.1",
        "source.port": 80,
        "event.type": ["info"],
        "acme.action": "x",
        "acme.own": 1,
        "related.ip": ["192.0.2.1"],
      },
    );
  });

  it("keeps values outside a closed list where they came from", () => {
    expectFields(
      "- json: { into: acme, otherwise: ignore }\n- move: { acme.c: event.category, acme.o: event.outcome }",
      '{"c":["network","weather"],"o":"success"}',
      {
        "acme.c": ["network", "weather"],
        "event.outcome": "success",
        "tyto.unconverted": ["event.category"],
      },
    );
  });

  it("removes, keeps and drops values, by name and by prefix", () => {
    const kv = "- kv: { into: acme, otherwise: ignore }\n";
    expectFields(`${kv}- remove: [acme.a, "acme.x*"]`, "a=1 b=2 x1=3 x2=4", { "acme.b": "2" });
    expectFields(`${kv}- keep: [acme.b]`, "a=1 b=2", { message: undefined, "acme.b": "2" });
    expectFields(`${kv}- dropValues: { in: ["acme.*"], values: ["-"] }`, "a=- b=2", { "acme.b": "2" });
  });
});

describe("tables", () => {
  const tables = `tables:
  classes: { 1: { event.action: one, event.type: [info] }, a-b: { event.action: pair } }
  names: { 6: tcp }
`;
  it.each([
    [
      "- lookup: { table: classes, key: _k, otherwise: ignore }",
      "1",
      { "event.action": "one", "event.type": ["info"] },
    ],
    [
      "- lookup: { table: names, key: _k, into: network.transport, otherwise: ignore }",
      "6",
      { "network.transport": "tcp" },
    ],
    ['- lookup: { table: classes, key: "{_k}-b", otherwise: ignore }', "a", { "event.action": "pair" }],
    [
      "- lookup: { table: classes, key: _k, otherwise: { set: { acme.odd: true } } }",
      "constructor",
      { "acme.odd": true },
    ],
  ])("%s", (step, key, expected) => {
    expectFields(`- set: { _k: "${key}" }\n${step}`, "m", expected, tables);
  });
});

describe("conditions", () => {
  it.each([
    ["_n == 5", true],
    ['_n == "5"', true],
    ["_n > 4 and _n <= 5", true],
    ['_t contains "ell" and _t startsWith "h" and _t endsWith "o"', true],
    ['_t in ["hello"]', true],
    ['_t not in ["hello"]', false],
    ['_none == "x"', false],
    ['_none != "x"', true],
    ["_none > 1", false],
    ["_none missing and not _none exists", true],
    ['_list == "b"', true],
    ["_ip is ip and _n is number and _t is text and _list is list", true],
    ['_ip cidr "192.0.2.0/24"', true],
    ['_ip cidr ["10.0.0.0/8", "2001:db8::/32"]', false],
    ['_t == "x" or (_n == 5 and not _t == "y")', true],
    ["_n == {_m}", true],
    ["_n >= {_m} and not (_n < {_m})", true],
    ["_list == {_t}", false],
    ["_list == {_other}", true],
    ["_t startsWith {_h} and _t contains { _h }", true],
    ["_n == {_none}", false],
    ["_none == {_none}", false],
    ["_none != {_n}", true],
    ["_none <= {_n}", false],
  ])("%s is %s", (condition, expected) => {
    const steps = `- set: { _n: 5, _m: "5", _t: hello, _h: he, _list: [a, b], _other: [c, b], _ip: 192.0.2.9 }\n- when: '${condition}'\n  set: { acme.held: true }`;
    expect(fieldsOf(steps, "m")["acme.held"]).toBe(expected ? true : undefined);
  });

  it("takes the first branch only", () => {
    expectFields(
      "- first:\n    - { when: _a exists, set: { acme.x: 1 } }\n    - { when: _a missing, set: { acme.x: 2 } }\n    - set: { acme.x: 3 }",
      "m",
      { "acme.x": 2 },
    );
  });
});

describe("text and numbers", () => {
  it.each([
    ["- lower: [acme.v]", "ÀB", "àb"],
    ["- upper: [acme.v]", "ab", "AB"],
    ["- trim: [acme.v]", " a ", "a"],
    ["- basename: [acme.v]", "C:\\a\\b.exe", "b.exe"],
    ["- dirname: [acme.v]", "/a/b/c", "/a/b"],
    ["- urldecode: [acme.v]", "a%20b", "a b"],
    ["- urldecode: [acme.v]", "a%ZZ", "a%ZZ"],
    ["- base64: [acme.v]", "aGk=", "hi"],
    ["- hex: [acme.v]", "6869", "hi"],
    ['- replace: { field: acme.v, find: ".", with: "$&" }', "a.b", "a$&b"],
    ["- replace: { field: acme.v, pattern: '\\d+', with: '#' }", "a12b3", "a#b#"],
    ['- split: { field: acme.v, by: "," }', "a, b,,c", ["a", "b", "c"]],
    ['- split: { field: acme.v, by: "," }\n- join: { field: acme.v, by: "+" }', "a,b", "a+b"],
    ["- slice: { field: acme.v, from: 1, to: 3 }", "abcd", "bc"],
    ["- unit: { field: acme.v, unit: ms, into: acme.v }", "1.5", 1_500_000],
    ["- unit: { field: acme.v, into: acme.v }", "2 KiB", 2048],
    ["- unit: { field: acme.v, unit: s, into: acme.v }", "0.10370898246765137", 103_708_982],
    ["- sum: { of: [acme.v, 2, 3], into: acme.v }", "1", 6],
    ["- quotient: { of: [acme.v, 0], into: acme.v }", "1", "1"],
    ["- product: { of: [acme.v, acme.none], into: acme.v }", "1", "1"],
  ])("%s turns %j into %j", (steps, value, expected) => {
    expect(
      fieldsOf(`- json: { into: acme, otherwise: ignore }\n${steps}`, JSON.stringify({ v: value }))["acme.v"],
    ).toEqual(expected);
  });

  it("rounds what is calculated into a whole number", () => {
    expect(
      fieldsOf(
        "- json: { into: acme, otherwise: ignore }\n- product: { of: [acme.s, 1000000000], into: event.duration }",
        '{"s": 0.10412883758544922}',
      )["event.duration"],
    ).toBe(104_128_838);
  });

  it("measures a duration in nanoseconds", () => {
    expect(
      fieldsOf(
        '- set: { event.start: "2026-01-01T00:00:00Z", event.end: "2026-01-01T00:00:01.5Z" }\n- duration: {}',
        "m",
      )["event.duration"],
    ).toBe(1_500_000_000);
  });
});

describe("dates", () => {
  it.each([
    ["iso8601", "2026-02-27T10:00:00.123456+01:00", "2026-02-27T09:00:00.123456Z", "event"],
    ["iso8601", "2026-02-27 10:00:00,5", "2026-02-27T10:00:00.500Z", "event-without-zone"],
    ["epoch", "1772186400", "2026-02-27T10:00:00.000Z", "event"],
    ["epoch", "1772186400123", "2026-02-27T10:00:00.123Z", "event"],
    ["epoch", "1772186400123456789", "2026-02-27T10:00:00.123456Z", "event"],
    ["clf", "27/Feb/2026:10:00:00 -0700", "2026-02-27T17:00:00.000Z", "event"],
    ["filetime", "134166600000000000", "2026-02-27T10:00:00.000Z", "event"],
    ["syslog", "Feb 27 10:00:00", "2026-02-27T10:00:00.000Z", "event-without-year"],
    ["syslog", "Dec 31 23:59:59", "2025-12-31T23:59:59.000Z", "event-without-year"],
    ["syslog", "Feb 29 10:00:00", "2024-02-29T10:00:00.000Z", "event-without-year"],
    ["syslog", "Feb 27 2025 10:00:00", "2025-02-27T10:00:00.000Z", "event-without-zone"],
    ["EEE MMM d HH:mm:ss yyyy", "Fri Feb 27 10:00:00 2026", "2026-02-27T10:00:00.000Z", "event-without-zone"],
    ["M/d/yyyy h:mm:ss a", "2/27/2026 12:05:00 AM", "2026-02-27T00:05:00.000Z", "event-without-zone"],
    ["EEE, d MMM yyyy HH:mm:ss Z", "Fri, 27 Feb 2026 10:00:00 +0100", "2026-02-27T09:00:00.000Z", "event"],
    ["EEE, dd MMM yyyy HH:mm:ss z", "Fri, 27 Feb 2026 10:00:00 GMT", "2026-02-27T10:00:00.000Z", "event"],
    ["MMM d yyyy HH:mm:ss", "Feb  3 2026 10:00:00", "2026-02-03T10:00:00.000Z", "event-without-zone"],
    [
      "yyyy-MM-dd HH:mm:ss,S",
      "2026-02-27 10:00:00,1234567",
      "2026-02-27T10:00:00.123456Z",
      "event-without-zone",
    ],
    ["dd-MMM-yyyy HH:mm:ss.S", "27-Feb-2026 10:00:00.5", "2026-02-27T10:00:00.500Z", "event-without-zone"],
    ["MMM d, yyyy h:mm:ss a", "Feb 27, 2026 1:05:00 PM", "2026-02-27T13:05:00.000Z", "event-without-zone"],
    ["yyMMdd HH:mm:ss", "260227 10:00:00", "2026-02-27T10:00:00.000Z", "event-without-zone"],
    ["epoch", "1772186400.25", "2026-02-27T10:00:00.250Z", "event"],
    ["EEE MMM d HH:mm:ss z yyyy", "Fri Feb 27 10:00:00 CET 2026", "2026-02-27T09:00:00.000Z", "event"],
    ["dd.MM.yy 'at' HH:mm z", "27.02.26 at 10:00 CET", "2026-02-27T09:00:00.000Z", "event"],
  ])("%s reads %s", (format, text, expected, origin) => {
    const outcome = run(`- date: { from: message, formats: ["${format}"], otherwise: reject }`, text);
    if (outcome.kind !== "event") throw new Error(`became ${outcome.kind}`);
    expect([formatMicros(outcome.event.timestamp), outcome.event.timeOrigin]).toEqual([expected, origin]);
  });

  const usual = "America/New_York";
  it.each([
    ["the usual zone of a product", usual, undefined, "2025-07-01T14:00:00.000Z", "event-without-zone"],
    [
      "the source's zone, where it has one",
      usual,
      "Europe/Paris",
      "2025-07-01T08:00:00.000Z",
      "event-without-zone",
    ],
    ["the zone that a field says", "{acme.offset}", undefined, "2025-07-01T03:00:00.000Z", "event"],
    [
      "the source's zone before a field's",
      "{acme.offset}",
      "Europe/Paris",
      "2025-07-01T08:00:00.000Z",
      "event-without-zone",
    ],
    [
      "no zone that a field fails to say",
      "{acme.other}",
      undefined,
      "2025-07-01T10:00:00.000Z",
      "event-without-zone",
    ],
  ])("reads a stamp without a zone in %s", (_what, told, name, expected, origin) => {
    const steps = `    - set: { acme.offset: "+07:00", acme.other: nowhere }
    - date: { from: message, formats: ["yyyy-MM-dd HH:mm:ss"], zone: "${told}", otherwise: reject }`;
    const pack = testPack(
      "acme",
      `namespaces: [acme]\nrecognise: [{ match: '^.*$', parser: main }]\nparsers:\n  main:\n${steps}\n`,
    );
    const zone = name === undefined ? undefined : parseZone(name);
    const settingsOf = (): SourceSettings => (zone === undefined ? {} : { zone });
    const normaliser = createNormaliser({ snapshot: testSnapshot(pack), settingsOf });
    const [outcome] = normaliser.normalise([testRecord("2025-07-01 10:00:00")]);
    if (outcome?.kind !== "event") throw new Error(`became ${outcome?.kind}`);
    expect([formatMicros(outcome.event.timestamp), outcome.event.timeOrigin]).toEqual([expected, origin]);
  });

  it.each([
    "1969-01-01T00:00:00Z",
    "2099-01-01T00:00:00Z",
    "2026-02-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "0",
  ])("keeps the time of receipt for %s", (text) => {
    const outcome = run(`- date: { from: message, formats: [iso8601, epoch], otherwise: ignore }`, text);
    expect(outcome).toMatchObject({ kind: "event", event: { timeOrigin: "received" } });
  });
});

describe("leaving", () => {
  it("filters, fails and rejects", () => {
    expect(run("- drop", "m")).toEqual({ kind: "filtered", reason: "pack-dropped" });
    expect(run("- fail: no serial", "m")).toMatchObject({
      kind: "quarantined",
      record: { reason: "pack-rejected", detail: "no serial" },
    });
    const rejected = run("- set: { acme.left: behind }\n- reject", "m");
    expect(rejected).toMatchObject({ kind: "event", event: { pack: "unknown", fields: { message: "m" } } });
    expect(rejected.kind === "event" && "acme.left" in rejected.event.fields).toBe(false);
  });

  it("cuts parsers that hand on to each other without end", () => {
    expect(run("- use: main", "m")).toMatchObject({ kind: "quarantined", record: { reason: "pack-failed" } });
  });

  it("hands a field on to another parser", () => {
    const rest = "  tail:\n    - match: { patterns: ['^inner %{WORD:acme.w}$'], otherwise: ignore }\n";
    expectFields(
      "- json: { into: acme, otherwise: ignore }\n- use: { parser: tail, from: acme.line }",
      '{"line":"inner x"}',
      { "acme.w": "x" },
      rest,
    );
  });
});
