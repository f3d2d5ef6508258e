import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonSplitter } from "./json-splitter.ts";
import { EnvelopeSplitter } from "./envelope-splitter.ts";
import { LineSplitter } from "./line-splitter.ts";
import { sniffLayout, splitterFor } from "./sniff.ts";
import type { RecordLayout } from "./sniff.ts";
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

describe("the envelope splitter", () => {
  it("cuts CloudTrail's file into its records and passes over what stands around the list", () => {
    const splitter = new EnvelopeSplitter(1_000);
    const records = cut(splitter, Buffer.from(`{"Records":[{"a":1},{"b":[2]}],"more":{"c":[3]}}\n`));
    expect(records).toEqual([
      { text: `{"a":1}`, offset: 12, number: 1 },
      { text: `{"b":[2]}`, offset: 20, number: 2 },
    ]);
    expect(splitter.isComplete).toBe(true);
  });

  it.each([
    [
      "CloudWatch's subscriptions, one straight behind the other",
      `{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"id":"1","message":"a"},{"id":"2"}]}{"messageType":"DATA_MESSAGE","logGroup":"h","logEvents":[{"id":"3"}]}`,
      [
        [`{"id":"1","message":"a"}`, `{"messageType":"DATA_MESSAGE","logGroup":"g"}`],
        [`{"id":"2"}`, `{"messageType":"DATA_MESSAGE","logGroup":"g"}`],
        [`{"id":"3"}`, `{"messageType":"DATA_MESSAGE","logGroup":"h"}`],
      ],
    ],
    ["Event Hubs", `{ "records" : [ {"a":"]"} , "text", 12 ] }\n`, [[`{"a":"]"}`], [`"text"`], ["12"]]],
    [
      "Firehose",
      `{"requestId":"r","timestamp":1,"records":[{"data":"x"}]}`,
      [[`{"data":"x"}`, `{"requestId":"r","timestamp":1}`]],
    ],
    [
      "Google's reports",
      `{"kind":"admin#reports","etag":"\\"e\\"","items":[{"a":1}]}`,
      [[`{"a":1}`, `{"kind":"admin#reports","etag":"\\"e\\""}`]],
    ],
    [
      "an empty list, and an object that is no envelope behind it",
      `{"Records":[]}\n{"x":{"Records":[1]}}\n{"a":1,"Records":[2]}`,
      [[`{"x":{"Records":[1]}}`], [`{"a":1,"Records":[2]}`]],
    ],
    [
      "text among them, line by line",
      `{"Records":[1]}\nno json\n{"Records":[2]}`,
      [["1"], ["no json"], ["2"]],
    ],
  ])("knows %s", (_what, stream, expected) => {
    const records = cut(new EnvelopeSplitter(1_000), Buffer.from(stream));
    expect(records.map(({ text, header }) => (header === undefined ? [text] : [text, header]))).toEqual(
      expected,
    );
  });

  it("marks what is too long and what the stream broke in", () => {
    const stream = Buffer.from(`{"Records":["${"x".repeat(50)}",{"b":1},{"c"`);
    const records = cut(new EnvelopeSplitter(12), stream);
    expect(records.map(({ text, fault }) => [text.length, fault])).toEqual([
      [12, "oversize"],
      [7, undefined],
      [4, "truncated-stream"],
    ]);
  });
});

describe("every splitter", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom(
        `{"a":"b\\""}`,
        `{"Records":[`,
        `{"requestId":"r","records":[`,
        "[",
        "]",
        ",",
        "\n",
        "\r\n",
        `"`,
        "{",
        "}",
        "\\",
        "text ",
        "7",
      )
      .map((text) => Uint8Array.from(Buffer.from(text))),
  );
  const stream = fc.array(piece, { maxLength: 25 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)));
  const layout = fc.constantFrom<RecordLayout>("lines", "list", "envelopes", "values");

  it("gives the same records however any stream is cut, at ascending offsets where their bytes stand", () => {
    fc.assert(
      fc.property(stream, layout, fc.array(fc.nat(300), { maxLength: 30 }), (bytes, kind, cuts) => {
        const fresh = (): RecordSplitter => splitterFor(kind, 16);
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
    [`{"Records": [{"a":1}]}`, "envelopes"],
    [`{ "Records" : [\n{"a":1}]}`, "envelopes"],
    [`{"messageType":"DATA_MESSAGE","logEvents":[`, "envelopes"],
    [`{"logEvents":[]}`, "lines"],
    [`{"a":{"records":[]}}`, "lines"],
    [`[Sat Nov 21 03:16:45 2026] [core:error] x`, "lines"],
    [`[2026-11-21 03:16:45] x`, "lines"],
    [`<38>Nov 20 21:31:21 vm sshd[1]: x`, "lines"],
    [``, "lines"],
  ])("takes %j for %s", (text, expected) => {
    expect(sniffLayout(Buffer.from(text))).toBe(expected);
  });
});
