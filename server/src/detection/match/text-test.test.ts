import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pattern } from "../sigma/pattern.ts";
import { foldCase } from "./fold.ts";
import { compilePattern } from "./text-test.ts";

/** Letters whose case is no matter of one byte: Kelvin, long s, dotted and dotless i, sharp s, sigma, and Deseret's pairs. */
const SIGNS = [
  "a",
  "A",
  "k",
  "K",
  "\u212a",
  "s",
  "ſ",
  "İ",
  "ı",
  "i",
  "ß",
  "ẞ",
  "σ",
  "ς",
  "\u{10400}",
  "\u{10428}",
];
const texts = fc
  .array(fc.constantFrom(...SIGNS, "\\", ".", "-", "1", "é", "😀", "\ud801"), { maxLength: 6 })
  .map((signs) => signs.join("").toWellFormed());

const SHAPES = ["equals", "contains", "starts", "ends"] as const;

function patternOf(shape: (typeof SHAPES)[number], text: string): Pattern {
  const [many, part] = [{ kind: "many" } as const, { kind: "text", text } as const];
  switch (shape) {
    case "equals":
      return [part];
    case "contains":
      return [many, part, many];
    case "starts":
      return [part, many];
    case "ends":
      return [many, part];
  }
}

/** As the definition says it: fold both, and compare. */
function holds(shape: (typeof SHAPES)[number], text: string, needle: string): boolean {
  switch (shape) {
    case "equals":
      return text === needle;
    case "contains":
      return text.includes(needle);
    case "starts":
      return text.startsWith(needle);
    case "ends":
      return text.endsWith(needle);
  }
}

describe("a pattern's test", () => {
  it("says what comparing folded texts says, for every shape and any letters", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SHAPES),
        texts.filter((text) => text !== ""),
        fc.array(texts, { maxLength: 4 }),
        (shape, needle, others) => {
          const [caseless, cased] = [false, true].map((isCased) =>
            compilePattern(patternOf(shape, needle), isCased),
          );
          const near = [
            needle,
            needle.toUpperCase(),
            `x${needle}`,
            `${needle}x`,
            `x${needle.toLowerCase()}x`,
          ];
          for (const text of [...others, ...near].map((one) => one.toWellFormed())) {
            const value = { text, folded: foldCase(text) };
            const expected = [holds(shape, value.folded, foldCase(needle)), holds(shape, text, needle)];
            expect([shape, needle, text, caseless?.(value), cased?.(value)]).toEqual([
              shape,
              needle,
              text,
              ...expected,
            ]);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
