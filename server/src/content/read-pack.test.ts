import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readPack } from "./read-pack.ts";

function diagnose(manifest: string): readonly { readonly code: string; readonly line?: number }[] {
  const reading = readPack({
    id: "acme-gate",
    manifest: { path: "acme-gate/pack.yml", text: manifest },
    parsers: [],
    tables: [],
  });
  expect(reading.pack === undefined).toBe(reading.diagnostics.some(({ severity }) => severity === "error"));
  return reading.diagnostics.map(({ code, at }) => ({
    code,
    ...(at.line === undefined ? {} : { line: at.line }),
  }));
}

/** A pack with these steps; the steps begin on line 4. */
function withSteps(steps: string): string {
  const indented = steps
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  return `namespaces: [acme.gate]\nparsers:\n  main:\n${indented}\n`;
}

describe("a pack is refused, with the line, for", () => {
  it.each([
    ["an ECS field that does not exist", "- set: { source.adress: x }", "unknown-field"],
    ["a field that is neither ECS nor its own", "- set: { other.vendor: x }", "unknown-field"],
    ["text in a number", "- set: { destination.port: ssh }", "wrong-type"],
    ["a value outside a closed list", "- set: { event.outcome: succeeded }", "value-not-allowed"],
    [
      "one bad value in a closed list of many",
      "- set: { event.category: [network, log] }",
      "value-not-allowed",
    ],
    [
      "a type that its category does not have",
      "- set: { event.category: [email], event.type: [denied] }",
      "type-not-in-category",
    ],
    ["a list where one value belongs", "- set: { source.ip: [192.0.2.1, 192.0.2.2] }", "wrong-type"],
    ["an operation that does not exist", "- rename: { a: b }", "unknown-operation"],
    ["two operations in one step", "- set: { event.code: a }\n  remove: [x]", "not-one-operation"],
    ["an operation that can fail and says nothing about it", "- json: { into: acme.gate }", "no-fallback"],
    ["a date without a fallback", "- date: { from: _t, formats: [iso8601] }", "no-fallback"],
    [
      "a date format that is none",
      "- date: { from: _t, formats: [yyyy-QQ], otherwise: ignore }",
      "bad-date-format",
    ],
    [
      "a date in a zone that is none",
      "- date: { from: _t, formats: [iso8601], zone: Nowhere/Land, otherwise: ignore }",
      "unknown-zone",
    ],
    [
      "a date written into a number",
      "- date: { from: _t, formats: [epoch], into: source.port, otherwise: ignore }",
      "wrong-type",
    ],
    [
      "a pattern without anchors",
      "- match: { patterns: ['x %{IP:source.ip}'], otherwise: ignore }",
      "unanchored-pattern",
    ],
    [
      "a pattern open at its end",
      "- match: { patterns: ['^x %{IP:source.ip}'], otherwise: ignore }",
      "unanchored-pattern",
    ],
    [
      "an alternative that escapes the anchors",
      "- match: { patterns: ['^a|b$'], otherwise: ignore }",
      "unanchored-pattern",
    ],
    [
      "a repetition inside a repetition",
      "- match: { patterns: ['^(?:a+)+$'], otherwise: ignore }",
      "nested-repetition",
    ],
    ["a capture without a name", "- match: { patterns: ['^(a)$'], otherwise: ignore }", "bare-capture"],
    [
      "a named pattern that does not exist",
      "- match: { patterns: ['^%{IPP:source.ip}$'], otherwise: ignore }",
      "unknown-pattern",
    ],
    ["an expression that is none", "- match: { patterns: ['^[$'], otherwise: ignore }", "invalid-pattern"],
    ["a condition that cannot be read", "- { when: event.code like 'x', remove: [_a] }", "bad-condition"],
    [
      "a condition on a field that ECS does not have",
      "- { when: _a exists and not source.adress exists, remove: [_a] }",
      "unknown-field",
    ],
    [
      "a comparison with a field that ECS does not have",
      "- first: [{ when: 'source.ip == {destination.ipp}', remove: [_a] }]",
      "unknown-field",
    ],
    [
      "a template with a field that ECS does not have",
      "- set: { user.name: '{user.domain}/{user.nam}' }",
      "unknown-field",
    ],
    [
      "a condition on a plain name that nobody bears",
      "- { when: mesage exists, remove: [_a] }",
      "unknown-field",
    ],
    [
      "a table that does not exist",
      "- lookup: { table: none, key: event.code, otherwise: ignore }",
      "unknown-table",
    ],
    ["a parser that does not exist", "- use: none", "unknown-parser"],
    ["a converted ECS field of another type", "- convert: { source.port: string }", "wrong-type"],
    ["a brace left open", '- set: { event.action: "x {y" }', "bad-template"],
    [
      "a key that an operation does not know",
      "- kv: { into: acme.gate, seperator: x, otherwise: ignore }",
      "unknown-key",
    ],
  ])("%s", (_what, steps, code) => {
    const found = diagnose(withSteps(steps));
    expect(found.map((diagnostic) => diagnostic.code)).toContain(code);
    expect(found.find((diagnostic) => diagnostic.code === code)?.line).toBeGreaterThanOrEqual(4);
  });

  it("a namespace that begins like ECS", () => {
    expect(diagnose("namespaces: [source.acme]\nparsers: {}\n")).toEqual([
      { code: "namespace-taken", line: 1 },
    ]);
  });

  it("a key given twice", () => {
    expect(diagnose("title: a\ntitle: b\n")[0]).toMatchObject({ code: "invalid-yaml", line: 2 });
  });

  it("an alias bomb, without unfolding it", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 12; i += 1) {
      const above = `*${String.fromCharCode(96 + i)}`;
      const name = String.fromCharCode(97 + i);
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => above).join(", ")}]`);
    }
    expect(diagnose(bomb.join("\n")).map(({ code }) => code)).toEqual(["alias-bomb"]);
  });

  it("an alias of itself", () => {
    expect(diagnose("a: &a [*a]\n").map(({ code }) => code)).toEqual(["too-deep"]);
  });

  it("nesting without end", () => {
    expect(diagnose(`a: ${"[".repeat(100)}${"]".repeat(100)}`).map(({ code }) => code)).toEqual(["too-deep"]);
  });

  it("a recogniser whose parser is missing", () => {
    expect(diagnose("recognise:\n  - { prefix: [x], parser: none }\n").map(({ code }) => code)).toEqual([
      "unknown-parser",
    ]);
  });
});

describe("what nothing reaches is refused, with the line:", () => {
  it.each([
    ["a step behind one that leaves", "- reject\n- set: { event.kind: event }", "unreachable-step", 5],
    ["a step behind a block that leaves", "- do: [{ fail: no }]\n- drop", "unreachable-step", 5],
    [
      "a step behind branches that all leave",
      "- first: [{ when: _a exists, drop: }, { reject: }]\n- set: { event.kind: event }",
      "unreachable-step",
      5,
    ],
    [
      "a step within a fallback",
      "- json:\n    into: acme.gate\n    otherwise:\n      - reject\n      - drop",
      "unreachable-step",
      8,
    ],
    [
      "a branch behind one without a condition",
      "- first:\n    - set: { _a: 1 }\n    - { when: _b exists, set: { _a: 2 } }",
      "unreachable-branch",
      6,
    ],
    [
      "a branch whose condition was asked",
      "- first:\n    - { when: _b exists, set: { _a: 1 } }\n    - { when: _b exists, set: { _a: 2 } }",
      "unreachable-branch",
      6,
    ],
    [
      "a pattern behind one that matches anything",
      "- match: { patterns: ['^%{GREEDYDATA:_a}$', '^x$'], otherwise: ignore }",
      "unreachable-pattern",
      4,
    ],
    [
      "a pattern that stands there twice",
      "- match: { patterns: ['^(?<_a>x)$', '^(?<_b>x)$'], otherwise: ignore }",
      "unreachable-pattern",
      4,
    ],
  ])("%s", (_what, steps, code, line) => {
    expect(diagnose(withSteps(steps))).toEqual([{ code, line }]);
  });

  it("but not what a condition guards", () => {
    const steps =
      "- { when: _a exists, drop: }\n- first: [{ when: _b exists, drop: }]\n- set: { event.kind: event }";
    expect(diagnose(withSteps(steps))).toEqual([]);
  });
});

it("tells of a table that no step reads", () => {
  expect(diagnose("tables: { codes: { 1: one } }\nparsers: { main: [drop] }\n")).toEqual([
    { code: "unused-table", line: 1 },
  ]);
});

it("names everything that is wrong at once", () => {
  const found = diagnose(
    withSteps("- set: { source.adress: x }\n- rename: { a: b }\n- json: { into: acme.gate }"),
  );
  expect(found.map(({ line }) => line)).toEqual([4, 5, 6]);
});

it("suggests the field that was meant", () => {
  const reading = readPack({
    id: "acme-gate",
    manifest: { path: "acme-gate/pack.yml", text: withSteps("- set: { source.adress: x }") },
    parsers: [],
    tables: [],
  });
  expect(reading.diagnostics[0]?.hint).toBe('did you mean "source.address"?');
});

it("lets conditions ask for fields of ECS, of the pack, of a pack that handed the record on, and scratch", () => {
  const fields = [
    "@timestamp",
    "message",
    "source.ip",
    "labels.site",
    "acme.gate.src",
    "cef.name",
    "tyto.occurrences",
    "_a",
  ];
  const steps = fields.map((field) => `- { when: "${field} exists", remove: [_a] }`).join("\n");
  expect(diagnose(withSteps(steps))).toEqual([]);
});

it("says where a condition asks for what ECS does not have, and what was meant", () => {
  const reading = readPack({
    id: "acme-gate",
    manifest: {
      path: "acme-gate/pack.yml",
      text: withSteps("- drop: \n  when: event.code == '1' and user.nam in ['root', 'x']"),
    },
    parsers: [],
    tables: [],
  });
  expect(reading.diagnostics).toMatchObject([
    {
      code: "unknown-field",
      severity: "error",
      at: { file: "acme-gate/pack.yml", line: 5 },
      hint: 'did you mean "user.name"?',
    },
  ]);
});

/** Each example of the guide is a list of steps, or a whole pack. */
const guide = readFileSync(new URL("../../../docs/guides/add-a-source.md", import.meta.url), "utf8");
const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((m) => m[1] ?? "");

describe("the guide's examples", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThan(20);
  });

  it.each(examples.map((text, i) => [i + 1, text] as const))("number %i can be read", (_number, text) => {
    const tables = "tables:\n  classes: { 1: { event.kind: event } }\n  protocols: { 6: tcp }\n";
    const steps = withSteps(text.trimEnd())
      .replace("[acme.gate]", "[acme.gate, cef, leef]")
      .replace("parsers:", `${tables}parsers:\n  tail: []`);
    // An example shows steps side by side, and not all of them read a table.
    const found = diagnose(text.includes("parsers:") ? text : steps);
    const isShown = ["unused-table", "unreachable-step"];
    expect(found.filter(({ code }) => !isShown.includes(code))).toEqual([]);
  });
});
