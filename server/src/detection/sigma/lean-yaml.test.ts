/** The fast reader is the library's double: whatever it reads, it reads alike, places included. */
import fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readLeanYaml } from "./lean-yaml.ts";
import { readYamlWithLibrary } from "./library-yaml.ts";
import { readYaml } from "./read-yaml.ts";

const CORPUS = resolve(import.meta.dirname, "../../../../../shared/corpus/sigma");
const PACKS = resolve(import.meta.dirname, "../../../../packs");

function rulesBelow(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /^rules.*\.ya?ml$|\/rules\//.test(name) && /\.ya?ml$/.test(name))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]);
}

/** Whether the fast reader took the text; fails when it reads anything otherwise than the library. */
function agrees(text: string): boolean {
  const lean = readLeanYaml("f.yml", text);
  if (lean === undefined) return false;
  // The text stands in the comparison, so that a failure shows it.
  expect([text, lean]).toEqual([text, ...readYamlWithLibrary("f.yml", text)]);
  return true;
}

describe("the fast reader of rule files", () => {
  it.each([
    [
      "maps, lists, types",
      "a: x\nb: 1\nc: -2.50\nd: true\ne: ~\nf:\n  - 007\n  - 'it''s'\n  - \"a\\n\\\\b\"\ng: end",
    ],
    ["keys of all kinds", "'|all': 1\n\"q\": 2\na|re: 3\n1: 4\ntrue: 5\nc : 6\nx.y-z: 7\nNull: 8\n"],
    ["lists at their key's column", "a:\n- b\n- c: 1\n  d:\n  - e\nf: g\n"],
    ["empty values", "a:\nb:\n  -\n  - # none\n  - c:\n    d: 1\ne: # none\n\n# c\nf: g\n"],
    ["comments", "# head\n\na: b # c\n  # odd\nc: d#e\n    # odder\nd: 'x' # y\n# foot\n"],
    ["literal blocks", "a: |\n\n   x # no comment\n    y\n\n\n  z: w\n"],
    ["literal blocks, read", "a: |\n  x # text\n\n    y \n\n# comment\nb: |-\n    z\n\nc:\n  - |\n    w\n"],
    ["flow lists", "a: [b, 'c, d', \"e\", 1, f g,]\nb: []\nc: [ x ] # y\n"],
    [
      "words that look like other types",
      "a: 1.2.3.4\nb: 2024-01-01\nc: -x\nd: 1_000\ne: nullx\nf: No\ng: .5\nh: 1.\ni: +3\nj: -0\n",
    ],
    ["digits beyond 2^53", "a: 12345678901234567890\nb: 0.10\n"],
    ["wide characters", "a: é😀 x\nb: [😀, ü]\nc: 'ä' # ö\nd: z\n"],
  ])("agrees on %s", (about, text) => {
    expect([about, agrees(text)]).toEqual([about, about !== "literal blocks"]);
  });

  it.each([
    ["anchors", "a: &x 1\nb: *x\n"],
    ["tags", "a: !!str 1\n"],
    ["flow maps", "a: {b: 1}\n"],
    ["nested flow lists", "a: [[1]]\n"],
    ["tabs", "a:\tb\n"],
    ["carriage returns", "a: b\r\n"],
    ["a byte order mark", "\ufeffa: b\n"],
    ["folded blocks", "a: >\n  b\n"],
    ["indentation indicators", "a: |2\n   b\n"],
    ["text that goes on", "a: b\n  c\n"],
    ["quotes that go on", "a: 'b\n  c'\n"],
    ["a key twice", "a: 1\na: 2\n"],
    ["merge keys", "<<: 1\n"],
    ["odd indentation", "a:\n    b: 1\n  c: 2\n"],
    ["a pair beside a key", "a: b: c\n"],
    ["a list beside a key", "a: - b\n"],
    ["lists in lists", "- - a\n"],
    ["several documents", "a: 1\n---\nb: 2\n"],
    ["a document's marker", "--- a: 1\n"],
    ["a document's end", "a: 1\n...\n"],
    ["directives", "%YAML 1.2\n---\na: 1\n"],
    ["explicit keys", "? a\n: b\n"],
    ["rare numbers", "a: 0x1F\n"],
    ["exponents", "a: 1e3\n"],
    ["rare escapes", 'a: "\\x41"\n'],
    ["an open quote", "a: 'b\n"],
    ["text after a quote", "a: 'b' c\n"],
    ["text after a list", "a: [b] c\n"],
    ["an empty last value", "a: b\nc:\n"],
    ["nothing", "# x\n"],
    ["an indented document", " a: b\n"],
    ["a scalar", "abc\n"],
    ["deep nesting", Array.from({ length: 40 }, (_, n) => `${" ".repeat(n)}a:\n`).join("")],
    ["a hundred thousand values", `a:\n${"- b\n".repeat(100_001)}`],
  ])("leaves %s to the library", (_, text) => {
    expect(readLeanYaml("f.yml", text)).toBeUndefined();
    expect(readYaml("f.yml", text)).toEqual(readYamlWithLibrary("f.yml", text));
  });

  const scalar = fc.oneof(
    fc.constantFrom(
      ...[
        "x",
        "a b",
        "1",
        "-1",
        "0.5",
        "'q'",
        "'a''b'",
        '"d"',
        '"\\\\n"',
        "true",
        "~",
        "null",
        "*",
        "'*'",
        "a: b",
      ],
      ...[
        "x #y",
        "x#y",
        "",
        " ",
        "[a, b]",
        "[]",
        "[a",
        "{a: b}",
        "|",
        "|-",
        ">",
        "&a b",
        "-",
        "- x",
        "?",
        ":",
        "a:",
      ],
      ...[
        "'open",
        "x\\",
        "C:\\a\\",
        "%t%",
        "@a",
        "é",
        "😀",
        "0x1",
        "1e3",
        ".5",
        "-",
        "--x",
        "--- x",
        "...",
        "<<",
        "!x",
      ],
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc
    .tuple(
      fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 2, 4),
      fc.constantFrom("", "", "- ", "-", "-  ", "# "),
      fc.constantFrom("a: ", "b: ", "c:", "'d': ", '"e":', "f : ", "|all: ", "", "", "1: "),
      scalar,
      fc.constantFrom("", "", "", " # c", " ", " #", "\n", "\n\n"),
    )
    .map(([indent, dash, key, value, end]) => " ".repeat(indent) + dash + key + value + end);

  it("agrees wherever it reads at all: random lines", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "\n"), (lines, end) => {
        if (agrees(lines.join("\n") + end)) taken++;
      }),
      { numRuns: 4_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  type Tree = string | readonly Tree[] | readonly (readonly [string, Tree])[];
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(
        "x",
        "1",
        "'it''s'",
        '"\\\\"',
        "a b",
        "2.5",
        "[p, 'q']",
        "",
        "True",
        "x # c",
        "C:\\x",
        "-x",
        "|\n@ l\n\n@   m",
      ),
      fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
      fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b|all", "'c'", "d e", "1"), tie("tree")), {
        minLength: 1,
        maxLength: 3,
        selector: ([key]) => key,
      }),
    ),
  }));

  /** A tree as somebody would indent it. `step` is the width of one level. */
  function write(node: Tree, indent: number, step: number): string {
    if (typeof node === "string") return ` ${node.replaceAll("@", " ".repeat(indent))}\n`;
    const margin = " ".repeat(indent);
    const lines = node.map((one: Tree | readonly [string, Tree]) => {
      const isPair =
        Array.isArray(one) && one.length === 2 && typeof one[0] === "string" && /^['a-d1]/.test(one[0]);
      const inner = isPair ? (one[1] as Tree) : (one as Tree);
      const head = isPair ? `${margin}${String(one[0])}:` : `${margin}-`;
      return head + (typeof inner === "string" ? "" : "\n") + write(inner, indent + step, step);
    });
    return lines.join("");
  }

  it("agrees wherever it reads at all: random trees, well indented", () => {
    let taken = 0;
    fc.assert(
      fc.property(tree, fc.constantFrom(1, 2, 4), (node, step) => {
        if (agrees(`root:${typeof node === "string" ? "" : "\n"}${write(node, step, step)}last: 1\n`))
          taken++;
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it("agrees on our own rules and cases", () => {
    const files = rulesBelow(PACKS);
    expect(files.length).toBeGreaterThan(20);
    for (const [, text] of files) agrees(text);
  });

  it.skipIf(!existsSync(CORPUS))(
    "agrees on SigmaHQ, and takes nearly all of it (skipped without ../shared/corpus)",
    () => {
      const files = rulesBelow(CORPUS);
      const left = files.filter(([, text]) => !agrees(text));
      expect(files.length).toBe(3_780);
      expect(left.length).toBeLessThan(60);
    },
  );
});
