import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requiredTexts } from "./required-text.ts";

describe("what a text must hold to match", () => {
  it.each<[string, readonly string[]]>([
    ["^Built .*$", ["Built "]],
    ["^\\d{4} \\[error\\] .*$", [" [error] "]],
    ["^.{0,9}?user:[^|]{0,9}\\|host:\\S+\\|source:/?.*$", ["|source:"]],
    ["^(?:TCP|UDP) x$", ["TCP", "UDP"]],
    ["^(?:TCP|.*) x$", [" x"]],
    ["^(?:abc)?defg?$", ["def"]],
    ["^(?:abcd){2}$", ["abcd"]],
    ["^ab+cd$", ["cd"]],
    ["^\\d\\tQuery\\t.*$", ["\tQuery\t"]],
    ["^abc\\$$", ["abc$"]],
    ["^a\\d$", []],
    ["^abc|def$", []],
    ["^(?=abc)\\d$", []],
    ["^(a|b|c|d|e|f|g)$", []],
    ["^[abc]{3}$", []],
    ["^(abc", []],
    ["", []],
  ])("%s: %j", (pattern, expected) => {
    expect(requiredTexts(pattern)).toEqual(expected);
  });

  it("is in every text that matches, whatever the expression", () => {
    const atom = fc.oneof(
      fc.constantFrom("ab", "cd ", "\\.", "\\d", "\\t", "[ab]", "x?", "y+", "z{2}", "."),
      fc
        .tuple(fc.constantFrom("ab", "a\\d", ""), fc.constantFrom("cd", "b+"))
        .map(([a, b]) => `(?:${a}|${b})`),
      fc.constantFrom("(abc)?", "(?:ab){1,2}", "(x(?:yy|zz))", "(?:ab|cd)*"),
    );
    const texts = fc.stringMatching(/^[abcdxyz.\d\t ]{0,12}$/);
    fc.assert(
      fc.property(fc.array(atom, { maxLength: 5 }), fc.array(texts, { maxLength: 20 }), (atoms, samples) => {
        const pattern = `^${atoms.join("")}`;
        const needed = requiredTexts(pattern);
        const expression = new RegExp(pattern, "s");
        for (const text of samples) {
          if (needed.length === 0 || !expression.test(text)) continue;
          expect(needed.some((part) => text.includes(part))).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
