import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "./line-diff.ts";

const signs = { same: " ", gone: "-", new: "+" } as const;
const drawn = (before: string, after: string): string =>
  diffLines(before, after)
    .map(({ kind, text }) => signs[kind] + text)
    .join("\n");

describe("two texts laid side by side", () => {
  it("keeps what is in both, and says what went and what came", () => {
    expect(drawn("a\nb\nc\nd", "a\nx\nc\nd\ne")).toBe(" a\n-b\n+x\n c\n d\n+e");
    expect(drawn("a", "a")).toBe(" a");
    expect(drawn("", "a\nb")).toBe("-\n+a\n+b");
  });

  it("always gives back both texts", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 })
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const of = (kind: "gone" | "new"): string =>
          lines
            .filter((line) => line.kind === "same" || line.kind === kind)
            .map((line) => line.text)
            .join("\n");
        expect([of("gone"), of("new")]).toEqual([before, after]);
      }),
    );
  });

  it("does not count the impossible", () => {
    const long = (word: string): string => Array.from({ length: 3_000 }, (_, i) => `${word} ${i}`).join("\n");
    expect(diffLines(long("a"), long("b"))).toHaveLength(6_000);
  });
});
