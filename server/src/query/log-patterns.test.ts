import { describe, expect, it } from "vitest";
import { minePatterns } from "./log-patterns.ts";

const lines = (texts: readonly string[]) =>
  texts.map((text, at) => ({
    id: `00000000000000aa-${texts.length - at}`,
    timestamp: `t${texts.length - at}`,
    text,
  }));

describe("patterns of log lines", () => {
  it("fold what differs in values only, most lines first", () => {
    const found = minePatterns(
      lines([
        "Failed password for root from 203.0.113.7 port 50001 ssh2",
        "Accepted publickey for ana from 198.51.100.4 port 22 ssh2",
        "Failed password for admin from 203.0.113.9 port 50002 ssh2",
        "Failed password for root from 203.0.113.7 port 50003 ssh2",
      ]),
    );
    expect(found.map(({ pattern, count }) => [count, pattern])).toEqual([
      [3, "Failed password for <*> from <ip> port <num> <*>"],
      [1, "Accepted publickey for ana from <ip> port <num> <*>"],
    ]);
    expect(found[0]).toMatchObject({
      first: "t1",
      last: "t4",
      literals: ["Failed password for", "from", "port"],
      example: { id: "00000000000000aa-4" },
    });
  });

  it.each([
    ["id 5f2b1c9e-1111-4222-8333-944455556666 done", "id <uuid> done"],
    ["at 2026-01-31T08:00:00.123Z: up", "at <time>: up"],
    ["mail to ana@example.com", "mail to <mail>"],
    ["peer fe80::1 gone", "peer <ip> gone"],
    ["sum d41d8cd98f00b204e9800998ecf8427e", "sum <hex>"],
    ["size=120, rate=5.2%", "size=<num>, rate=<num>"],
  ])("%s is %s", (text, pattern) => {
    expect(minePatterns(lines([text]))[0]?.pattern.replace("<num>%", "<num>")).toBe(pattern);
  });

  it("give an expression that finds the line again", () => {
    const text = "user (a.b+c) [x] paid $5.00 for C:\\temp\\file1.txt";
    const [found] = minePatterns(lines([text]));
    expect(new RegExp(found?.regex ?? "$^").test(text)).toBe(true);
  });

  it("stay small for a megabyte in one line, for nothing, and for many kinds", () => {
    expect(minePatterns(lines(["x ".repeat(500_000)]))[0]?.pattern.length).toBeLessThan(500);
    expect(minePatterns([])).toEqual([]);
    expect(minePatterns(lines([""]))[0]?.pattern).toBe("");
    const many = Array.from(
      { length: 5_000 },
      (_, at) => `${"ab ".repeat((at % 50) + 1)}${"z".repeat((at % 40) + 1)}`,
    );
    const found = minePatterns(lines(many));
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  });
});
