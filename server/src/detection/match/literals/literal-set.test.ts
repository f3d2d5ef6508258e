import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldCase } from "../fold.ts";
import type { Literal, LiteralKind } from "./literal.ts";
import { LiteralSet } from "./literal-set.ts";

const KINDS: readonly LiteralKind[] = ["equals", "starts", "ends", "contains"];

function found(set: LiteralSet, text: string): readonly number[] {
  const payloads = new Set<number>();
  set.search(text, {
    found: (payload) => {
      payloads.add(payload);
      return false;
    },
  });
  return [...payloads].sort((a, b) => a - b);
}

/** The definition, as slow as it is plain. */
function stands({ kind, text: needle }: Literal, text: string): boolean {
  const folded = foldCase(text);
  switch (kind) {
    case "equals":
      return folded === needle;
    case "starts":
      return folded.startsWith(needle);
    case "ends":
      return folded.endsWith(needle);
    case "contains":
      return folded.includes(needle);
  }
}

const LETTERS = fc.constantFrom(
  ..."aAbBkKsS.\\-0",
  "\u212a",
  "ſ",
  "Ä",
  "ä",
  "я",
  "😀",
  "日",
  "[",
  "{",
  "@",
  "`",
  "\n",
);
const texts = fc.array(LETTERS, { maxLength: 40 }).map((letters) => letters.join(""));
const plainTexts = fc
  .array(fc.constantFrom(..."abks.\\-0[{"), { minLength: 1, maxLength: 9 })
  .map((letters) => letters.join(""));

describe("seeking many literals at once", () => {
  it("finds what stands in a text and nothing else, whatever the lengths and alphabets", () => {
    const literal = fc.record({
      kind: fc.constantFrom(...KINDS),
      plain: plainTexts,
      any: texts.filter((text) => text !== ""),
    });
    fc.assert(
      fc.property(
        fc.array(literal, { maxLength: 30 }),
        fc.array(texts, { maxLength: 8 }),
        (drafts, subjects) => {
          const literals = drafts.map(({ kind, plain, any }, payload): Literal => ({
            kind,
            text: kind === "starts" || kind === "ends" ? plain : foldCase(any),
            payload,
          }));
          const set = new LiteralSet(literals);
          for (const subject of [...subjects, ...drafts.map(({ any }) => `b${any.toUpperCase()}.A`)]) {
            expect([subject, found(set, subject)]).toEqual([
              subject,
              literals.filter((one) => stands(one, subject)).map(({ payload }) => payload),
            ]);
          }
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it("finds a literal at every place of long texts, and forgets one text with the next", () => {
    const set = new LiteralSet([
      { kind: "contains", text: "mimikatz", payload: 1 },
      { kind: "contains", text: "-enc ", payload: 2 },
      { kind: "contains", text: "x64", payload: 3 },
      { kind: "contains", text: "#", payload: 4 },
    ]);
    for (let at = 0; at < 70; at++) {
      const before = "a".repeat(at);
      expect(found(set, `${before}MimiKatz`)).toEqual([1]);
      expect(found(set, `${before}-ENC b`)).toEqual([2]);
      expect(found(set, `é${before}X64`)).toEqual([3]);
      expect(found(set, `${before}#${"b".repeat(300_000)}`)).toEqual([4]);
      expect(found(set, `${before}mimikat`)).toEqual([]);
    }
  });

  it("ends when the sink has had enough", () => {
    const set = new LiteralSet([
      { kind: "contains", text: "aaaa", payload: 0 },
      { kind: "ends", text: "aaaa", payload: 0 },
    ]);
    let calls = 0;
    const isEnded = set.search("aaaaaaaaaaaa", { found: () => ++calls === 2 });
    expect([isEnded, calls]).toEqual([true, 2]);
  });
});
