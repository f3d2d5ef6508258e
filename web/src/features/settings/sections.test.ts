import { describe, expect, it } from "vitest";
import { findSections, SECTIONS } from "./sections.ts";
import { parseSettingsSearch } from "./settings-url.ts";

describe("the search inside settings", () => {
  it.each([
    ["", SECTIONS.length],
    ["password", 2],
    ["SLA", 1],
    ["nis2 days", 1],
    ["no such thing", 0],
  ])("finds %j in %d sections", (words, count) => {
    expect(findSections(SECTIONS, words)).toHaveLength(count);
  });
});

describe("the address of the audit log", () => {
  it("takes known kinds and texts, and nothing else", () => {
    expect(parseSettingsSearch({ kind: "changed", actor: "ana", q: "", entry: 7 })).toEqual({
      kind: "changed",
      actor: "ana",
    });
    expect(parseSettingsSearch({ kind: "nonsense" }).kind).toBeUndefined();
  });
});
