import type { Column, KqlType, Span } from "../ir.ts";

/** A type as the parser names it; `error` for what did not resolve. */
export type SyntaxType = KqlType | "other" | "error";

/** What a name refers to. */
export type SyntaxSymbol = {
  readonly kind: "column" | "table" | "function" | "variable" | "other";
  readonly name: string;
} | null;

/**
 * A parsed and bound query as plain data: what lowering needs of Kusto's tree and nothing of Kusto's library. Lists stand
 * where the grammar has separated lists; separators are dropped.
 */
export type Syntax =
  | { readonly kind: "token"; readonly text: string; readonly span: Span }
  | { readonly kind: "list"; readonly items: readonly Syntax[]; readonly span: Span }
  | {
      readonly kind: "literal";
      readonly type: SyntaxType;
      /** Text of the value, unquoted: digits, `true`, microseconds of a timespan, what stands inside `datetime(…)`. */
      readonly value: string | null;
      readonly span: Span;
    }
  | {
      readonly kind: "node";
      /** The grammar's name: `FilterOperator`, `BinaryExpression`. */
      readonly name: string;
      readonly type: SyntaxType;
      readonly symbol: SyntaxSymbol;
      /** Of a tabular expression: what comes out. Names are the parser's identifiers. */
      readonly columns: readonly Column[] | null;
      readonly children: readonly Syntax[];
      readonly text: string;
      readonly span: Span;
    };

export type SyntaxNode = Extract<Syntax, { readonly kind: "node" }>;

export interface SyntaxDiagnostic {
  readonly code: string;
  readonly message: string;
  readonly span: Span;
}

export interface SyntaxTable {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** One text, parsed and bound against a schema. */
export type ParsedSyntax =
  | { readonly kind: "query"; readonly root: Syntax; readonly diagnostics: readonly SyntaxDiagnostic[] }
  /** A management command (`.drop table …`), or another thing that is no query. */
  | { readonly kind: "not-a-query" };
