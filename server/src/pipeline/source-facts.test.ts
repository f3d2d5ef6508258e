import type { FieldValue } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { MAX_SOURCE_FACTS, readSourceFacts } from "./source-facts.ts";
import type { SourceFact } from "./source-facts.ts";

function added(facts: readonly SourceFact[], said: Readonly<Record<string, FieldValue>>): object {
  const reading = readSourceFacts(facts);
  if (reading.kind === "problem") throw new Error(reading.message);
  const fields = new Map(Object.entries(said));
  reading.facts.addMissing(fields);
  return Object.fromEntries(fields);
}

const devices: readonly SourceFact[] = [
  { fields: { "host.name": "some-firewall", "labels.site": "berlin", "host.ip": "192.0.2.1" } },
  { where: { field: "observer.serial_number", value: "S-1" }, fields: { "host.name": "edge-1" } },
  { where: { field: "observer.serial_number", value: "7" }, fields: { "organization.name": "Example" } },
];

describe("what is known of a source", () => {
  const texts = devices.map(({ fields, ...rest }) => ({
    ...rest,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => name !== "host.ip")),
  }));

  it.each<[string, Record<string, FieldValue>, Record<string, FieldValue>]>([
    ["holds for every record", {}, { "host.name": "some-firewall", "labels.site": "berlin" }],
    [
      "holds first for the value that a fact asks for",
      { "observer.serial_number": "S-1" },
      { "observer.serial_number": "S-1", "host.name": "edge-1", "labels.site": "berlin" },
    ],
    [
      "asks for numbers by their digits",
      { "observer.serial_number": 7, "host.name": "h" },
      {
        "observer.serial_number": 7,
        "host.name": "h",
        "organization.name": "Example",
        "labels.site": "berlin",
      },
    ],
    [
      "never stands against what the record says",
      { "host.name": "own", "labels.site": "" },
      { "host.name": "own", "labels.site": "berlin" },
    ],
  ])("%s", (_what, said, expected) => {
    expect(added(texts, said)).toEqual(expected);
  });

  it("is a list where ECS has a list", () => {
    expect(added([{ fields: { "user.roles": "admin" } }], {})).toEqual({ "user.roles": ["admin"] });
  });

  it.each<[string, SourceFact, string]>([
    ["a field that ECS does not have", { fields: { "host.nam": "x" } }, '"host.nam" is no field of ECS'],
    ["a field that is no text", devices[0] ?? { fields: {} }, '"host.ip" is no field for'],
    ["a class", { fields: { "event.outcome": "success" } }, '"event.outcome" is no field for'],
    ["what the pipeline derives", { fields: { "related.hosts": "x" } }, '"related.hosts" is no field for'],
    ["a fact that says nothing", { fields: {} }, "a fact without fields"],
    ["a very long text", { fields: { "host.name": "x".repeat(257) } }, "very long text"],
    [
      "a prototype",
      { fields: JSON.parse('{"__proto__": "x"}') as Record<string, string> },
      "is no field of ECS",
    ],
  ])("cannot be %s", (_what, fact, message) => {
    const reading = readSourceFacts([fact]);
    expect(reading).toMatchObject({ kind: "problem", message: expect.stringContaining(message) as string });
  });

  it("has a limit", () => {
    const many = Array.from({ length: MAX_SOURCE_FACTS + 1 }, () => ({ fields: { "host.name": "x" } }));
    expect(readSourceFacts(many).kind).toBe("problem");
  });
});
