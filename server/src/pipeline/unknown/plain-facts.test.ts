import fc from "fast-check";
import { formatMicros } from "@tyto/domain";
import type { Event } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { createNormaliser } from "../normaliser.ts";
import { ownFields, testRecord, testSnapshot } from "../testing/records.ts";
import { piecesOf, shapeOf } from "./shape.ts";

const normaliser = createNormaliser({ snapshot: testSnapshot() });

function eventOf(line: string): Event {
  const [outcome] = normaliser.normalise([testRecord(line)]);
  if (outcome?.kind !== "event") throw new Error(`became ${outcome?.kind ?? "nothing"}`);
  return outcome.event;
}

const FACTS: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ["an address", "peer 192.0.2.7 is slow", { "related.ip": ["192.0.2.7"] }],
  ["an address that comes from somewhere", "refused from 192.0.2.7:5022", { "source.ip": "192.0.2.7" }],
  [
    "keys that name ends",
    "src=192.0.2.7 dst=198.51.100.2 x",
    { "source.ip": "192.0.2.7", "destination.ip": "198.51.100.2" },
  ],
  ["an IPv6 address", "lost 2001:db8::7 again", { "related.ip": ["2001:db8::7"] }],
  ["an address at the end of a sentence", "lost 192.0.2.7.", { "related.ip": ["192.0.2.7"] }],
  ["a version, which is no address", "agent 1.2.3.4.5 started", { "related.ip": undefined }],
  ["a number too large for an address", "build 300.1.2.3 started", { "related.ip": undefined }],
  ["a time, which is no address", "took 10:22:31 in all", { "related.ip": undefined }],
  [
    "a URL",
    "GET https://www.example.com/a?b=1 ok",
    { "url.original": "https://www.example.com/a?b=1", "related.hosts": ["www.example.com"] },
  ],
  [
    "hashes",
    "file d41d8cd98f00b204e9800998ecf8427e bad",
    { "related.hash": ["d41d8cd98f00b204e9800998ecf8427e"] },
  ],
  ["a user by a key", "x user=alice y", { "user.name": "alice" }],
  ["a user in quotes", 'account "bob b" locked', { "user.name": "bob b" }],
  ["a user between words", "denied for bob from 192.0.2.7", { "user.name": "bob", "source.ip": "192.0.2.7" }],
  ["a word after user, which is none", "user logged in", { "user.name": undefined }],
  ["nobody", "user=- x", { "user.name": undefined }],
  ["a host by a key", "host=web1 down", { "host.name": "web1" }],
  ["how it is written", "a=1 b=2 c=3", { "tyto.format": "kv" }],
  ["cells", "a;b;c;d;e", { "tyto.format": "csv" }],
  ["plain words", "it is down", { "tyto.format": "text", "tyto.shape": "it is down" }],
];

const SHAPES: readonly (readonly [string, readonly string[], string])[] = [
  [
    "times, addresses, numbers and quoted texts",
    [
      '2026-02-01 10:00:00 job 17 of 192.0.2.1 said "a b" in 20ms',
      '2026-02-02 11:10:01 job 4 of 2001:db8::1 said "c" in 3ms',
    ],
    "<time> job <number> of <ip> said <text> in <id>",
  ],
  [
    "paths and ids",
    [
      "open /srv/a by 8f14e45f-ceea-467f-a9d3-1a2b3c4d5e6f",
      "open /x/y/z by 00000000-0000-4000-8000-000000000001",
    ],
    "open <path> by <id>",
  ],
  ["values of keys", ["a user=bob mode=slow", "a user=mara mode=fast"], "a user=<text> mode=<text>"],
  ["white space", ["a  b", "a b"], "a b"],
];

describe("a line that no pack knows", () => {
  it.each(FACTS)("shows %s", (_, line, expected) => {
    const fields = eventOf(line).fields;
    for (const [name, value] of Object.entries(expected)) expect([name, fields[name]]).toEqual([name, value]);
  });

  it.each([
    ["2026-02-01T10:00:00Z x", "2026-02-01T10:00:00.000Z"],
    ["2026-02-01 10:00:00,250 x", "2026-02-01T10:00:00.250Z"],
    ["[2026/02/01 10:00:00] x", "2026-02-01T10:00:00.000Z"],
    ['192.0.2.1 - - [01/Feb/2026:10:00:00 +0100] "x"', "2026-02-01T09:00:00.000Z"],
    ["1769940000.5 x", "2026-02-01T10:00:00.500Z"],
    ["it was 2026-02-01T10:00:00Z", "2026-03-01T12:00:00.000Z"],
  ])("takes the time of %s", (line, time) => {
    expect(formatMicros(eventOf(line).timestamp)).toBe(time);
  });

  it.each(SHAPES)("has one shape for lines that differ in %s", (_, lines, shape) => {
    expect(lines.map((line) => eventOf(line).fields["tyto.shape"])).toEqual(lines.map(() => shape));
  });

  it("keeps what its envelope says", () => {
    const event = eventOf("<13>Feb 27 10:00:00 web1 thing[4]: gone from 192.0.2.9");
    expect(ownFields(event)).toMatchObject({
      "host.name": "web1",
      "process.name": "thing",
      "source.ip": "192.0.2.9",
    });
  });
});

describe("pieces of a line", () => {
  it("stand in order, apart, and as the line has them; shapes have a bound", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "192.0.2.1",
        "::",
        "1.2.3",
        "a=",
        '"',
        "'",
        "2026-01-01 00:00:00",
        "http://",
        "\\\\",
        ":",
        " ",
        "ff:ff",
        "é",
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const line = parts.join("");
        let at = 0;
        for (const { text, start } of piecesOf(line)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(line.slice(start, start + text.length)).toBe(text);
          at = start + text.length;
        }
        expect(shapeOf(line).length).toBeLessThanOrEqual(400);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["a", "1", ".", ":", "0:", "1.1.1.", '"', "a@", "a.", "/", "x=", "0x", "A-", "::1"])(
    "come in bounded time from 16,000 characters of %s",
    (unit) => {
      const line = unit.repeat(Math.ceil(16_000 / unit.length));
      const started = performance.now();
      shapeOf(line);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );
});
