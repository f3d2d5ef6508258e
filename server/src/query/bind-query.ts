import { micros } from "@tyto/domain";
import type { Expression, Relation, ScanBounds, TimeRange } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { inputsOf, mapQueries } from "./relation-tree.ts";
import { TABLES } from "./tables.ts";

/**
 * The one place where tenant, time range, permission and masking enter a query. Every scan gets them, wherever it stands: in a
 * join, a union, a `let`, inside an `in (…)`. `compile-query.ts` compiles no scan without bounds.
 */

type Scan = Extract<Relation, { readonly kind: "scan" }>;
/** `filtered`: the scan with the filters that stand directly on it. */
export type BoundsOf = (filtered: Relation, scan: Scan) => ScanBounds;

/** Gives every scan its bounds. What the query says about time stays a filter above. */
export function bindScans(relation: Relation, bounds: ScanBounds | BoundsOf): Relation {
  const boundsOf: BoundsOf = typeof bounds === "function" ? bounds : () => bounds;
  const bind = (each: Relation): Relation => {
    const scan = filteredScan(each);
    if (scan === null) return withSteps(mapQueries(each, bind));
    return withBounds(each, boundsOf(each, scan), bind);
  };
  return bind(relation);
}

/** A series that names no ends goes over the range that is searched; it begins where `bin` would. */
function withSteps(relation: Relation): Relation {
  if (relation.kind !== "series" || (relation.from !== null && relation.to !== null)) return relation;
  const range = rangeOf(relation.input);
  if (range === null) {
    return refuse(
      "constant-needed",
      "A series needs its bounds",
      relation.span,
      "write from ago(1d) to now() step 1h",
    );
  }
  const { step } = relation;
  const from = relation.from ?? range.from - ((((range.from + YEAR_ONE) % step) + step) % step);
  return { ...relation, from, to: relation.to ?? range.to };
}

const YEAR_ONE = 62_135_596_800_000_000;

function rangeOf(relation: Relation): TimeRange | null {
  if (relation.kind === "scan") return relation.bounds?.range ?? null;
  const [first] = inputsOf(relation);
  return first === undefined ? null : rangeOf(first);
}

/** Bounds go to the scan at the bottom of the filters; queries inside of the filters are bound for themselves. */
function withBounds(relation: Relation, bounds: ScanBounds, bind: (inner: Relation) => Relation): Relation {
  if (relation.kind === "scan") return { ...relation, bounds };
  if (relation.kind !== "filter") return bind(relation);
  const { input } = relation;
  return mapQueries(relation, (inner) => (inner === input ? withBounds(inner, bounds, bind) : bind(inner)));
}

/** The scan below filters that stand directly on it. */
export function filteredScan(relation: Relation): Scan | null {
  if (relation.kind === "scan") return relation;
  return relation.kind === "filter" ? filteredScan(relation.input) : null;
}

/**
 * The time range that a query states itself, over a scan's filters on its table's time column. `null` when it has no lower
 * bound: such a scan is bounded by the picker, or by the usual range.
 */
export function statedRange(filtered: Relation, now: number): TimeRange | null {
  const scan = filteredScan(filtered);
  if (scan === null) return null;
  const { timeColumn } = TABLES[scan.table];
  let [from, to] = [-Infinity, now + 1];
  for (const test of conjuncts(filtered)) {
    const bound = timeBound(test, timeColumn);
    if (bound?.side === "from") from = Math.max(from, bound.at);
    if (bound?.side === "to") to = bound.at;
  }
  return Number.isFinite(from)
    ? { from: micros(Math.max(0, from)), to: micros(Math.max(to, from, 0)) }
    : null;
}

function conjuncts(relation: Relation): readonly Expression[] {
  if (relation.kind !== "filter") return [];
  return [...conjuncts(relation.input), ...flatAnd(relation.predicate)];
}

function flatAnd(test: Expression): readonly Expression[] {
  return test.kind === "call" && test.op === "and" ? test.args.flatMap(flatAnd) : [test];
}

function timeBound(
  test: Expression,
  timeColumn: string,
): { readonly side: "from" | "to"; readonly at: number } | undefined {
  if (test.kind !== "call" || test.args.length !== 2) return undefined;
  const [left, right] = test.args;
  if (left?.kind !== "column" || left.name !== timeColumn) return undefined;
  if (right?.kind !== "literal" || typeof right.value !== "number") return undefined;
  if (test.op === ">=" || test.op === ">") return { side: "from", at: right.value };
  if (test.op === "<") return { side: "to", at: right.value };
  return test.op === "<=" ? { side: "to", at: right.value + 1 } : undefined;
}
