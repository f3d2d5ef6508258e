import { HIDDEN } from "../finish-query.ts";
import {
  column,
  type Column,
  type Expression,
  type NamedExpression,
  type Relation,
  type SortKey,
  type Span,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { lowerExpression } from "./lower-expression.ts";
import type { LoweringContext } from "./lowering-context.ts";
import { childAt, textOf } from "./syntax-nodes.ts";
import { WindowRows } from "./window-rows.ts";
import type { Syntax } from "./syntax.ts";

/** One operator of a pipe. */
export interface Step {
  readonly input: Relation;
  /** What comes out, by Kusto's own rules for names. */
  readonly columns: readonly Column[];
  readonly context: LoweringContext;
}

export function isHidden({ name }: { readonly name: string }): boolean {
  return name.startsWith(HIDDEN);
}

export function visible(columns: readonly Column[]): readonly Column[] {
  return columns.filter((each) => !isHidden(each));
}

/** Columns of the result, with the hidden ones that the rows carry along. */
export function withHidden(columns: readonly Column[], input: Relation): readonly Column[] {
  return [...columns, ...input.columns.filter(isHidden)];
}

export const kept = ({ name, type }: Column): NamedExpression => ({ name, value: column(name, type) });

/**
 * Lowers expressions about the rows of a step. Window functions among them add hidden columns: `relation` is the input with
 * these, and `ordered` puts the rows back into the order that they counted in.
 */
export class RowExpressions {
  readonly #rows: WindowRows;
  readonly #context: LoweringContext;

  constructor(step: Step) {
    this.#rows = new WindowRows(step.input);
    this.#context = { ...step.context, input: step.input, rows: this.#rows };
  }

  lower(syntax: Syntax): Expression {
    return lowerExpression(syntax, this.#context);
  }

  get relation(): Relation {
    return this.#rows.relation;
  }

  ordered(relation: Relation): Relation {
    const keys = this.#rows.order;
    if (keys.length === 0) return relation;
    return { kind: "sort", input: relation, keys, columns: relation.columns, span: relation.span };
  }
}

/** For operators whose expressions cannot look at other rows. */
export function plainContext(step: Step): LoweringContext {
  return { ...step.context, input: step.input, rows: null };
}

/** Kusto sorts downwards by default; nulls come last then, and first when sorting upwards. */
export function sortKeys(items: readonly Syntax[], context: LoweringContext): readonly SortKey[] {
  return items.map((item) => {
    if (item.kind !== "node" || item.name !== "OrderedExpression") {
      return { value: lowerExpression(item, context), direction: "desc", nulls: "last" };
    }
    const words = textOf(childAt(item, 1)).split(/\s+/);
    const direction = words.includes("asc") ? "asc" : "desc";
    const usual = direction === "asc" ? "first" : "last";
    const nulls = words.includes("nulls") ? (words.includes("first") ? "first" : "last") : usual;
    return { value: lowerExpression(childAt(item, 0), context), direction, nulls };
  });
}

const MAX_TAKE = 1_000_000;

export function countOf(syntax: Syntax, context: LoweringContext): number {
  const value = lowerExpression(syntax, context);
  const isCount = value.kind === "literal" && typeof value.value === "number" && value.value >= 0;
  if (isCount && value.value <= MAX_TAKE && Number.isInteger(value.value)) return value.value;
  return refuse("constant-needed", `A number from 0 to ${MAX_TAKE} is needed here`, syntax.span);
}

export function take(input: Relation, count: Syntax, context: LoweringContext, span: Span): Relation {
  return { kind: "take", input, count: countOf(count, context), columns: input.columns, span };
}

/** A constant number of microseconds or of anything else. */
export function constantOf(expression: Expression, hint: string): number {
  if (expression.kind === "literal" && typeof expression.value === "number") return expression.value;
  return refuse("constant-needed", "A constant is needed here", expression.span, hint);
}
