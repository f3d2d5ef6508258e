import { blindnessOf, EMPTY_FILTER, filterOf, shareOf } from "./filter-words.ts";
import { describe, expect, it } from "vitest";
import { differenceOf } from "./balance.ts";
import { clockInWords } from "./clock.ts";
import { hexLines } from "./hex-lines.ts";
import { parseSourcesSearch } from "./sources-url.ts";

describe("a source's clock", () => {
  it.each([
    [null, "–"],
    [900, "in time"],
    [-4_999, "in time"],
    [90_000, "1 min behind"],
    [-7_200_000, "2 h ahead"],
  ])("of %s ms", (delayMs, words) => {
    expect(clockInWords(delayMs)).toBe(words);
  });
});

describe("the books", () => {
  it("balance to nothing", () => {
    expect(differenceOf({ received: 10, stored: 5, filtered: 2, quarantined: 1, queued: 2 })).toBe(0);
    expect(differenceOf({ received: 10, stored: 5, filtered: 2, quarantined: 1, queued: 1 })).toBe(1);
  });
});

describe("bytes in hexadecimal", () => {
  it("stand beside what is text of them, sixteen a line", () => {
    expect(hexLines("ff00")).toBe("00000000  ff 00                                            ··");
    const lines = hexLines("41".repeat(17)).split("\n");
    expect(lines[0]).toBe(`00000000  ${"41 ".repeat(16).trimEnd()}  ${"A".repeat(16)}`);
    expect(lines[1]).toMatch(/^00000010 {2}41 {47}A$/);
    expect(hexLines("")).toBe("");
  });
});

describe("the page's address", () => {
  it("keeps the tab and the reason, and nothing that is none", () => {
    expect(parseSourcesSearch({ tab: "quarantine", reason: "bad-frame", x: 1 })).toEqual({
      tab: "quarantine",
      reason: "bad-frame",
    });
    expect(parseSourcesSearch({ tab: "connect", way: "rsyslog" })).toEqual({
      tab: "connect",
      way: "rsyslog",
    });
    expect(parseSourcesSearch({ tab: "nowhere" })).toEqual({});
  });
});

describe("a filter's form", () => {
  it("asks for what it says, and says what is missing", () => {
    expect(filterOf(EMPTY_FILTER)).toHaveProperty("problem");
    expect(filterOf({ ...EMPTY_FILTER, condition: "a exists", keepOneIn: "1" })).toHaveProperty("problem");
    expect(filterOf({ ...EMPTY_FILTER, condition: " a exists ", keepOneIn: "10" })).toEqual({
      name: "a exists",
      source: null,
      condition: "a exists",
      keepOneIn: 10,
    });
  });

  it("tells shares and blindness in words", () => {
    expect([shareOf(0, 10), shareOf(1, 3), shareOf(1, 100_000)]).toEqual(["0 %", "33.3 %", "under 0.1 %"]);
    expect(blindnessOf({ why: "matched", matches: 3 })).toContain("matches 3");
    expect(blindnessOf({ why: "logsource", matches: 0 })).toContain("logsource");
  });
});
