import { describe, expect, it } from "vitest";
import { createNormaliser } from "./normaliser.ts";
import { testPack, testRecord, testSnapshot } from "./testing/records.ts";

const packs = [
  ["any", '{ cef: "*", parser: main }'],
  ["gate", '{ cef: "Acme|Gate", parser: main }'],
  ["leefs", "{ leef: [Acme], parser: main }"],
  ["vendor", "{ cef: [Acme], parser: main }"],
].map(([id = "", recogniser = ""]) =>
  testPack(id, `recognise: [${recogniser}]\nparsers: { main: [{ set: { event.kind: event } }] }`),
);
const normaliser = createNormaliser({ snapshot: testSnapshot(...packs) });

function packOf(text: string, configured?: string): string {
  const record = testRecord(text, configured === undefined ? {} : { pack: configured });
  const [outcome] = normaliser.normalise([record]);
  return outcome?.kind === "event" ? outcome.event.pack : "";
}

describe("records of security devices", () => {
  it.each([
    ["CEF:0|Acme|Gate|1.0|1|n|1|src=192.0.2.1", "gate/main"],
    ["<34>Feb 27 10:00:00 gw CEF: 0|ACME|gate|1.0|1|n|1|", "gate/main"],
    ["relay: CEF:0|Acme|Gate|1.0|1|n|1|", "gate/main"],
    ["CEF:0|Acme|Bridge|1.0|1|n|1|", "vendor/main"],
    ["CEF:0|Other|Gate|1.0|1|n|1|", "any/main"],
    ["LEEF:1.0|Acme|Gate|1.0|login|", "leefs/main"],
    ["LEEF:1.0|Other|Gate|1.0|login|", "unknown"],
    ['{"cef":{"device":{"vendor":"Acme","product":"Gate"}}}', "gate/main"],
  ])("%s goes to %s", (text, pack) => {
    expect(packOf(text)).toBe(pack);
  });

  it("are nobody's when the configured pack is another product's", () => {
    expect(packOf("CEF:0|Other|Gate|1.0|1|n|1|", "vendor/none")).toBe("any/main");
    expect(packOf("no header", "gate")).toBe("gate/main");
  });
});

describe("with five hundred packs", () => {
  const kinds = [
    (i: number) => `json: [common, "key${i}.inner"]`,
    (i: number) => `json: { common: [v${i}] }`,
    (i: number) => `match: '^${String.fromCharCode(0x41 + (i % 26))}\\w{0,9}${i} .*$'`,
    (i: number) => `program: [tool${i}]`,
    (i: number) => `program: ["kit${i}-*"]`,
  ];
  const many = Array.from({ length: 500 }, (_, i) =>
    testPack(
      `pack${i}`,
      `recognise: [{ ${(kinds[i % kinds.length] ?? String)(i)}, parser: main }]\nparsers: { main: [{ set: { event.kind: event } }] }`,
    ),
  );
  const crowded = createNormaliser({ snapshot: testSnapshot(...many) });
  it.each([
    ['{"common":1,"key10":{"inner":2}}', "pack10/main"],
    ['{"common":1,"key10.inner":2}', "pack10/main"],
    ['{"common":"v11"}', "pack11/main"],
    ["M12 x", "pack12/main"],
    ["<34>Feb 27 10:00:00 gw tool13: x", "pack13/main"],
    ["<34>Feb 27 10:00:00 gw kit14-a: x", "pack14/main"],
    ['{"common":"v1000"}', "unknown"],
    ["m12 x", "unknown"],
  ])("%s is still %s", (text, pack) => {
    const [outcome] = crowded.normalise([testRecord(text)]);
    expect(outcome?.kind === "event" && outcome.event.pack).toBe(pack);
  });
});
