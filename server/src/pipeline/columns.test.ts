import { describe, expect, it } from "vitest";
import { createNormaliser } from "./normaliser.ts";
import type { SourceSettings } from "./draft.ts";
import type { RecordOutcome } from "./ports.ts";
import { ownFields, testPack, testRecord, testSnapshot } from "./testing/records.ts";

interface Given {
  readonly header?: string;
  readonly step?: string;
  readonly settings?: SourceSettings;
}

const STEP = "- columns: { into: acme, otherwise: { set: { acme.no: true } } }";

function run(text: string, { header, step = STEP, settings = {} }: Given): RecordOutcome {
  const pack = testPack(
    "acme",
    `namespaces: [acme]\nrecognise: [{ match: '^.*$', parser: main }]\nparsers:\n  main:\n    ${step}\n`,
  );
  const record = testRecord(text, header === undefined ? {} : { header });
  const normaliser = createNormaliser({ snapshot: testSnapshot(pack), settingsOf: () => settings });
  const [outcome] = normaliser.normalise([record]);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

function fieldsOf(text: string, given: Given): Readonly<Record<string, unknown>> {
  const outcome = run(text, given);
  if (outcome.kind !== "event") throw new Error(`became ${outcome.kind}`);
  const { message: _message, ...fields } = ownFields(outcome.event);
  return fields;
}

const W3C = "#Software: Acme Web\n#Fields: date time c-ip cs(User-Agent) sc-status";
const ZEEK =
  "#separator \\x09\n#set_separator\t,\n#empty_field\t(none)\n#unset_field\t-\n#path\tconn\n#fields\tts\tid.orig_h\tservice";

describe("columns", () => {
  it.each<[string, string, Given, Readonly<Record<string, unknown>>]>([
    [
      "of W3C, with quotes and without values",
      '2026-02-27 10:00:00 192.0.2.1 "Agent (X)" -',
      { header: W3C },
      {
        "acme.date": "2026-02-27",
        "acme.time": "10:00:00",
        "acme.c_ip": "192.0.2.1",
        "acme.cs_user_agent": "Agent (X)",
      },
    ],
    [
      "of W3C, parted by tabs",
      "2026-02-27\t10:00:00\t192.0.2.1\tAgent X\t200",
      { header: W3C },
      {
        "acme.date": "2026-02-27",
        "acme.time": "10:00:00",
        "acme.c_ip": "192.0.2.1",
        "acme.cs_user_agent": "Agent X",
        "acme.sc_status": "200",
      },
    ],
    [
      "of W3C, parted by commas",
      "2026-02-27T10:00:00Z,192.0.2.1,a b",
      { header: "#Fields: date-time,client-ip,event-id" },
      { "acme.date_time": "2026-02-27T10:00:00Z", "acme.client_ip": "192.0.2.1", "acme.event_id": "a b" },
    ],
    [
      "of Zeek",
      "1772186400.5\t192.0.2.1\t(none)\textra",
      { header: ZEEK },
      { "acme.ts": "1772186400.5", "acme.id.orig_h": "192.0.2.1", "acme.column4": "extra" },
    ],
    [
      "of a first line of names",
      '1;"a; b";x',
      { header: 'nr;"Source User";src_ip' },
      { "acme.nr": "1", "acme.source_user": "a; b", "acme.src_ip": "x" },
    ],
    ["by configuration", "a b", { settings: { columns: ["one", "-"] } }, { "acme.one": "a" }],
    [
      "by the standard list of as many",
      "a|~|c",
      {
        step: '- columns: { into: acme, delimiter: "|", empty: ["~"], standard: [[p, q], [p, q, r]], otherwise: ignore }',
      },
      { "acme.p": "a", "acme.r": "c" },
    ],
    ["of nobody's", "a b", {}, { "acme.no": true }],
    ["of a header without names", "a b", { header: "#Version: 1.0" }, { "acme.no": true }],
  ])("%s", (_what, text, given, expected) => {
    expect(fieldsOf(text, given)).toEqual(expected);
  });

  it.each([
    ["#Fields: date time", { header: W3C }],
    ["#close\t2026-02-27-10-00-00", { header: ZEEK }],
    ["#Fields: date time", {}],
    ["nr;user;src_ip", { header: "nr;user;src_ip" }],
  ])("leaves the header's own line out: %s", (text, given) => {
    expect(run(text, given)).toEqual({ kind: "filtered", reason: "pack-dropped" });
  });

  it("tells the parser what the file says about itself", () => {
    const step = `${STEP}\n    - when: _header.path == "conn"\n      set: { acme.is_conn: true }`;
    expect(fieldsOf("1\t2\t3", { header: ZEEK, step })["acme.is_conn"]).toBe(true);
  });

  it("are known by their header, before anything that only looks at the line", () => {
    const packs = [
      ["any", "{ match: '^.*$', parser: main }"],
      ["conn", '{ header: ["#path\\tconn"], parser: main }'],
    ].map(([id = "", recogniser = ""]) =>
      testPack(id, `recognise: [${recogniser}]\nparsers: { main: [{ set: { event.kind: event } }] }`),
    );
    const normaliser = createNormaliser({ snapshot: testSnapshot(...packs) });
    const packOf = (header: string): string => {
      const [outcome] = normaliser.normalise([testRecord("Feb 27 10:00:00 gw a: b", { header })]);
      return outcome?.kind === "event" ? outcome.event.pack : "";
    };
    expect([packOf(ZEEK), packOf(W3C)]).toEqual(["conn/main", "any/main"]);
  });
});
