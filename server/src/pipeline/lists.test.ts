import { describe, expect, it } from "vitest";
import { createNormaliser } from "./normaliser.ts";
import type { RecordOutcome } from "./ports.ts";
import { ownFields, testPack, testRecord, testSnapshot } from "./testing/records.ts";

function run(steps: readonly string[], record: object): RecordOutcome {
  const lines = ["- json: { into: acme, otherwise: reject }", ...steps].join("\n").replaceAll("\n", "\n    ");
  const pack = testPack(
    "acme",
    `namespaces: [acme]\nrecognise: [{ json: [], parser: main }]\nparsers:\n  main:\n    ${lines}\n`,
  );
  const record_ = testRecord(JSON.stringify(record));
  const [outcome] = createNormaliser({ snapshot: testSnapshot(pack) }).normalise([record_]);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

function fieldsOf(steps: readonly string[], record: object): Readonly<Record<string, unknown>> {
  const outcome = run(steps, record);
  if (outcome.kind !== "event") throw new Error(`became ${outcome.kind}`);
  return ownFields(outcome.event);
}

describe("each", () => {
  it("goes over plain values", () => {
    const steps = [
      '- each: { in: acme.l, as: _v, do: [{ append: { tags: "t-{_v}" } }] }',
      "- remove: [acme.l]",
    ];
    expect(fieldsOf(steps, { l: ["a", null, 2] })).toEqual({ tags: ["t-a", "t-2"] });
  });

  it("goes over objects, flattened, and forgets each before the next", () => {
    const steps = [
      "- each:",
      "    in: acme.users",
      "    as: _u",
      "    do:",
      '      - { when: _u.type == "actor", move: { _u.name: user.name, _u.id.nr: user.id } }',
      '      - { when: _u.type == "target", set: { user.target.name: "{_u.name}", acme.seen: "{_u.id.nr}" } }',
      "- remove: [acme.users]",
    ];
    const users = [
      { type: "actor", name: "mara", id: { nr: 7 } },
      { type: "target", name: "voss" },
    ];
    expect(fieldsOf(steps, { users })).toEqual({
      "user.name": "mara",
      "user.id": "7",
      "user.target.name": "voss",
      "related.user": ["mara", "voss"],
    });
  });

  it("goes over the entries of an object, by the first part of their names", () => {
    const steps = [
      '- each: { in: "acme.o.*", as: _e, do: [{ append: { tags: "{_e.key}={_e.value}" } }, { append: { host.ip: "{_e.value.ip}" } }] }',
      '- remove: ["acme.o.*"]',
    ];
    expect(
      fieldsOf(steps, { o: { a: 1, eth0: { ip: "192.0.2.1", up: true }, eth1: { ip: "192.0.2.2" } } }),
    ).toEqual({
      tags: ["a=1"],
      "host.ip": ["192.0.2.1", "192.0.2.2"],
      "related.ip": ["192.0.2.1", "192.0.2.2"],
    });
  });

  it("goes into lists of lists, and takes one value for a list of one", () => {
    const steps = [
      "- each: { in: acme.l, as: _a, do: [{ each: { in: _a.m, as: _b, do: [{ append: { tags: '{_b.x}' } }] } }] }",
      "- each: { in: acme.one, as: _o, do: [{ append: { tags: '{_o}' } }] }",
      "- remove: [acme.l, acme.one]",
    ];
    const l = [{ m: [{ x: "p" }, { x: "q" }] }, { m: [{ x: "r" }] }, { n: 1 }];
    expect(fieldsOf(steps, { l, one: "s" })).toEqual({ tags: ["p", "q", "r", "s"] });
  });

  it("stops at its limit, and where a step leaves the parser", () => {
    const counting = "- each: { in: acme.l, as: _v, limit: 2, do: [{ append: { tags: '{_v}' } }] }";
    expect(fieldsOf([counting, "- remove: [acme.l]"], { l: [1, 2, 3] })).toEqual({ tags: ["1", "2"] });
    const dropping = "- each: { in: acme.l, as: _v, do: [{ when: _v == 2, drop: }] }";
    expect(run([dropping], { l: [1, 2, 3] }).kind).toBe("filtered");
  });

  it("never runs a list times a list without end", () => {
    const steps = [
      "- each: { in: acme.l, as: _a, do: [{ each: { in: acme.l, as: _b, do: [{ set: { _x: '{_b}' } }] } }] }",
    ];
    expect(run(steps, { l: Array.from({ length: 1_000 }, (_, i) => i) })).toMatchObject({
      kind: "quarantined",
      record: { reason: "too-many-fields" },
    });
  });
});

describe("entries", () => {
  const step =
    "- entries: { from: acme.p, key: name, value: [value, intValue, boolValue, multiValue, parts], into: acme.param, otherwise: { set: { acme.no: true } } }";
  it.each([
    [
      "names and values become fields",
      [
        { name: "owner", value: "mara" },
        { name: "size", intValue: "7" },
        { name: "shared", boolValue: false },
        { name: "with", multiValue: ["a", "b"] },
        { name: "whom", parts: { id: 1 } },
        { name: "nothing" },
      ],
      {
        "acme.param.owner": "mara",
        "acme.param.size": "7",
        "acme.param.shared": false,
        "acme.param.with": ["a", "b"],
        "acme.param.whom.id": 1,
      },
    ],
    [
      "a name that comes twice keeps both",
      [
        { name: "a", value: "1" },
        { name: "a", value: "2" },
      ],
      { "acme.param.a": ["1", "2"] },
    ],
    [
      "what is no entry stays",
      [{ name: "a", value: "1" }, "text", { nr: 2 }],
      { "acme.param.a": "1", "acme.p": ["text", { nr: 2 }] },
    ],
    ["one entry that is no list", { name: "a", value: "1" }, { "acme.param.a": "1" }],
    ["a list of something else", ["x", "y"], { "acme.p": ["x", "y"], "acme.no": true }],
    ["a text", "x", { "acme.p": "x", "acme.no": true }],
    ["nothing", undefined, { "acme.no": true }],
    ["a name like a prototype's", [{ name: "__proto__", value: "x" }], { "acme.param.__proto__": "x" }],
  ])("%s", (_what, p, expected) => {
    expect(fieldsOf([step], { p })).toEqual(expected);
  });
});
