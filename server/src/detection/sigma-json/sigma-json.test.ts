import { describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { JsonSplitter } from "./json-splitter.ts";
import { readSigmaEvent } from "./sigma-event.ts";

function split(text: string, size: number): readonly string[] {
  const splitter = new JsonSplitter();
  const objects: string[] = [];
  for (let at = 0; at < text.length; at += size) objects.push(...splitter.push(text.slice(at, at + size)));
  return [...objects, ...splitter.end()];
}

describe("cutting a stream into JSON objects", () => {
  const objects = ['{"a":1}', '{"b":"}{\\"\\\\"}', '{\n  "c": {\n    "d": [{}]\n  }\n}'];
  it.each([
    ["one per line", objects.slice(0, 2).join("\n")],
    ["concatenated", objects.join("")],
    ["pretty-printed", objects.join("\n\n")],
    ["in one array", `[${objects.join(",\n")}]`],
  ])("%s, whatever the chunks", (_, text) => {
    const whole = split(text, text.length);
    expect(whole).toEqual(objects.filter((object) => text.includes(object)));
    for (const size of [1, 2, 3, 7]) expect(split(text, size)).toEqual(whole);
  });

  it("loses only a broken object, not what follows it", () => {
    for (const size of [1, 5, 1_000]) {
      expect(split('{"a": {"b": 1}\n{"c": 2}\n{"d": "x\n{"e": 3}\n{"f"', size).filter(isJson)).toEqual([
        '{"c": 2}',
        '{"e": 3}',
      ]);
    }
  });

  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
});

describe("Sigma-named events", () => {
  const read = (value: unknown): Event | undefined =>
    readSigmaEvent({
      text: typeof value === "string" ? value : JSON.stringify(value),
      origin: "00000000000000aa" as OriginId,
      ordinal: 3,
      pack: "",
      now: micros(5),
    });

  it("flattens the shape of event log readers to Sigma's names", () => {
    const event = read({
      Event: {
        "#attributes": { xmlns: "x" },
        System: {
          Provider: { "#attributes": { Name: "Example-Provider", Guid: "G" } },
          EventID: { "#attributes": { Qualifiers: 0 }, "#text": 7045 },
          Channel: "System",
          Execution: { "#attributes": { ProcessID: 4 } },
          TimeCreated: { "#attributes": { SystemTime: "2026-02-03T04:05:06.5Z" } },
        },
        EventData: {
          "#attributes": { Name: "n" },
          "Threat Name": "X",
          Data: [{ "#attributes": { Name: "A" }, "#text": "a" }, "b"],
        },
      },
    });
    expect(event?.fields).toEqual({
      Provider_Name: "Example-Provider",
      Provider_Guid: "G",
      EventID: 7045,
      EventID_Qualifiers: 0,
      Channel: "System",
      Execution_ProcessID: 4,
      TimeCreated_SystemTime: "2026-02-03T04:05:06.5Z",
      ThreatName: "X",
      A: "a",
      Data: ["b"],
    });
    expect(event?.timestamp).toBe(Date.UTC(2026, 1, 3, 4, 5, 6, 500) * 1_000);
  });

  it("reads UserData, whatever its element is called", () => {
    const event = read({
      Event: { System: { EventID: 1 }, UserData: { Wrapper: { "#attributes": {}, "Full Path": "p" } } },
    });
    expect(event?.fields).toEqual({ EventID: 1, FullPath: "p" });
  });

  it("keeps flat and nested names, and takes a declared logsource", () => {
    const event = read({
      Image: "x",
      a: { b: 1 },
      logsource: { product: "linux", category: "process_creation" },
    });
    expect(event?.fields["a"]).toEqual({ b: 1 });
    expect(event?.fields["tyto.logsource.product"]).toBe("linux");
    expect(event?.timestamp).toBe(5);
  });

  it("makes fields of names that objects inherit, and no event of what is no object", () => {
    expect(Object.keys(read('{"__proto__": 1, "constructor": 2}')?.fields ?? {})).toEqual([
      "__proto__",
      "constructor",
    ]);
    expect(read("[1]")).toBeUndefined();
    expect(read('{"a"')).toBeUndefined();
  });
});
