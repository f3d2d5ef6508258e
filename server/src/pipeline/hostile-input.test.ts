import { fileURLToPath } from "node:url";
import type { RawRecord } from "@tyto/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readContent } from "../content/index.ts";
import { createNormaliser } from "./normaliser.ts";
import type { RecordOutcome } from "./ports.ts";
import { testRecord } from "./testing/records.ts";

const snapshot = await readContent([fileURLToPath(new URL("../../../packs", import.meta.url))]);
const normaliser = createNormaliser({ snapshot });

function outcomeOf(content: string | Uint8Array, pack?: string): RecordOutcome {
  const record = testRecord(content, pack === undefined ? {} : { pack });
  const outcomes = normaliser.normalise([record]);
  expect(outcomes).toHaveLength(1);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

describe("input that nobody meant well", () => {
  it("keeps bytes that are no UTF-8, with their text as far as it goes", () => {
    const bytes = Uint8Array.of(0x62, 0x61, 0xff, 0xfe, 0x00, 0x64);
    const outcome = outcomeOf(bytes);
    expect(outcome).toMatchObject({
      kind: "event",
      event: { pack: "unknown", fields: { message: "ba\uFFFD\uFFFD\u0000d" } },
    });
    expect(outcome.kind === "event" && outcome.event.raw).toBe(bytes);
  });

  it("replaces lone surrogates that JSON smuggles in", () => {
    const outcome = outcomeOf('{"message":"a\\ud800b","deep":[{"x":"\\udc00"}]}');
    expect(outcome).toMatchObject({
      event: { fields: { message: "a\uFFFDb", "custom.deep": [{ x: "\uFFFD" }] } },
    });
  });

  it("makes an event of nothing", () => {
    expect(outcomeOf("")).toMatchObject({
      kind: "event",
      event: { pack: "unknown", fields: { "event.kind": "event" } },
    });
  });

  it("stores 5,000 distinct keys", () => {
    const keys = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`key${i}`, i]));
    const outcome = outcomeOf(JSON.stringify(keys));
    expect(outcome.kind === "event" && Object.keys(outcome.event.fields).length).toBeGreaterThan(5_000);
  });

  it("quarantines more values than the limit, in JSON, key=value and CSV", () => {
    const many = Array.from({ length: 10_001 }, (_, i) => i);
    const json = JSON.stringify(Object.fromEntries(many.map((i) => [`k${i}`, i])));
    const listed = JSON.stringify({ l: many.map((i) => ({ i })) });
    const pairs = many.map((i) => `k${i}=1`).join(" ");
    for (const text of [json, listed, pairs]) {
      expect(outcomeOf(text)).toMatchObject({ kind: "quarantined", record: { reason: "too-many-fields" } });
    }
    expect(outcomeOf(many.join(","), "generic-csv")).toMatchObject({ record: { reason: "too-many-fields" } });
  });

  it("quarantines nesting beyond the limit, in objects and in lists", () => {
    const objects = `${'{"a":'.repeat(100)}1${"}".repeat(100)}`;
    const lists = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    expect(outcomeOf(objects)).toMatchObject({ kind: "quarantined", record: { reason: "too-deep" } });
    expect(outcomeOf(lists)).toMatchObject({ kind: "quarantined", record: { reason: "too-deep" } });
  });

  it("keeps a user that is a text and then an object", () => {
    expect(outcomeOf('{"user":"mara"}')).toMatchObject({ event: { fields: { "user.name": "mara" } } });
    expect(outcomeOf('{"user":{"nick":"m"}}')).toMatchObject({
      event: { fields: { "custom.user.nick": "m" } },
    });
  });

  it("quarantines what the input already knows to be broken", () => {
    const record = testRecord("half", { fault: "truncated-stream" });
    expect(normaliser.normalise([record])).toMatchObject([
      { kind: "quarantined", record: { reason: "truncated-stream" } },
    ]);
  });

  it("quarantines what is longer than a record may be", () => {
    const small = createNormaliser({ snapshot, maxRecordBytes: 10 });
    expect(small.normalise([testRecord("12345678901")])).toMatchObject([{ record: { reason: "oversize" } }]);
  });

  it("never lets a name in a line forge an address", () => {
    const outcome = outcomeOf(
      "Feb 27 08:15:42 gw sshd[1]: Failed password for invalid user a from 192.0.2.1 port 9 ssh2 from 203.0.113.7 port 4 ssh2",
    );
    expect(outcome).toMatchObject({ event: { fields: { "source.ip": "203.0.113.7", "source.port": 4 } } });
  });
});

/** Pieces that headers, pairs and patterns are made of, so that random text comes close to being something. */
const piece = fc.constantFrom(
  "<34>",
  "1 ",
  "Feb 27 10:00:00 ",
  "2026-02-27T10:00:00Z ",
  "gw ",
  "sshd[1]: ",
  "sudo: ",
  "Failed password for ",
  " from ",
  "192.0.2.1",
  " port 22 ssh2",
  "pam_unix(",
  ":auth): ",
  "a=b ",
  '"',
  "'",
  "\\",
  "{",
  "}",
  '{"a":1}',
  "[",
  "]",
  ",",
  ":",
  ";",
  "=",
  "\u0000",
  "\uFFFD",
  "é",
  "→",
  "Deny TCP ",
  " -> ",
  "%ASA-6-302013: ",
  "type=SYSCALL msg=audit(1.1:1): ",
  "\n",
  " ",
  "- ",
);
const nearly = fc
  .array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 40 })
  .map((parts) => parts.join(""));
const anyBytes = fc.uint8Array({ maxLength: 400 });

it("gives one outcome for any bytes, and none of them is a failure of a pack", () => {
  fc.assert(
    fc.property(fc.oneof(nearly, anyBytes, fc.json()), (content) => {
      const outcome = outcomeOf(content);
      if (outcome.kind === "quarantined") expect(outcome.record.reason).not.toBe("pack-failed");
    }),
    { numRuns: 2_000 },
  );
});

/** Every pack's parsers meet text that is not theirs when a source is set to the wrong one. */
it("gives one outcome for any text that a source calls by a wrong name", () => {
  const names = snapshot.packs.flatMap((pack) =>
    [...pack.parsers.keys()].map((parser) => `${pack.id}/${parser}`),
  );
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(nearly, fc.json()), (pack, text) => {
      const outcome = outcomeOf(text, pack);
      if (outcome.kind === "quarantined") expect(outcome.record.reason).not.toBe("pack-failed");
    }),
    { numRuns: 1_000 },
  );
});

/** Milliseconds, the best of three where one was slow: what else runs on the machine is not the parser's. */
function timeOf(record: RawRecord): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && best > LIMIT_MS; i += 1) {
    const start = performance.now();
    normaliser.normalise([record]);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const LIMIT_MS = 50;
const units = [
  "a",
  " ",
  "=",
  '"',
  ",",
  "0",
  "1.",
  ":",
  "a=",
  '"a" ',
  "(",
  "\\",
  "/",
  "[",
  " : ",
  " from ",
  "->",
  "' ",
  "; ",
  "ab ",
];

describe("no line takes longer than fifty milliseconds", () => {
  it.each([
    "",
    "<34>",
    "Feb 27 10:00:00 gw sshd[1]: Failed password for ",
    "Feb 27 10:00:00 gw sudo: a : ",
    "Feb 27 10:00:00 gw x: ",
  ])("that begins with %j", (head) => {
    // 16,000 characters is about as much as expressions get to see; 100,000 is for the scanners.
    const slow = units.flatMap((unit) =>
      [16_000, 100_000]
        .map((size) => timeOf(testRecord(head + unit.repeat(Math.floor(size / unit.length)))))
        .filter((time) => time > LIMIT_MS)
        .map((time) => `${JSON.stringify(unit)}: ${time.toFixed(0)} ms`),
    );
    expect(slow).toEqual([]);
  });

  it.each(snapshot.packs.map((pack) => [pack.id, pack] as const))("in any parser of %s", (_id, pack) => {
    const slow = [...pack.parsers.keys()].flatMap((parser) =>
      units
        .map((unit) => {
          const text = unit.repeat(Math.floor(16_000 / unit.length));
          return { unit, time: timeOf(testRecord(text, { pack: `${pack.id}/${parser}` })) };
        })
        .filter(({ time }) => time > LIMIT_MS)
        .map(({ unit, time }) => `${parser} ${JSON.stringify(unit)}: ${time.toFixed(0)} ms`),
    );
    expect(slow).toEqual([]);
  });
});
