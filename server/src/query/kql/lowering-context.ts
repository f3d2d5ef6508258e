import type { Micros } from "@tyto/domain";
import type { Column, Expression, KqlType, Relation, Span } from "../ir.ts";
import { scansOf } from "../relation-tree.ts";
import { refuse } from "../refusal.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";
import type { WindowRows } from "./window-rows.ts";

/** What a name of the query's own stands for. */
export type Binding =
  | { readonly kind: "value"; readonly value: Expression; readonly size: number }
  | { readonly kind: "table"; readonly relation: Relation; readonly size: number }
  | {
      readonly kind: "function";
      readonly declaration: SyntaxNode;
      /** Names as they were where it was declared. */
      readonly bindings: ReadonlyMap<string, Binding>;
    };

export interface LoweringContext {
  readonly now: Micros;
  /** Identifier of the rewritten text → the name that people write. */
  readonly original: (identifier: string) => string;
  /** Vendor fields that the text names: columns of each scan. */
  readonly otherFields: readonly string[];
  readonly bindings: ReadonlyMap<string, Binding>;
  /** The rows that an expression is about; `null` outside of an operator. */
  readonly input: Relation | null;
  /** Where `prev()` and the like put what they need; `null` where they cannot stand. */
  readonly rows: WindowRows | null;
  /** Where aggregates inside of an expression put themselves; `null` where none can stand. */
  readonly aggregates: AggregateSink | null;
  /** Inside of `search`: a bare text is a term. */
  readonly isSearch: boolean;
  /** What the query may still grow by: names stand for what they name, so a short text can mean a huge query. */
  readonly budget: { left: number };
  /** How deep calls of functions and inner queries are. */
  readonly depth: number;
  /** A table inside of an expression. */
  readonly lowerRelation: (syntax: Syntax, context: LoweringContext) => Relation;
}

export interface AggregateSink {
  /** Takes an aggregate out of its expression; what comes back stands for its result. */
  readonly take: (
    name: string,
    args: readonly Expression[],
    site: { readonly type: KqlType; readonly span: Span },
  ) => Expression;
}

/** Nodes of the typed form. */
export const BUDGET = 50_000;
/** Reads of a table, in all of the query. */
const MAX_SCANS = 24;

export function spend(context: LoweringContext, amount: number, span: Span): void {
  context.budget.left -= amount;
  if (context.budget.left < 0) {
    refuse(
      "too-complex",
      "With its `let`s written out, this query is too long",
      span,
      "use each of them less often",
    );
  }
}

/** A relation under a name, with what each use of it costs. */
export function tableBinding(relation: Relation, span: Span): Binding {
  const scans = scansOf(relation).length;
  if (scans > MAX_SCANS) refuse("too-many-tables", `A query reads tables at most ${MAX_SCANS} times`, span);
  return { kind: "table", relation, size: (scans * BUDGET) / 500 };
}

export function checkScans(relation: Relation): Relation {
  tableBinding(relation, relation.span);
  return relation;
}

/** Functions that call functions, queries inside of queries. */
const MAX_DEPTH = 30;

export function deeper(context: LoweringContext, span: Span): LoweringContext {
  if (context.depth >= MAX_DEPTH)
    refuse("too-deep", `More than ${MAX_DEPTH} levels of queries and functions`, span);
  return { ...context, depth: context.depth + 1 };
}

export function outputColumns(node: SyntaxNode, context: LoweringContext): readonly Column[] {
  return (node.columns ?? []).map(({ name, type }) => ({ name: context.original(name), type }));
}
