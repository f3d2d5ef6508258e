import fc from "fast-check";
import { RE2JS, RE2JSException } from "re2js";
import { describe, expect, it } from "vitest";
import { foldCase } from "./fold.ts";
import { compileRegex, textsNeededBy } from "./regex.ts";
import { Automaton } from "./regex/automaton.ts";
import type { NeededText } from "./regex/literals.ts";
import { readRegex } from "./regex/syntax.ts";

const PLAIN = { isCaseInsensitive: false, isMultiline: false, isDotAll: false };

const atoms = fc.oneof(
  fc.constantFrom(..."abkS .\n-".split("")),
  fc.constantFrom(
    "\\d",
    "\\w",
    "\\s",
    "\\S",
    "\\W",
    "\\.",
    "\\\\",
    "\\x41",
    "[a-c]",
    "[^a-k]",
    "[^\\w.]",
    "[]a]",
    "[-k]",
    "[S\\d]",
    "ä",
  ),
);
const sources = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atoms,
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?"))
      .map(([a, repeat]) => `(?:${a})${repeat}`),
    tie("node").map((a) => `(?i:${a})`),
    tie("node").map((a) => `^${a}`),
    tie("node").map((a) => `${a}$`),
    tie("node").map((a) => `(?i)${a}`),
    tie("node").map((a) => `(?s)${a}`),
  ),
})).node;
const subjects = fc
  .array(fc.constantFrom(..."abkKsS ABc.\n-\\1A", "ä", "Ä", "\u212a", "ſ", "日"), { maxLength: 14 })
  .map((letters) => letters.join(""));

function holds(needed: NeededText, folded: string): boolean {
  switch (needed.kind) {
    case "text":
      return folded.includes(needed.text);
    case "all":
      return needed.of.every((one) => holds(one, folded));
    case "any":
      return needed.of.some((one) => holds(one, folded));
  }
}

function re2(source: string, bits: number): RE2JS | undefined {
  try {
    return RE2JS.compile(source, bits);
  } catch (cause) {
    if (cause instanceof RE2JSException) return undefined;
    throw cause;
  }
}

describe("a rule's regular expression", () => {
  it("runs on our automaton as on RE2, and needs the texts that it is said to need", () => {
    let ran = 0;
    const property = fc.property(
      sources,
      fc.boolean(),
      fc.boolean(),
      fc.array(subjects, { minLength: 5, maxLength: 12 }),
      (source, isCaseInsensitive, isDotAll, texts) => {
        const flags = { isCaseInsensitive, isMultiline: false, isDotAll };
        const judge = re2(
          source,
          (isCaseInsensitive ? RE2JS.CASE_INSENSITIVE : 0) | (isDotAll ? RE2JS.DOTALL : 0),
        );
        const node = readRegex(source, flags);
        if (judge === undefined || node === undefined) return;
        const automaton = Automaton.of(node);
        const needed = textsNeededBy(source, flags);
        for (const text of texts) {
          ran++;
          const expected = judge.matcher(text).find();
          expect([source, text, automaton?.occursIn(text)]).toEqual([source, text, expected]);
          if (expected && needed !== undefined)
            expect([source, text, holds(needed, foldCase(text))]).toEqual([source, text, true]);
        }
      },
    );
    fc.assert(property, { numRuns: 4_000 });
    expect(ran).toBeGreaterThan(10_000);
  });

  it.each([
    ["a(b|c)d", "any"],
    ["a(b|[c-z])d[0-9]efgh", "all"],
    ["(?i)\\\\(Foo|Bar)\\.exe", "any"],
    ["foo|bar", "any"],
    ["foo", "text"],
  ])("knows what %s needs", (source, kind) => {
    expect(textsNeededBy(source, PLAIN)?.kind).toBe(kind);
  });

  it.each(["a\\b", "\\pL", "(?P<n>a)", "\\Qa\\E", "a**", "(", "[[:alpha:]]", "x^", "(?-i)a", "\\C"])(
    "leaves %s to RE2",
    (source) => {
      expect(readRegex(source, PLAIN)).toBeUndefined();
    },
  );

  it("takes linear time where others take forever", () => {
    const text = `${"a".repeat(100_000)}!`;
    for (const source of ["(a+)+$", "(a|aa)+$", ".+:b.+", "(.*)(.*)(.*)c", "a{500}b", "(a?){300}a{300}b"]) {
      const outcome = compileRegex(source, PLAIN);
      expect([source, outcome.kind === "compiled" && outcome.test({ text, folded: text })]).toEqual([
        source,
        false,
      ]);
    }
  });

  it("sees characters beyond the basic plane as one", () => {
    const outcome = compileRegex("^a.b$", PLAIN);
    const test = (text: string): boolean =>
      outcome.kind === "compiled" && outcome.test({ text, folded: text });
    expect([test("a😀b"), test("a😀😀b"), test("axb")]).toEqual([true, false, true]);
  });
});
