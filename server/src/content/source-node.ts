import type { Diagnostic, Place } from "@tyto/domain";
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Node } from "yaml";

/** A YAML value that remembers where it stands. All that readers of packs see of YAML. */
export type SourceNode = SourceMap | SourceList | SourceScalar;

export interface SourceEntry {
  readonly key: string;
  readonly at: Place;
  readonly value: SourceNode;
}

export interface SourceMap {
  readonly kind: "map";
  readonly at: Place;
  readonly entries: readonly SourceEntry[];
}

export interface SourceList {
  readonly kind: "list";
  readonly at: Place;
  readonly items: readonly SourceNode[];
}

export interface SourceScalar {
  readonly kind: "scalar";
  readonly at: Place;
  readonly value: string | number | boolean | null;
}

/** Pack files are written by people: beyond these sizes they are attacks or mistakes. */
const MAX_FILE_CHARACTERS = 2_000_000;
const MAX_NODES = 100_000;
const MAX_DEPTH = 40;

/** The tree of one file, or what is wrong with it. Aliases are expanded within the node budget, so a bomb ends as a Diagnostic. */
export function readSource(
  file: string,
  text: string,
): { readonly node?: SourceNode; readonly diagnostics: readonly Diagnostic[] } {
  if (text.length > MAX_FILE_CHARACTERS) {
    return {
      diagnostics: [problem({ file }, "file-too-large", `more than ${MAX_FILE_CHARACTERS} characters`)],
    };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    version: "1.2",
  });
  if (document.errors.length > 0) {
    return {
      diagnostics: document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        const message = error.message.split("\n")[0] ?? "not YAML";
        return problem({ file, line, column: col }, "invalid-yaml", message.replace(/ at line \d+.*$/, ""));
      }),
    };
  }
  return new TreeReader(file, lines, document).read();
}

function problem(at: Place, code: string, message: string): Diagnostic {
  return { severity: "error", code, message, at };
}

/** Thrown and caught within this file only, to leave a recursion that has found one thing too many. */
class Refusal extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

class TreeReader {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document.Parsed;
  #nodes = 0;

  constructor(file: string, lines: LineCounter, document: Document.Parsed) {
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  read(): { readonly node?: SourceNode; readonly diagnostics: readonly Diagnostic[] } {
    try {
      return { node: this.#convert(this.#document.contents, 0), diagnostics: [] };
    } catch (error) {
      if (error instanceof Refusal) return { diagnostics: [error.diagnostic] };
      throw error;
    }
  }

  #place(node: Node | null): Place {
    const offset = node?.range?.[0];
    if (offset === undefined) return { file: this.#file, line: 1, column: 1 };
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line, column: col };
  }

  #convert(node: unknown, depth: number): SourceNode {
    const parsed = (node ?? null) as Node | null;
    const at = this.#place(parsed);
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) {
      throw new Refusal(
        problem(at, "alias-bomb", `the file unfolds to more than ${MAX_NODES} values; use fewer aliases`),
      );
    }
    if (depth > MAX_DEPTH)
      throw new Refusal(problem(at, "too-deep", `nested deeper than ${MAX_DEPTH} levels`));
    if (isAlias(parsed)) {
      const target = parsed.resolve(this.#document);
      if (target === undefined)
        throw new Refusal(problem(at, "unknown-anchor", `no anchor *${parsed.source}`));
      return this.#convert(target, depth + 1);
    }
    if (isMap(parsed)) {
      return {
        kind: "map",
        at,
        entries: parsed.items.map((pair) => ({
          key: keyText(pair.key),
          at: this.#place(pair.key as Node | null),
          value: this.#convert(pair.value, depth + 1),
        })),
      };
    }
    if (isSeq(parsed)) {
      return { kind: "list", at, items: parsed.items.map((item) => this.#convert(item, depth + 1)) };
    }
    return { kind: "scalar", at, value: isScalar(parsed) ? scalarValue(parsed.value, parsed.source) : null };
  }
}

/** Keys are text: `4624:` and `"4624":` are the same key, and `0x10` stays as written. */
function keyText(key: unknown): string {
  if (isScalar(key)) return key.source ?? String(key.value);
  return "";
}

function scalarValue(value: unknown, source: string | undefined): string | number | boolean | null {
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return value;
  }
  return source ?? "";
}
