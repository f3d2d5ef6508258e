import { describe, expect, it } from "vitest";
import { formatAmount, formatBytes, formatCompact, formatCount, formatRate, humanise } from "./format.ts";
import { parseSentence } from "./sentence.ts";

describe("sentences", () => {
  it.each([
    ["**root** failed on **web-01**.", ["<root>", " failed on ", "<web-01>", "."]],
    ["plain", ["plain"]],
    ["2 ** 3", ["2 ** 3"]],
    ["**a** and ** alone", ["<a>", " and ** alone"]],
    ["", []],
  ])("%j", (sentence, expected) => {
    expect(parseSentence(sentence).map((part) => (part.isName ? `<${part.text}>` : part.text))).toEqual(
      expected,
    );
  });
});

describe("formats", () => {
  it("counts", () => {
    expect(formatCount(1_284_233)).toBe("1,284,233");
    expect(formatCompact(9_999)).toBe("9,999");
    expect(formatCompact(1_284_233)).toBe("1.3M");
    expect(formatAmount(1, "event")).toBe("1 event");
    expect(formatAmount(0, "event")).toBe("0 events");
  });

  it("rates", () => {
    expect([0, 0.01, 0.34, 9.96, 1_250.4].map(formatRate)).toEqual(["0", "<0.1", "0.3", "10.0", "1,250"]);
  });

  it("bytes", () => {
    expect([0, 999, 1_500, 81_233_112].map(formatBytes)).toEqual(["0 B", "999 B", "1.5 KB", "81.2 MB"]);
  });

  it("identifiers", () => {
    expect(humanise("true-positive")).toBe("True positive");
  });
});
