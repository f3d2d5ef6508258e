import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeText, indexedText, unescapeText } from "./column-text.ts";

const anyText = fc.string({ unit: "binary", maxLength: 30 });
const oddText = fc.oneof(
  anyText,
  fc
    .array(fc.constantFrom("\0", "\u0001", "\ud800", "\udfff", "a", '"', "\\", "é"), { maxLength: 6 })
    .map((s) => s.join("")),
);

test("every text comes back as it went in, without what databases refuse", () => {
  fc.assert(
    fc.property(oddText, (text) => {
      const stored = escapeText(text);
      expect(unescapeText(stored)).toBe(text);
      expect(stored).not.toMatch(/\0|\p{Surrogate}/u);
    }),
  );
});

test("ordinary text is stored as it is", () => {
  for (const text of ["", "alice", "CORP\\alice", "a\nb", "🦉", "été"]) expect(escapeText(text)).toBe(text);
});

test("texts to look up are short, and different ones stay different", () => {
  const long = "x".repeat(1000);
  expect(indexedText("short")).toBe("short");
  expect(indexedText(long).length).toBeLessThan(100);
  expect(indexedText(long)).not.toBe(indexedText(`${long}x`));
  expect(indexedText(indexedText(long))).not.toBe(indexedText(long));
});
