import { describe, expect, it } from "vitest";
import { evtxFieldsReader, evtxXmlReader, isEvtx } from "./evtx-reader.ts";
import type { EvtxReader } from "./evtx-reader.ts";
import * as w from "./evtx-writer.fixture.ts";

const LOGON: w.WindowsEvent = {
  provider: "Microsoft-Windows-Security-Auditing",
  providerGuid: "{54849625-5478-4994-a5ba-3e3b0328c30d}",
  eventId: 4624,
  version: 2,
  level: 0,
  task: 12544,
  opcode: 0,
  keywords: 0x8020000000000000n,
  time: "2026-03-01T12:00:00.1234567Z",
  recordId: 77,
  pid: 600,
  tid: 5604,
  channel: "Security",
  computer: "srv1.example.com",
  data: [
    ["TargetUserName", w.text("ann")],
    ["Threat Name", w.text("x")],
    ["LogonType", w.uint32(3)],
  ],
};

function all<T>(reader: EvtxReader<T>, ...parts: readonly Uint8Array[]) {
  const records = [...parts.flatMap((part) => reader.push(part)), ...reader.end()];
  return { records, contents: records.map(({ content }) => content), diagnostics: reader.diagnostics };
}

const fieldsOf = (...events: readonly w.Element[]) => all(evtxFieldsReader("x.evtx"), w.writeEvtx(events));
const xmlOf = (...events: readonly w.Element[]) => all(evtxXmlReader("x.evtx"), w.writeEvtx(events));

const withData = (...children: readonly w.Element[]): w.Element =>
  w.element("Event", {}, w.embedded(w.element("EventData", {}, ...children)));

describe("reading an event log", () => {
  it("gives an event under Sigma's names", () => {
    const { records, diagnostics } = fieldsOf(w.windowsEvent(LOGON));
    expect(diagnostics).toEqual([]);
    expect(records).toEqual([
      {
        id: 1,
        offset: 4_608,
        writtenAt: Date.parse("2026-03-01T12:00:00Z") * 1_000,
        content: {
          Provider_Name: LOGON.provider,
          Provider_Guid: LOGON.providerGuid,
          EventID: 4624,
          Version: 2,
          Level: 0,
          Task: 12544,
          Opcode: 0,
          Keywords: "0x8020000000000000",
          TimeCreated_SystemTime: LOGON.time,
          EventRecordID: 77,
          Execution_ProcessID: 600,
          Execution_ThreadID: 5604,
          Channel: "Security",
          Computer: "srv1.example.com",
          TargetUserName: "ann",
          ThreatName: "x",
          LogonType: 3,
        },
      },
    ]);
  });

  it("gives it as the XML that Windows renders", () => {
    expect(xmlOf(w.windowsEvent({ ...LOGON, qualifiers: 9, userSid: "S-1-5-18" })).contents).toEqual([
      "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>" +
        "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>" +
        "<EventID Qualifiers='9'>4624</EventID><Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode>" +
        "<Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-03-01T12:00:00.1234567Z'/>" +
        "<EventRecordID>77</EventRecordID><Correlation/><Execution ProcessID='600' ThreadID='5604'/>" +
        "<Channel>Security</Channel><Computer>srv1.example.com</Computer><Security UserID='S-1-5-18'/></System>" +
        "<EventData><Data Name='TargetUserName'>ann</Data><Data Name='Threat Name'>x</Data>" +
        "<Data Name='LogonType'>3</Data></EventData></Event>",
    ]);
  });

  it.each<readonly [string, w.Typed, unknown]>([
    ["null", w.NULL, null],
    ["text", w.text("Grüße"), "Grüße"],
    ["text beyond Latin-1", w.text("日本 ✓"), "日本 ✓"],
    ["text that is ended by zeros", w.text("abc\0\0"), "abc"],
    ["empty text", w.text(""), ""],
    ["ansi", w.ansi("caf\xe9"), "café"],
    ["int8", w.int8(-5), -5],
    ["uint8", w.uint8(250), 250],
    ["int16", w.int16(-300), -300],
    ["uint16", w.uint16(65_000), 65_000],
    ["int32", w.int32(-70_000), -70_000],
    ["uint32", w.uint32(4_000_000_000), 4_000_000_000],
    ["int64", w.int64(-5_000_000_000n), -5_000_000_000],
    ["int64, large", w.int64(-9_223_372_036_854_775_808n), "-9223372036854775808"],
    ["uint64", w.uint64(9_007_199_254_740_991n), 9_007_199_254_740_991],
    ["uint64, large", w.uint64(18_446_744_073_709_551_615n), "18446744073709551615"],
    ["real32", w.real32(0.5), 0.5],
    ["real64", w.real64(-1e300), -1e300],
    ["infinite", w.real64(Infinity), "1.#INF"],
    ["not a number", w.real32(NaN), "-1.#IND"],
    ["true", w.boolean(true), true],
    ["false", w.boolean(false), false],
    ["binary", w.binary("00ff1a"), "00FF1A"],
    ["guid", w.guid("{01234567-89ab-cdef-0123-456789abcdef}"), "{01234567-89ab-cdef-0123-456789abcdef}"],
    ["size", w.size32(4_096), "0x1000"],
    ["file time", w.fileTime("2024-02-29T23:59:59.0000001Z"), "2024-02-29T23:59:59.0000001Z"],
    ["file time of 1601", w.fileTime("1601-01-01T00:00:00Z"), "1601-01-01T00:00:00.0000000Z"],
    ["system time", w.systemTime(2026, 3, 0, 1, 2, 3, 4, 56), "2026-03-01T02:03:04.056Z"],
    [
      "sid",
      w.sid("S-1-5-21-4230534742-2542757381-3142984815-1111"),
      "S-1-5-21-4230534742-2542757381-3142984815-1111",
    ],
    ["hex32", w.hex32(0xabc), "0xabc"],
    ["hex64", w.hex64(0x1_0000_000fn), "0x10000000f"],
    ["hex64, small", w.hex64(0n), "0x0"],
    ["list of texts", w.list(w.text("a"), w.text(""), w.text("c")), ["a", "", "c"]],
    ["list of ansi", w.list(w.ansi("a"), w.ansi("b")), ["a", "b"]],
    ["list of numbers", w.list(w.uint16(1), w.uint16(2)), [1, 2]],
    ["list of sids", w.list(w.sid("S-1-5-18"), w.sid("S-1-1-0")), ["S-1-5-18", "S-1-1-0"]],
    [
      "list of guids",
      w.list(w.guid("{01234567-89ab-cdef-0123-456789abcdef}")),
      ["{01234567-89ab-cdef-0123-456789abcdef}"],
    ],
    ["a number that is cut", { ...w.uint32(1), bytes: new Uint8Array(2) }, null],
    ["a type that nobody knows", { ...w.uint32(1), type: 0x7e }, null],
  ])("reads %s", (_name, value, expected) => {
    const { contents, diagnostics } = fieldsOf(withData(w.element("Data", { Name: "V" }, value)));
    expect(diagnostics).toEqual([]);
    expect(contents).toEqual([{ V: expected }]);
  });

  it("puts text together from constants, references, CDATA and values", () => {
    const value = w.element(
      "Data",
      { Name: "V" },
      "a",
      { kind: "entity", name: "lt" },
      { kind: "character", code: 0x263a },
      { kind: "cdata", text: "<&" },
      w.uint8(7),
      { kind: "entity", name: "own" },
    );
    expect(fieldsOf(withData(value)).contents).toEqual([{ V: "a<☺<&7&own;" }]);
    expect(xmlOf(withData(value)).contents[0]).toContain("<Data Name='V'>a&lt;☺&lt;&amp;7&amp;own;</Data>");
  });

  it("writes what XML has no place for as references, and loses nothing", () => {
    const event = withData(w.element("Data", { Name: "a'\"\n" }, w.text("x\u0001\u001b\t\r\n<>&'\"")));
    expect(xmlOf(event).contents[0]).toBe(
      "<Event><EventData><Data Name='a&apos;&quot;&#10;'>x&#1;&#27;\t\r\n&lt;&gt;&amp;'\"</Data></EventData></Event>",
    );
  });

  it("leaves out elements whose value is null, and attributes", () => {
    const gone = { ...w.element("Data", { Name: "Gone" }, w.NULL), isOptional: true };
    const there = { ...w.element("Data", { Name: "There" }, w.text("1")), isOptional: true };
    const event = withData(gone, there);
    expect(fieldsOf(event).contents).toEqual([{ There: "1" }]);
    expect(xmlOf(event).contents).toEqual([
      "<Event><EventData><Data Name='There'>1</Data></EventData></Event>",
    ]);
  });

  it("keeps data without names, and what comes twice", () => {
    const event = withData(
      w.element("Data", {}, w.list(w.text("a"), w.text("b"))),
      w.element("Data", {}, w.text("c")),
      w.element("Binary", {}, w.binary("01")),
      w.element("Data", { Name: "X" }, w.text("1")),
      w.element("Data", { Name: "X" }, w.text("2")),
    );
    expect(fieldsOf(event).contents).toEqual([{ Data: ["a", "b", "c"], Binary: "01", X: ["1", "2"] }]);
    expect(xmlOf(event).contents[0]).toContain(
      "<Data>a</Data><Data>b</Data><Data>c</Data><Binary>01</Binary>",
    );
  });

  it("takes the names of data from values too", () => {
    expect(fieldsOf(withData(w.element("Data", { Name: w.text("A b") }, w.uint8(1)))).contents).toEqual([
      { Ab: 1 },
    ]);
  });

  it("reads what stands in UserData, nested and in a value", () => {
    const cleared = w.element(
      "LogFileCleared",
      { xmlns: "http://example.com" },
      w.element("SubjectUserName", {}, w.text("ann")),
      w.element("Inner", { Kind: "k" }, w.element("A", {}, w.uint8(1)), w.element("A", {}, w.uint8(2))),
    );
    const expected = { SubjectUserName: "ann", Inner: { "#attributes": { Kind: "k" }, A: [1, 2] } };
    const plain = w.element("Event", {}, w.embedded(w.element("UserData", {}, cleared)));
    const deep = w.element("Event", {}, w.element("UserData", {}, w.embedded(cleared)));
    expect(fieldsOf(plain).contents).toEqual([expected]);
    expect(fieldsOf(deep).contents).toEqual([expected]);
    expect(xmlOf(deep).contents).toEqual(xmlOf(plain).contents);
  });

  it("reads elements without a template, as exported files have them", () => {
    const event = w.element(
      "Event",
      {},
      w.element("System", {}, w.element("EventID", {}, "7"), w.element("Channel", {}, "S")),
    );
    const file = w.writeEvtx([event], { hasTemplate: false });
    expect(all(evtxFieldsReader("x"), file).contents).toEqual([{ EventID: "7", Channel: "S" }]);
  });

  it("gives the same records however the file is cut", () => {
    const file = w.writeEvtx(
      Array.from({ length: 30 }, (_, i) => w.windowsEvent({ ...LOGON, recordId: i })),
      { recordsPerChunk: 12 },
    );
    const whole = all(evtxFieldsReader("x"), file);
    expect(whole.records.map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    for (const size of [1_000, 4_096, 65_536, 70_001]) {
      const parts: Uint8Array[] = [];
      for (let at = 0; at < file.length; at += size) parts.push(file.subarray(at, at + size));
      expect(all(evtxFieldsReader("x"), ...parts)).toEqual(whole);
    }
  });

  it("tells an event log by its first bytes", () => {
    expect(isEvtx(w.writeEvtx([]))).toBe(true);
    expect(isEvtx(Buffer.from("ElfFil"))).toBe(false);
  });
});

describe("reading a damaged event log", () => {
  const events = Array.from({ length: 12 }, (_, i) => w.windowsEvent({ ...LOGON, recordId: 100 + i }));
  const file = (): Buffer => w.writeEvtx(events, { recordsPerChunk: 4 });
  const placeOf = (bytes: Buffer, id: number): number =>
    all(evtxFieldsReader("x"), bytes).records.find((record) => record.id === id)?.offset ?? 0;

  const damages: readonly (readonly [
    string,
    (bytes: Buffer) => Uint8Array,
    readonly number[],
    RegExp,
    string,
  ])[] = [
    ["a checksum of the header", (b) => b.fill(9, 124, 125), [], /file's header/, "warning"],
    [
      "a checksum of a chunk's header",
      (b) => b.fill(9, 4_096 + 125, 4_096 + 126),
      [],
      /chunk 0.*its header/,
      "warning",
    ],
    [
      "a checksum of records",
      (b) => b.fill(9, 4_096 + 53, 4_096 + 54),
      [],
      /chunk 0.*its (header|records)/,
      "warning",
    ],
    [
      "a record's beginning",
      (b) => b.fill(0xaa, placeOf(b, 6), placeOf(b, 6) + 4),
      [6],
      /chunk 1, at byte \d+: no record/,
      "error",
    ],
    [
      "a record's length",
      (b) => b.fill(0xff, placeOf(b, 6) + 4, placeOf(b, 6) + 8),
      [6],
      /chunk 1, at byte/,
      "error",
    ],
    [
      "a record's tree",
      (b) => b.fill(0x3f, placeOf(b, 6) + 28, placeOf(b, 6) + 40),
      [6],
      /chunk 1, record 6, at byte/,
      "error",
    ],
    ["a chunk's beginning", (b) => b.fill(0x20, 4_096, 4_104), [], /no beginning of a chunk/, "error"],
    ["its end", (b) => b.subarray(0, placeOf(b, 12) + 40), [12], /too early/, "error"],
    [
      "a whole chunk at its end",
      (b) => b.subarray(0, 4_096 + 2 * 65_536),
      [9, 10, 11, 12],
      /after 2 of 3 chunks/,
      "error",
    ],
  ];

  it.each(damages)("names damage to %s and reads the rest", (_name, damage, lost, message, severity) => {
    const { records, diagnostics } = all(evtxFieldsReader("x.evtx"), damage(file()));
    expect(diagnostics.map((one) => one.message).join("\n")).toMatch(message);
    expect(diagnostics.map((one) => one.severity)).toContain(severity);
    expect(diagnostics.every(({ at }) => at.file === "x.evtx")).toBe(true);
    const expected = events.map((_, i) => i + 1).filter((id) => !lost.includes(id));
    expect(records.map(({ id }) => id)).toEqual(expected);
  });

  it("reads more chunks than a dirty header promises, records behind a stale end, and no old ones", () => {
    const dirty = file();
    dirty.writeUInt16LE(1, 42);
    dirty.writeUInt32LE(1, 120);
    dirty.writeUInt32LE(placeOf(dirty, 11) - 4_096 - 2 * 65_536, 4_096 + 2 * 65_536 + 48);
    expect(all(evtxFieldsReader("x"), dirty).records).toHaveLength(12);
    const reused = file();
    const at = placeOf(reused, 3);
    reused.writeBigUInt64LE(9_000n, at + 8);
    reused.writeUInt32LE(at - 4_096, 4_096 + 48);
    expect(all(evtxFieldsReader("x"), reused).records.map(({ id }) => id)).toEqual([
      1, 2, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
  });

  it("passes over chunks that were never written", () => {
    const spare = Buffer.concat([file(), Buffer.alloc(65_536)]);
    const { records, diagnostics } = all(evtxFieldsReader("x"), spare);
    expect([records.length, diagnostics]).toEqual([12, []]);
  });

  it.each([
    ["nothing", ""],
    ["another file", "PK\x03\x04".padEnd(9_000)],
    ["a header that ends early", "ElfFile\0abc"],
  ])("refuses %s with one diagnostic", (_name, content) => {
    const { records, diagnostics } = all(evtxFieldsReader("x"), Buffer.from(content, "latin1"));
    expect(records).toEqual([]);
    expect(diagnostics).toMatchObject([{ severity: "error", code: "evtx-header" }]);
  });

  it("says a hundred problems, and how many more there are", () => {
    const bytes = w.writeEvtx(
      Array.from({ length: 150 }, () => w.windowsEvent(LOGON)),
      { recordsPerChunk: 10 },
    );
    for (
      let at = bytes.indexOf("**\0\0", 0, "latin1");
      at > 0;
      at = bytes.indexOf("**\0\0", at + 1, "latin1")
    )
      bytes.fill(0x3f, at + 28, at + 40);
    const reader = evtxFieldsReader("x");
    reader.push(bytes);
    expect([reader.diagnostics.length, reader.unnamed > 0]).toEqual([100, true]);
  });
});

describe("reading bytes that mean harm", () => {
  /** Small and seeded, so that a failure can be seen again. */
  function random(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  const sample = w.writeEvtx([
    w.windowsEvent({ ...LOGON, userSid: "S-1-5-18", activityId: "{01234567-89ab-cdef-0123-456789abcdef}" }),
    withData(
      w.element("Data", {}, w.list(w.text("a"), w.text("b"))),
      w.element("Data", { Name: w.text("n") }, "c", w.real64(1)),
    ),
    w.element(
      "Event",
      {},
      w.element("UserData", {}, w.embedded(w.element("A", { x: "1" }, w.element("B", {}, w.binary("00"))))),
    ),
    w.windowsEvent(LOGON),
  ]);
  const used = sample.readUInt32LE(4_096 + 48);

  it("never throws and always ends, whatever bytes are changed", () => {
    let read = 0;
    for (let seed = 1; seed <= 600; seed += 1) {
      const next = random(seed);
      const bytes = Buffer.from(sample);
      const changes = 1 + next(12);
      for (let i = 0; i < changes; i += 1) {
        const at = 4_096 + (next(4) === 0 ? next(512) : 512 + next(used - 512));
        const value = [next(256), 0, 0xff, 0x21, 0x0c, (bytes[at] ?? 0) ^ (1 << next(8))][next(6)] ?? 0;
        bytes.fill(value, at, at + 1 + next(4));
      }
      for (const reader of [evtxFieldsReader("x"), evtxXmlReader("x")]) {
        const { records } = all<unknown>(reader, bytes);
        read += records.length;
        JSON.stringify(records);
      }
    }
    expect(read).toBeGreaterThan(1_000);
  }, 20_000);

  it("stops where few bytes are named again and again", () => {
    const harmful = harmfulFile();
    for (const reader of [evtxFieldsReader("x"), evtxXmlReader("x")]) {
      const { records, diagnostics } = all<unknown>(reader, harmful);
      expect(records).toEqual([]);
      expect(diagnostics.map(({ message }) => message).join("\n")).toContain("too often");
    }
  });

  /** One value of 15,000 characters, and a template that asks for it 5,000 times. */
  function harmfulFile(): Buffer {
    const many = Array.from({ length: 5_000 }, () => w.uint8(0));
    const small = w.writeEvtx([withData(w.element("Data", { Name: "V" }, ...many))]);
    const first = small.indexOf(Buffer.from([0x0e, 0, 0, 0x04]));
    for (let i = 0; i < many.length; i += 1) small.writeUInt16LE(0, first + 4 * i + 1);
    const descriptors = small.indexOf(Buffer.from([1, 0, 4, 0, 1, 0, 4, 0]));
    small.writeUInt16LE(4_000, descriptors);
    small[descriptors + 2] = 0x01;
    for (let i = 1; i < many.length; i += 1) small.writeUInt16LE(0, descriptors + 4 * i);
    small.fill(0x41, descriptors + 4 * many.length, descriptors + 4 * many.length + 5_000);
    return small;
  }
});
