import type { Place } from "@tyto/domain";
import { afterSpaces, scanLiteral } from "./lean-literal.ts";
import { isBlankAt, plainValue, scanDoubleQuoted, scanPlain, scanSingleQuoted } from "./lean-scalar.ts";
import type { ScannedText } from "./lean-scalar.ts";
import { MAX_DEPTH, MAX_NODES } from "./library-yaml.ts";
import { ruleScalar } from "./rule-node.ts";
import type { RuleEntry, RuleList, RuleMap, RuleNode, RuleScalar, YamlDocument } from "./rule-node.ts";

const SPACE = 0x20;
const HASH = 0x23;
const DASH = 0x2d;

/** Tabs, carriage returns, other control characters and byte order marks: YAML has rules for each, which are the library's. */
const UNUSUAL = /[\u0000-\u0009\u000b-\u001f\ufeff]/;
/** Longer keys are no keys for YAML. */
const MAX_KEY = 1_024;

/** Something is wrong, or rare: the library decides. */
class Doubt extends Error {}

/**
 * Reads a file that holds one document of block maps and lists, plain and quoted scalars on one line, literal blocks, flow lists
 * of scalars and comments: 99 of 100 rules. `undefined` at the first sign of anything else. Agrees with the library in
 * every value, text and place, which the tests check over the corpus and over random documents.
 */
export function readLeanYaml(file: string, text: string): YamlDocument | undefined {
  if (UNUSUAL.test(text)) return undefined;
  try {
    return new LeanReader(file, text).read();
  } catch (cause) {
    if (cause instanceof Doubt) return undefined;
    throw cause;
  }
}

class LeanReader {
  readonly #file: string;
  readonly #text: string;
  /** Where reading goes on. After each node: the first character of the next line that says something. */
  #at = 0;
  #line = 0;
  #lineStart = 0;
  #lineEnd = -1;
  /** Indentation of the current line's content; -1 at the end of the text. */
  #column = -1;
  #nodes = 0;
  #depth = 0;
  #isLastEmpty = false;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(): YamlDocument {
    this.#nextLine();
    if (this.#column !== 0) throw new Doubt();
    const at = this.#place(this.#at);
    const start = this.#at;
    const root = this.#block();
    // How much text belongs to a document that ends in an empty value is the library's to say.
    if (this.#column >= 0 || this.#isLastEmpty) throw new Doubt();
    return { root, text: this.#text.slice(start), at, diagnostics: [] };
  }

  /** Goes to the next line that is neither blank nor a comment. */
  #nextLine(): void {
    const text = this.#text;
    for (;;) {
      const start = this.#lineEnd + 1;
      if (start >= text.length) {
        this.#column = -1;
        return;
      }
      const end = text.indexOf("\n", start);
      this.#line++;
      this.#lineStart = start;
      this.#lineEnd = end < 0 ? text.length : end;
      const at = afterSpaces(this.#text, start);
      if (at < this.#lineEnd && text.charCodeAt(at) !== HASH) {
        this.#at = at;
        this.#column = at - start;
        return;
      }
    }
  }

  #place(offset: number): Place {
    return { file: this.#file, line: this.#line, column: offset - this.#lineStart + 1 };
  }

  #count(): void {
    if (++this.#nodes > MAX_NODES) throw new Doubt();
  }

  /** A map or list whose first line is the current one. */
  #block(): RuleMap | RuleList {
    if (++this.#depth > MAX_DEPTH) throw new Doubt();
    this.#count();
    const node = this.#isAtDash() ? this.#list() : this.#map(this.#column);
    this.#depth--;
    return node;
  }

  #isAtDash(): boolean {
    return this.#text.charCodeAt(this.#at) === DASH && isBlankAt(this.#text, this.#at + 1);
  }

  #list(): RuleList {
    const column = this.#column;
    const at = this.#place(this.#at);
    const items: RuleNode[] = [];
    while (this.#column === column && this.#isAtDash()) {
      this.#at++;
      items.push(this.#item(column));
    }
    if (this.#column > column) throw new Doubt();
    return { kind: "list", at, items };
  }

  #item(column: number): RuleNode {
    const start = afterSpaces(this.#text, this.#at);
    if (this.#isRestEmpty(start)) return this.#below(column, false);
    const key = this.#scanKey(start);
    if (key === undefined) return this.#value(start, column);
    if (++this.#depth > MAX_DEPTH) throw new Doubt();
    this.#count();
    this.#at = start;
    const map = this.#map(start - this.#lineStart);
    this.#depth--;
    return map;
  }

  /** From the first key, which may stand after a list's dash. */
  #map(column: number): RuleMap {
    const at = this.#place(this.#at);
    const entries: RuleEntry[] = [];
    const keys = new Set<string>();
    do {
      const key = this.#scanKey(this.#at);
      if (key === undefined || keys.has(key.text)) throw new Doubt();
      keys.add(key.text);
      this.#count();
      const keyAt = this.#place(this.#at);
      this.#at = key.end;
      const start = afterSpaces(this.#text, key.end);
      const value = this.#isRestEmpty(start) ? this.#below(column, true) : this.#value(start, column);
      entries.push({ key: key.text, at: keyAt, value });
    } while (this.#column === column && !this.#isAtDash());
    if (this.#column > column) throw new Doubt();
    return { kind: "map", at, entries };
  }

  /** The rest of the line is blank or a comment. */
  #isRestEmpty(start: number): boolean {
    return (
      start >= this.#lineEnd ||
      (this.#text.charCodeAt(start) === HASH && this.#text.charCodeAt(start - 1) === SPACE)
    );
  }

  /** What stands below a key or dash that has nothing beside it. Under a key a list needs no indentation. */
  #below(column: number, isUnderKey: boolean): RuleNode {
    const at = this.#place(afterSpaces(this.#text, this.#at));
    this.#nextLine();
    if (this.#column > column || (isUnderKey && this.#column === column && this.#isAtDash()))
      return this.#block();
    this.#count();
    this.#isLastEmpty = true;
    return ruleScalar(null, undefined, at);
  }

  /** A key and the place after its colon; `undefined` when no key stands here. */
  #scanKey(start: number): ScannedText | undefined {
    const first = this.#text.charAt(start);
    if (first === "'" || first === '"') {
      const quoted = this.#scanQuoted(start);
      const colon = afterSpaces(this.#text, quoted.end);
      if (this.#text.charAt(colon) !== ":") return undefined;
      if (!isBlankAt(this.#text, colon + 1) || colon - start > MAX_KEY) throw new Doubt();
      return { text: quoted.text, end: colon + 1 };
    }
    if (first === "[" || first === "|" || first === ">") return undefined;
    const plain = scanPlain(this.#text, start, this.#lineEnd);
    if (plain === undefined) throw new Doubt();
    if (plain.colon < 0) return undefined;
    // A dash or dots may begin a document's marker.
    if (first === "-" || first === "." || plain.colon - start > MAX_KEY || plain.text === "<<")
      throw new Doubt();
    const value = plainValue(plain.text);
    if (value === undefined) throw new Doubt();
    const text = typeof value === "string" ? value : ruleScalar(value, plain.text, { file: "" }).text;
    return { text, end: plain.colon + 1 };
  }

  #scanQuoted(start: number): ScannedText {
    const scan = this.#text.charAt(start) === "'" ? scanSingleQuoted : scanDoubleQuoted;
    const quoted = scan(this.#text, start, this.#lineEnd);
    if (quoted === undefined) throw new Doubt();
    return quoted;
  }

  /** A scalar or flow list that begins at `start`, beside a key or dash in `column`. */
  #value(start: number, column: number): RuleNode {
    this.#isLastEmpty = false;
    switch (this.#text.charAt(start)) {
      case "|":
        return this.#literal(start, column);
      case "[":
        return this.#flowList(start, column);
      case "'":
      case '"': {
        const quoted = this.#scanQuoted(start);
        const at = this.#place(start);
        this.#count();
        this.#endLine(quoted.end, column);
        return { kind: "scalar", at, value: quoted.text, text: quoted.text };
      }
      default: {
        const node = this.#plain(start);
        // Text below that is indented further would go on with this one.
        this.#endLine(this.#lineEnd, column);
        return node;
      }
    }
  }

  #plain(start: number): RuleScalar {
    const isDash = this.#text.charCodeAt(start) === DASH && isBlankAt(this.#text, start + 1);
    const plain = isDash ? undefined : scanPlain(this.#text, start, this.#lineEnd);
    if (plain === undefined || plain.colon >= 0) throw new Doubt();
    const value = plainValue(plain.text);
    if (value === undefined) throw new Doubt();
    this.#count();
    return ruleScalar(value, plain.text, this.#place(start));
  }

  /** Nothing but a comment may follow on the line, and nothing that belongs to it below. */
  #endLine(end: number, column: number): void {
    if (!this.#isRestEmpty(afterSpaces(this.#text, end))) throw new Doubt();
    this.#nextLine();
    if (this.#column > column) throw new Doubt();
  }

  #flowList(start: number, column: number): RuleList {
    const at = this.#place(start);
    this.#count();
    const items: RuleScalar[] = [];
    let from = afterSpaces(this.#text, start + 1);
    while (this.#text.charAt(from) !== "]") {
      const item = this.#flowItem(from);
      items.push(item.node);
      from = afterSpaces(this.#text, item.end);
      const next = this.#text.charAt(from);
      if (next === ",") from = afterSpaces(this.#text, from + 1);
      else if (next !== "]") throw new Doubt();
    }
    this.#endLine(from + 1, column);
    return { kind: "list", at, items };
  }

  #flowItem(start: number): { readonly node: RuleScalar; readonly end: number } {
    this.#count();
    const at = this.#place(start);
    const first = this.#text.charAt(start);
    if (first === "'" || first === '"') {
      const { text, end } = this.#scanQuoted(start);
      return { node: { kind: "scalar", at, value: text, text }, end };
    }
    let end = start;
    while (end < this.#lineEnd && !/[,[\]{}]/.test(this.#text.charAt(end))) end++;
    const plain = scanPlain(this.#text, start, end);
    // A colon at the end would make a pair of it.
    if (plain === undefined || plain.colon >= 0 || /^$|^-|:$|#/.test(plain.text)) throw new Doubt();
    const value = plainValue(plain.text);
    if (value === undefined) throw new Doubt();
    return { node: ruleScalar(value, plain.text, at), end };
  }

  /** `|` or `|-` and its lines: all that are indented as far as the first, which is further than `column`. */
  #literal(start: number, column: number): RuleScalar {
    this.#count();
    const at = this.#place(start);
    const isStripped = this.#text.charAt(start + 1) === "-";
    if (start + (isStripped ? 2 : 1) !== this.#lineEnd) throw new Doubt();
    const literal = scanLiteral(this.#text, this.#lineEnd, column);
    if (literal === undefined) throw new Doubt();
    this.#line += literal.lines;
    this.#lineEnd = literal.end;
    const text = literal.text + (isStripped ? "" : "\n");
    this.#nextLine();
    if (this.#column > column) throw new Doubt();
    return { kind: "scalar", at, value: text, text };
  }
}
