import { describe, expect, it } from "vitest";
import { firstCharacters } from "./first-characters.ts";

describe("what a text must begin with to match", () => {
  it.each<[string, string | null]>([
    ["^Built .*$", "B"],
    ["^\\[x\\].*$", "["],
    ["^\\d{4}-.*$", "0123456789"],
    ["^[a-c_]x$", "_abc"],
    ["^[\\d.:]{2,9} .*$", ".0123456789:"],
    ["^(?:ab|cd|\\d)x$", "0123456789ac"],
    ["^(?:<\\d> )?x.*$", "<x"],
    ["^a?b*c{0,3}d$", "abcd"],
    ["^a+b$", "a"],
    ["^(?:(?:x|y)z|w)$", "wxy"],
    ['^"?\\d$', '"0123456789'],
    ["^-{3,10}a$", "-"],
    ["^(?:\\d{6})?\\t.*$", "\t0123456789"],
    ["^.*$", null],
    ["^.{0,9}?x$", null],
    ["^\\S+$", null],
    ["^[^a]x$", null],
    ["^(?=a)b$", null],
    ["^(?:a|)b$", null],
    ["^(?:a?)$", null],
    ["^$", null],
    ["^[ä-ö]$", null],
    ["x", null],
  ])("%s: %s", (pattern, expected) => {
    const first = firstCharacters(pattern);
    expect(first === null ? null : [...first].sort().join("")).toBe(
      expected === null ? null : [...expected].sort().join(""),
    );
  });
});
