import type { SearchReply } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { completeField, fieldPrefixAt } from "./complete-field.ts";
import { narrowQuery } from "./narrow-query.ts";
import { contentTrack, shapeResult } from "./result-shape.ts";

describe("narrowing a query by a value", () => {
  it.each([
    ["text", "", "user.name", "root", "in", 'user.name:"root"'],
    ["text", "failed", "user.name", "root", "out", 'failed -user.name:"root"'],
    ["text", "a or b", "source.port", 22, "in", "(a or b) source.port:22"],
    ["text", "", "file.path", 'C:\\a "b"', "in", 'file.path:"C:\\\\a \\"b\\""'],
    ["kql", "", "user.name", "root", "in", 'Events\n| where user.name == "root"'],
    ["kql", "Events", "source.port", 22, "out", "Events\n| where source.port != 22"],
    ["kql", "Events", "odd field", "x", "in", 'Events\n| where ["odd field"] == "x"'],
  ] as const)("%s %j, %s %s %s", (mode, query, field, value, sense, expected) => {
    expect(narrowQuery(mode, query, { field, value, sense })).toBe(expected);
  });
});

describe("completing fields", () => {
  const fields = ["source.ip", "source.port", "user.name", "threat.x.source"].map((name, index) => ({
    name,
    type: "string",
    description: "",
    isColumn: index < 3,
  }));

  it.each([
    ["sour", 4, "sour"],
    ["failed -sour", 12, "sour"],
    ["(us", 3, "us"],
    ["s", 1, undefined],
    ["source.ip:so", 12, undefined],
    ['"a so', 5, undefined],
    ["source", 3, undefined],
  ])("sees the prefix in %j at %d", (text, caret, expected) => {
    expect(fieldPrefixAt(text, caret)?.text).toBe(expected);
  });

  it("offers names that begin so before names with a part that does", () => {
    expect(completeField("source", fields).map((field) => field.name)).toEqual([
      "source.ip",
      "source.port",
      "threat.x.source",
    ]);
    expect(completeField("zz", fields)).toEqual([]);
  });
});

const reply = (names: readonly string[], rows: readonly (readonly unknown[])[]): SearchReply => ({
  columns: names.map((name) => ({ name, type: "string" })),
  rows: rows.map((row) => [...row]),
  stats: { rowsRead: 0, bytesRead: 0, elapsedMs: 0, partial: false },
  kql: "Events",
  from: "",
  to: "",
});

describe("the shape of a result", () => {
  it("gives each column of a table the room that its values need, within reason", () => {
    const shape = shapeResult(
      reply(
        ["n", "title"],
        [
          [7, "x".repeat(30)],
          [8, "y".repeat(900)],
        ],
      ),
    );
    expect(contentTrack(shape, 0)).toBe("minmax(82px, 8fr)");
    expect(contentTrack(shape, 1)).toBe("minmax(374px, 48fr)");
  });

  it("is events while time, id and record are there", () => {
    const shape = shapeResult(
      reply(["timestamp", "id", "user.name", "raw"], [["t", "00000000000000a1-7", "", "x"]]),
    );
    expect(shape.kind).toBe("events");
    expect(shape.rows[0]?.eventId).toBe("00000000000000a1-7");
    expect(shape.filled).toEqual(["timestamp", "id", "raw"]);
  });

  it("is a table after project or summarize, and an alert's id is no event's", () => {
    expect(shapeResult(reply(["user.name", "count_"], [["root", 3]])).kind).toBe("table");
    expect(shapeResult(reply(["id", "title"], [["ab12", "x"]])).rows[0]?.eventId).toBeUndefined();
  });
});
