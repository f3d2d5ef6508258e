import type { Micros } from "@tyto/domain";
import { junction, not, type Expression, type Relation, type Span } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { SearchCursor } from "./search-cursor.ts";
import { fieldTest, rangeTest, wordTest, type SearchField } from "./search-tests.ts";
import { resolveName, scanTable, TABLES } from "./tables.ts";

const MAX_TERMS = 200;
const MAX_DEPTH = 50;

/**
 * Search-bar text → relation over Events.
 *
 *     or    := and ("or" and)*
 *     and   := unary ("and"? unary)*
 *     unary := ("-" | "not") unary | "(" or ")" | term
 *     term  := word | "phrase" | field ":" ( value | (">" | ">=" | "<" | "<=") value | "[" a "TO" b "]" | "(" or ")" )
 *
 * @throws Refusal
 */
export function parseSearchText(text: string, now: Micros): Relation {
  const parser = new SearchParser(text, now);
  const predicate = parser.parse();
  const scan = scanTable("Events", parser.otherFields, { start: 0, end: text.length });
  if (predicate === null) return scan;
  return { kind: "filter", input: scan, predicate, columns: scan.columns, span: predicate.span };
}

class SearchParser {
  readonly otherFields = new Set<string>();
  private readonly cursor: SearchCursor;
  private readonly now: Micros;
  private terms = 0;

  constructor(text: string, now: Micros) {
    this.cursor = new SearchCursor(text);
    this.now = now;
  }

  /** `null` for an empty text: everything. */
  parse(): Expression | null {
    if (this.cursor.isAtEnd()) return null;
    const predicate = this.disjunction(null, 0);
    const { start } = this.cursor.here();
    if (!this.cursor.isAtEnd())
      refuse("unexpected-parenthesis", "This `)` closes nothing", { start, end: start + 1 });
    return predicate;
  }

  /** @param field inside `field:( … )`, the field that bare values belong to. */
  private disjunction(field: SearchField | null, depth: number): Expression {
    const { start } = this.cursor.here();
    const operands = [this.conjunction(field, depth)];
    while (this.cursor.takeWord("or")) operands.push(this.conjunction(field, depth));
    return junction("or", operands, { start, end: this.cursor.here().start });
  }

  private conjunction(field: SearchField | null, depth: number): Expression {
    const { start } = this.cursor.here();
    const operands = [this.unary(field, depth)];
    for (;;) {
      const hadAnd = this.cursor.takeWord("and");
      if (!hadAnd && (this.cursor.isAtEnd() || this.cursor.peek() === ")" || this.cursor.isWord("or"))) break;
      operands.push(this.unary(field, depth));
    }
    return junction("and", operands, { start, end: this.cursor.here().start });
  }

  private unary(field: SearchField | null, depth: number): Expression {
    const here = this.cursor.here();
    if (depth > MAX_DEPTH) refuse("too-deep", `More than ${MAX_DEPTH} levels of parentheses`, here);
    if (this.cursor.isAtEnd())
      refuse(
        "missing-term",
        "A search term is missing at the end",
        here,
        "remove the last word, or quote it",
      );
    for (const word of ["and", "or"] as const) {
      if (this.cursor.isWord(word)) {
        refuse(
          "missing-term",
          `A search term is missing before \`${word}\``,
          here,
          `quote it to search for the word: "${word}"`,
        );
      }
    }
    if (this.cursor.takeNegation()) return not(this.unary(field, depth + 1));
    if (this.cursor.peek() === "(") return this.group(field, depth);
    if (this.cursor.peek() === ")") refuse("missing-term", "A search term is missing before `)`", here);
    return this.term(field, depth);
  }

  private group(field: SearchField | null, depth: number): Expression {
    const { start } = this.cursor.here();
    this.cursor.take("(");
    const inner = this.disjunction(field, depth + 1);
    if (!this.cursor.take(")")) {
      refuse("unclosed-parenthesis", "This `(` is never closed", { start, end: start + 1 }, "add `)`");
    }
    return inner;
  }

  private term(field: SearchField | null, depth: number): Expression {
    this.terms++;
    const { start } = this.cursor.here();
    if (this.terms > MAX_TERMS)
      refuse("too-many-terms", `More than ${MAX_TERMS} terms`, { start, end: start + 1 });
    const name = field === null ? this.cursor.takeFieldName((written) => this.isField(written)) : null;
    if (name !== null) return this.fieldTerm(this.field(name.text, name.span), depth);
    const atom = this.cursor.atom();
    return field === null ? wordTest(atom) : fieldTest(field, atom, this.now);
  }

  private fieldTerm(field: SearchField, depth: number): Expression {
    if (this.cursor.peek() === "(") return this.group(field, depth);
    const range = this.cursor.takeRange();
    if (range !== null) return rangeTest(field, range, this.now);
    const comparison = this.cursor.takeComparison();
    const atom = this.cursor.valueAtom(field.span);
    if (comparison === null) return fieldTest(field, atom, this.now);
    const bound = { value: atom, isInclusive: comparison.length === 2 };
    const sides = comparison.startsWith(">") ? { low: bound, high: null } : { low: null, high: bound };
    return rangeTest(field, { ...sides, span: atom.span }, this.now);
  }

  /** Whether `written:` names a field, rightly or wrongly, and is not the start of an address such as `https://…`. */
  private isField(written: string): boolean {
    return (
      written.includes(".") ||
      resolveName(TABLES.Events, written).kind === "column" ||
      !this.cursor.looksLikeAddress()
    );
  }

  private field(name: string, span: Span): SearchField {
    const resolution = resolveName(TABLES.Events, name);
    if (resolution.kind === "unknown") {
      const { suggestion } = resolution;
      const hint =
        suggestion === null ? "quote the text to search for it as it is" : `did you mean ${suggestion}?`;
      return refuse("unknown-field", `There is no field \`${name}\``, span, hint);
    }
    const { column } = resolution;
    const declared = TABLES.Events.columns.get(column.name);
    if (declared === undefined) this.otherFields.add(column.name);
    return { name: column.name, type: column.type, definition: declared?.field ?? null, span };
  }
}
