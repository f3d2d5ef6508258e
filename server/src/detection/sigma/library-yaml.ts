import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Document, Node, YAMLMap } from "yaml";
import type { Diagnostic, Place } from "@tyto/domain";
import { ruleScalar } from "./rule-node.ts";
import type { RuleEntry, RuleNode, YamlDocument } from "./rule-node.ts";

/** Counted after aliases are followed, so that an alias bomb ends here and not in memory. */
export const MAX_NODES = 100_000;
export const MAX_DEPTH = 32;
const MAX_DOCUMENTS = 1_000;

/** Reads all of YAML, and says what is wrong with what is not. Never throws, whatever the text. */
export function readYamlWithLibrary(file: string, text: string): readonly YamlDocument[] {
  const at: Place = { file, line: 1, column: 1 };
  const fail = (code: string, message: string): readonly YamlDocument[] => [
    { root: undefined, text: text.slice(0, 10_000), at, diagnostics: [error(at, code, message)] },
  ];
  const lines = new LineCounter();
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, merge: false, prettyErrors: false });
    const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
    if (documents.length > MAX_DOCUMENTS) {
      return fail("too-many-documents", `a file may hold ${MAX_DOCUMENTS} documents`);
    }
    return documents
      .filter((document) => document.contents !== null || document.errors.length > 0)
      .map((document) => new DocumentReader(file, lines, document).read(text));
  } catch (cause) {
    // The YAML library recurses: nesting thousands deep ends in a RangeError of its own.
    const reason = cause instanceof RangeError ? "it is nested too deeply" : String(cause);
    return fail("bad-yaml", `the file is not readable YAML: ${reason}`);
  }
}

function error(at: Place, code: string, message: string, hint?: string): Diagnostic {
  return { severity: "error", code, message, at, ...(hint === undefined ? {} : { hint }) };
}

class LimitReached extends Error {}

class DocumentReader {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document.Parsed;
  /** An alias means the nearest anchor before it, which document order has already passed. */
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;

  constructor(file: string, lines: LineCounter, document: Document.Parsed) {
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  read(fileText: string): YamlDocument {
    const [start, , end] = this.#document.range;
    const at = this.#place(start);
    const text = fileText.slice(start, end).replace(/^---[^\n]*\n/, "");
    const diagnostics = this.#document.errors.map((one) =>
      error(
        this.#place(one.pos[0]),
        "bad-yaml",
        one.message,
        "mend the YAML; nothing of this document was read",
      ),
    );
    if (diagnostics.length > 0) return { root: undefined, text, at, diagnostics };
    try {
      return { root: this.#node(this.#document.contents, 0), text, at, diagnostics };
    } catch (cause) {
      if (!(cause instanceof LimitReached)) throw cause;
      return { root: undefined, text, at, diagnostics: [error(at, "rule-too-large", cause.message)] };
    }
  }

  #place(offset: number | undefined): Place {
    if (offset === undefined) return { file: this.#file };
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #node(node: Node | null, depth: number): RuleNode {
    if (++this.#nodes > MAX_NODES) throw new LimitReached(`the document holds more than ${MAX_NODES} values`);
    if (depth > MAX_DEPTH) throw new LimitReached(`the document is nested deeper than ${MAX_DEPTH}`);
    const at = this.#place(node?.range?.[0]);
    if (isAlias(node)) return this.#node(this.#anchors.get(node.source) ?? null, depth + 1);
    if (node !== null && "anchor" in node && typeof node.anchor === "string")
      this.#anchors.set(node.anchor, node);
    if (isMap(node)) return { kind: "map", at, entries: this.#entries(node, depth) };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item as Node | null, depth + 1));
      return { kind: "list", at, items };
    }
    if (isScalar(node)) return ruleScalar(node.value, node.source, at);
    return { kind: "scalar", at, value: null, text: "" };
  }

  #entries(map: YAMLMap, depth: number): readonly RuleEntry[] {
    return map.items.flatMap((pair) => {
      if (!isPair(pair)) return [];
      const key = pair.key as Node | null;
      const keyNode = this.#node(key, depth + 1);
      const text = keyNode.kind === "scalar" ? keyNode.text : "";
      return [{ key: text, at: keyNode.at, value: this.#node(pair.value as Node | null, depth + 1) }];
    });
  }
}
