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
