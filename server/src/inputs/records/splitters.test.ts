import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonSplitter } from "./json-splitter.ts";
import type { JsonLayout } from "./json-splitter.ts";
import { LineSplitter } from "./line-splitter.ts";
import { sniffLayout } from "./sniff.ts";
import type { RecordSplitter, SplitRecord } from "./splitter.ts";

function cut(splitter: RecordSplitter, stream: Uint8Array, cuts: readonly number[] = [], isClean = true) {
  const found: SplitRecord[] = [];
  let from = 0;
  for (const to of [...new Set(cuts)].filter((each) => each <= stream.length).sort((a, b) => a - b)) {
    found.push(...splitter.push(stream.subarray(from, to)));
    from = to;
  }
  found.push(...splitter.push(stream.subarray(from)), ...splitter.end(isClean));
  return found.map(({ bytes, ...place }) => ({ text: Buffer.from(bytes).toString("latin1"), ...place }));
}

const texts = (records: readonly { readonly text: string }[]): readonly string[] =>
  records.map(({ text }) => text);

describe("the line splitter", () => {
  it("cuts at LF and CR LF, skips empty lines but counts them, and knows each record's offset", () => {
    const records = cut(new LineSplitter(100), Buffer.from("one\r\n\n\r\ntwo\nthree"));
    expect(records).toEqual([
      { text: "one", offset: 0, number: 1 },
      { text: "two", offset: 8, number: 4 },
      { text: "three", offset: 12, number: 5 },
    ]);
  });

  it("leaves a byte-order mark out of the first record", () => {
    expect(cut(new LineSplitter(100), Buffer.from("\ufeff{}\nx"))).toEqual([
      { text: "{}", offset: 3, number: 1 },
      { text: "x", offset: 6, number: 2 },
    ]);
  });

  it("sends the lines that name columns along, however the stream is cut", () => {
    const stream = Buffer.from("#Version: 1.0\n#Fields: a b\n1 2\n#Fields: b a\n3 4\n");
    const headers = (cuts: readonly number[]): readonly (string | undefined)[] =>
      cut(new LineSplitter(100), stream, cuts).map(({ header }) => header);
    const expected = [
      "#Version: 1.0",
      "#Version: 1.0\n#Fields: a b",
      "#Version: 1.0\n#Fields: a b",
      "#Version: 1.0\n#Fields: b a",
      "#Version: 1.0\n#Fields: b a",
    ];
    expect(headers([])).toEqual(expected);
    expect(headers(Array.from(stream.keys()))).toEqual(expected);
    const table = cut(new LineSplitter(100), Buffer.from("time,src,user\n1,2,3"), [5, 14]);
    expect(table.map(({ header }) => header)).toEqual(["time,src,user", "time,src,user"]);
  });

  it("marks what is too long and what the stream broke in", () => {
    expect(cut(new LineSplitter(4), Buffer.from("abcdef\nab\nxy"), [], false)).toEqual([
      { text: "abcd", offset: 0, number: 1, fault: "oversize" },
      { text: "ab", offset: 7, number: 2 },
      { text: "xy", offset: 10, number: 3, fault: "truncated-stream" },
    ]);
  });
});

describe("the JSON splitter", () => {
  it("cuts a list into the exact bytes of its elements", () => {
    const text = `[ {"a": "]},\\"" , "b":[1, {"c":2}]},\n{"d":1e3 } ,"x, y", 12.50 ,null]\n`;
    const splitter = new JsonSplitter("list", 1_000);
    expect(texts(cut(splitter, Buffer.from(text)))).toEqual([
      `{"a": "]},\\"" , "b":[1, {"c":2}]}`,
      `{"d":1e3 }`,
      `"x, y"`,
      "12.50",
      "null",
    ]);
    expect(splitter.isComplete).toBe(true);
  });

  it("cuts CloudTrail's file into its records and passes over what stands around the list", () => {
    const splitter = new JsonSplitter("list-in-object", 1_000);
    const records = cut(splitter, Buffer.from(`{"Records":[{"a":1},{"b":[2]}],"more":{"c":[3]}}\n`));
    expect(records).toEqual([
      { text: `{"a":1}`, offset: 12, number: 1 },
      { text: `{"b":[2]}`, offset: 20, number: 2 },
    ]);
    expect(splitter.isComplete).toBe(true);
  });

  it("cuts values one after the other: pretty-printed, concatenated, and text between them line by line", () => {
    const text = `{\n  "a": 1\n}\n{"b":2}{"c":3}\nno json at all\n[1,2]`;
    expect(texts(cut(new JsonSplitter("values", 1_000), Buffer.from(text)))).toEqual([
      `{\n  "a": 1\n}`,
      `{"b":2}`,
      `{"c":3}`,
      "no json at all",
      "[1,2]",
    ]);
  });

  it("says when a list is not closed or something follows it", () => {
    for (const text of [`[{"a":1},{"b"`, `[{"a":1}`, `[{"a":1}] x`, `[`]) {
      const splitter = new JsonSplitter("list", 1_000);
      cut(splitter, Buffer.from(text));
      expect(splitter.isComplete).toBe(false);
    }
  });

  it("cuts an oversize element at the limit and goes on with the next", () => {
    const records = cut(new JsonSplitter("list", 10), Buffer.from(`[{"a":"${"x".repeat(50)}"},{"b":1}]`));
    expect(records.map(({ text, fault }) => [text.length, fault])).toEqual([
      [10, "oversize"],
      [7, undefined],
    ]);
  });
});

describe("every splitter", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom(`{"a":"b\\""}`, "[", "]", ",", "\n", "\r\n", `"`, "{", "}", "\\", "text ", "7")
      .map((text) => Uint8Array.from(Buffer.from(text))),
  );
  const stream = fc.array(piece, { maxLength: 25 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)));
  const layout = fc.constantFrom<JsonLayout | "lines">("lines", "list", "list-in-object", "values");

  it("gives the same records however any stream is cut, at ascending offsets where their bytes stand", () => {
    fc.assert(
      fc.property(stream, layout, fc.array(fc.nat(300), { maxLength: 30 }), (bytes, kind, cuts) => {
        const fresh = (): RecordSplitter =>
          kind === "lines" ? new LineSplitter(16) : new JsonSplitter(kind, 16);
        const whole = cut(fresh(), bytes);
        expect(cut(fresh(), bytes, cuts)).toEqual(whole);
        let last = -1;
        for (const { text, offset } of whole) {
          expect(offset).toBeGreaterThan(last);
          last = offset;
          const there = Buffer.from(bytes.subarray(offset, offset + text.length)).toString("latin1");
          expect(there).toBe(text);
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

describe("sniffing", () => {
  it.each([
    [`{"a":1}\n{"b":2}\n`, "lines"],
    [`{"a":1}`, "lines"],
    [`{"a":1}\nnot json\n`, "lines"],
    [`{broken\n{"b":2}`, "lines"],
    [`{\n  "a": 1\n}\n`, "values"],
    [`{"a": {\r\n "b": 1}}`, "values"],
    [`{"a":"}"}{"b":2}`, "values"],
    [`{"a":1} {"b":2}\n`, "values"],
    [` [\n {"a":1}]`, "list"],
    [`[]`, "list"],
    [`["a","b"]`, "list"],
    [`\ufeff[{"a":1}]`, "list"],
    [`{"Records": [{"a":1}]}`, "list-in-object"],
    [`{ "Records" : [\n{"a":1}]}`, "list-in-object"],
    [`[Sat Nov 21 03:16:45 2026] [core:error] x`, "lines"],
    [`[2026-11-21 03:16:45] x`, "lines"],
    [`<38>Nov 20 21:31:21 vm sshd[1]: x`, "lines"],
    [``, "lines"],
  ])("takes %j for %s", (text, expected) => {
    expect(sniffLayout(Buffer.from(text))).toBe(expected);
  });
});
