import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutText, defang, markTerms, segmentHostileText } from "./hostile-text.ts";

const labels = (text: string, keeps?: "layout") =>
  segmentHostileText(text, keeps).flatMap((segment) => (segment.kind === "marker" ? [segment.label] : []));

const shown = (text: string) =>
  segmentHostileText(text)
    .map((segment) => (segment.kind === "text" ? segment.text : ""))
    .join("");

describe("hostile text", () => {
  it.each([
    ["a terminal escape", "\u001b[31mred", ["ESC"]],
    ["NUL and DEL", "a\u0000b\u007f", ["NUL", "DEL"]],
    ["C1 controls", "\u0085\u009b", ["U+0085", "U+009B"]],
    ["a reversed file name", "photo\u202egnp.exe", ["U+202E"]],
    ["isolates and marks", "\u2066a\u2069\u200f\u061c", ["U+2066", "U+2069", "U+200F", "U+061C"]],
    ["zero width", "ad\u200bmin\u2060\ufeff", ["U+200B", "U+2060", "U+FEFF"]],
    ["a soft hyphen and a filler", "a\u00adb\u3164", ["U+00AD", "U+3164"]],
    ["tag characters", "a\u{e0041}", ["U+E0041"]],
    ["half a character", "a\ud83d b", ["U+D83D"]],
    ["line separators", "a\u2028b", ["U+2028"]],
    ["a line break in a line", "a\r\nb\tc", ["CR", "↵", "⇥"]],
  ])("shows %s", (_, text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  it.each(["Grüße, naïve 日本語 العربية עברית", "ok ✓ 🦉", "❤️", "<script>alert(1)</script>"])(
    "leaves %s alone",
    (text) => {
      expect(segmentHostileText(text)).toEqual([{ kind: "text", text }]);
    },
  );

  it("keeps layout in a block, but not a lone carriage return", () => {
    expect(labels("a\r\n\tb\n", "layout")).toEqual([]);
    expect(labels("good\rbad", "layout")).toEqual(["CR"]);
  });

  it("never loses or invents a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const restored = segmentHostileText(text).map((segment) =>
          segment.kind === "text" ? segment.text : "?",
        );
        expect([...restored.join("")].length).toBe([...text].length);
        expect(labels(shown(text))).toEqual([]);
      }),
    );
  });
});

describe("cutting", () => {
  it("does not cut a character in half", () => {
    expect(cutText("ab🦉", 3)).toBe("ab");
    expect(cutText("abc", 3)).toBe("abc");
  });
});

describe("marking", () => {
  it("marks terms whatever their case, the longest first", () => {
    expect(markTerms("Failed password for root", ["failed", "Failed Password", "x"])).toEqual([
      { text: "Failed password", isMarked: true },
      { text: " for root", isMarked: false },
    ]);
  });

  it("takes terms literally", () => {
    expect(markTerms("a.*b (c)", [".*", "(c"]).filter((part) => part.isMarked)).toHaveLength(2);
    expect(markTerms("", ["aa"])).toEqual([{ text: "", isMarked: false }]);
  });

  it("keeps the text as it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ maxLength: 4 })), (text, terms) => {
        expect(
          markTerms(text, terms)
            .map((part) => part.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });
});

describe("defanging", () => {
  it.each([
    ["203.0.113.77", "203[.]0[.]113[.]77"],
    ["https://example.com/a", "hxxps://example[.]com/a"],
    ["eve@example.com", "eve[@]example[.]com"],
  ])("%s", (value, expected) => {
    expect(defang(value)).toBe(expected);
  });
});
