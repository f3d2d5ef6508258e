import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SyslogFramer } from "./framer.ts";
import type { Frame } from "../senders.ts";

const LIMIT = 64;

function frames(stream: Uint8Array, cuts: readonly number[] = [], isClean = true) {
  const framer = new SyslogFramer(LIMIT);
  const found: Frame[] = [];
  let from = 0;
  for (const to of [...new Set(cuts)].filter((cut) => cut <= stream.length).sort((a, b) => a - b)) {
    found.push(...framer.push(stream.subarray(from, to)));
    from = to;
  }
  found.push(...framer.push(stream.subarray(from)), ...framer.end(isClean));
  const texts = found.map(
    ({ bytes, fault }) => [Buffer.from(bytes).toString("latin1"), fault ?? "ok"] as const,
  );
  return { texts, framer, frameBytes: found.reduce((sum, frame) => sum + frame.bytes.length, 0) };
}

const cases: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  [
    "octet counting as rsyslog sends it: the count includes a trailing LF, several frames in a segment",
    "12 <38>1 - a b\n14 <38>1 - a bcd\n",
    [
      ["<38>1 - a b", "ok"],
      ["<38>1 - a bcd", "ok"],
    ],
  ],
  [
    "lines as rsyslog sends them by default",
    "<38>Nov 20 21:31:21 vm sshd[123]: one\n<38>Nov 20 21:31:22 vm sshd[123]: two\n",
    [
      ["<38>Nov 20 21:31:21 vm sshd[123]: one", "ok"],
      ["<38>Nov 20 21:31:22 vm sshd[123]: two", "ok"],
    ],
  ],
  [
    "a count without the LF that still follows",
    "3 abc\n3 def",
    [
      ["abc", "ok"],
      ["def", "ok"],
    ],
  ],
  [
    "NUL between frames",
    "<1>one\0<1>two\0",
    [
      ["<1>one", "ok"],
      ["<1>two", "ok"],
    ],
  ],
  [
    "CR LF",
    "<1>one\r\n\r\n<1>two\r\n",
    [
      ["<1>one", "ok"],
      ["<1>two", "ok"],
    ],
  ],
  [
    "both framings on one connection",
    "<1>line\n6 <1>oct<1>line again\n",
    [
      ["<1>line", "ok"],
      ["<1>oct", "ok"],
      ["<1>line again", "ok"],
    ],
  ],
  [
    "a last line without LF",
    "<1>one\n<1>two",
    [
      ["<1>one", "ok"],
      ["<1>two", "ok"],
    ],
  ],
  [
    "a line that begins with a date, a time, an address or a number of a table",
    "2026-11-20T21:31:21Z host a\n192.0.2.7 - - b\n21:31:21 c\n17,allow,tcp\n",
    [
      ["2026-11-20T21:31:21Z host a", "ok"],
      ["192.0.2.7 - - b", "ok"],
      ["21:31:21 c", "ok"],
      ["17,allow,tcp", "ok"],
    ],
  ],
  [
    "a malformed count: the bytes are kept with the fault, and the next line is in sync",
    "12<38>no space\n007 leading zero\n999999999999 too much\n<1>fine\n",
    [
      ["12<38>no space", "bad-frame"],
      ["007 leading zero", "bad-frame"],
      ["999999999999 too much", "bad-frame"],
      ["<1>fine", "ok"],
    ],
  ],
  [
    "a connection that ends inside a count and inside a frame",
    "20 <1>half",
    [["<1>half", "truncated-stream"]],
  ],
  ["only a count", "20", [["20", "bad-frame"]]],
];

describe("the syslog framer", () => {
  it.each(cases)("cuts %s", (_name, stream, expected) => {
    expect(frames(Buffer.from(stream, "latin1")).texts).toEqual(expected);
  });

  it("cuts an oversize line at the limit and is in sync after its LF", () => {
    const { texts, framer } = frames(Buffer.from(`<1>${"x".repeat(100)}\n<1>next\n`));
    expect(texts).toEqual([
      [`<1>${"x".repeat(LIMIT - 3)}`, "oversize"],
      ["<1>next", "ok"],
    ]);
    expect(framer.cutBytes).toBe(103 - LIMIT);
  });

  it("cuts an oversize counted frame at the limit and skips the rest by its length, LF or digits inside or not", () => {
    const long = `<1>${"7\n".repeat(60)}`;
    const { texts } = frames(Buffer.from(`${long.length} ${long}7 <1>next`));
    expect(texts).toEqual([
      [long.slice(0, LIMIT), "oversize"],
      ["<1>next", "ok"],
    ]);
  });

  it("takes a frame of exactly the limit whole", () => {
    const text = "y".repeat(LIMIT);
    expect(frames(Buffer.from(`${LIMIT} ${text}`)).texts).toEqual([[text, "ok"]]);
    expect(frames(Buffer.from(`${text}\n`)).texts).toEqual([[text, "ok"]]);
  });

  it("calls what is left a broken stream's, not a record, when the connection broke", () => {
    expect(frames(Buffer.from("<1>one\n<1>tw"), [], false).texts).toEqual([
      ["<1>one", "ok"],
      ["<1>tw", "truncated-stream"],
    ]);
  });

  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 90 }),
    fc
      .constantFrom(
        "<38>Nov 20 21:31:21 vm a: b\n",
        "7 <1>oct\n",
        "12<",
        "99 short",
        "\n",
        "\0",
        "5 ",
        "\r\n",
      )
      .map((text) => Uint8Array.from(Buffer.from(text))),
  );
  const stream = fc.array(piece, { maxLength: 12 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)));

  it("gives the same frames however the stream is cut, and accounts for every byte of any stream", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 40 }), fc.boolean(), (bytes, cuts, isClean) => {
        const whole = frames(bytes, [], isClean);
        const cut = frames(bytes, cuts, isClean);
        expect(cut.texts).toEqual(whole.texts);
        for (const { frameBytes, framer } of [whole, cut]) {
          expect(frameBytes + framer.framingBytes + framer.cutBytes).toBe(bytes.length);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it("takes a long frame byte by byte without copying it each time", () => {
    const framer = new SyslogFramer(64 * 1024);
    const text = Buffer.from(`<1>${"z".repeat(60_000)}\n`);
    let count = 0;
    for (const byte of text) count += framer.push(Uint8Array.of(byte)).length;
    expect(count).toBe(1);
  });
});
