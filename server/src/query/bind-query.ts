import { assertNever, micros } from "@tyto/domain";
import {
  column,
  columnsOf,
  type Column,
  type Expression,
  type Relation,
  type ScanBounds,
  type TimeRange,
  NO_SPAN,
} from "./ir.ts";
import { TABLES } from "./tables.ts";

type ScanOf = Extract<Relation, { readonly kind: "scan" }>;

/** The scan at the bottom. */
export function scanOf(relation: Relation): ScanOf {
  return relation.kind === "scan" ? relation : scanOf(relation.input);
}

/** Gives every scan its tenant and its time range. What the query says about time stays a filter above. */
export function bindScans(relation: Relation, bounds: ScanBounds): Relation {
  if (relation.kind === "scan") return { ...relation, bounds };
  return { ...relation, input: bindScans(relation.input, bounds) };
}

/** Puts columns and an order to a query that chose none, and caps its rows. */
export function finishQuery(relation: Relation, limit: number): Relation {
  const table = TABLES[scanOf(relation).table];
  const chosen = choosesColumns(relation) ? relation : projectNames(relation, defaultNames(relation));
  const ordered = choosesOrder(relation) ? chosen : newestFirst(relation, table.timeColumn, chosen);
  return { kind: "take", input: ordered, count: limit, columns: ordered.columns, span: NO_SPAN };
}

/** Default columns, then those that the query itself computes. */
function defaultNames(relation: Relation): readonly string[] {
  const table = TABLES[scanOf(relation).table];
  return [...new Set([...table.defaultColumns, ...extendedNames(relation)])];
}

function extendedNames(relation: Relation): readonly string[] {
  if (relation.kind === "scan") return [];
  const below = extendedNames(relation.input);
  return relation.kind === "extend" ? [...below, ...relation.items.map((item) => item.name)] : below;
}

function choosesColumns(relation: Relation): boolean {
  if (relation.kind === "scan") return false;
  if (relation.kind === "project" || relation.kind === "summarize") return true;
  return choosesColumns(relation.input);
}

function choosesOrder(relation: Relation): boolean {
  if (relation.kind === "scan") return false;
  if (relation.kind === "sort" || relation.kind === "summarize") return true;
  return choosesOrder(relation.input);
}

function projectNames(input: Relation, names: readonly string[]): Relation {
  const byName = new Map(input.columns.map((each) => [each.name, each]));
  const columns = names.map((name) => byName.get(name)).filter((each) => each !== undefined);
  const items = columns.map(({ name, type }) => ({ name, value: column(name, type) }));
  return { kind: "project", input, items, columns, span: NO_SPAN };
}

/** Rows come newest first unless the query says otherwise; sorted right above the scan's filters, where it is cheap. */
function newestFirst(original: Relation, timeColumn: string, chosen: Relation): Relation {
  const sortAbove = (input: Relation): Relation => ({
    kind: "sort",
    input,
    keys: ["id", timeColumn]
      .filter((name) => input.columns.some((each) => each.name === name))
      .sort((a) => (a === timeColumn ? -1 : 1))
      .map((name) => ({
        value: column(name, name === timeColumn ? "datetime" : "string"),
        direction: "desc",
        nulls: "last",
      })),
    columns: input.columns,
    span: NO_SPAN,
  });
  const insert = (relation: Relation): Relation => {
    const isBase = relation.kind === "scan" || (relation.kind === "filter" && isFilteredScan(relation));
    if (isBase) return sortAbove(relation);
    return { ...relation, input: insert(relation.input) };
  };
  return insert(chosen === original ? original : chosen);
}

/** Filters that stand directly on a scan. */
function isFilteredScan(relation: Relation): boolean {
  return relation.kind === "scan" || (relation.kind === "filter" && isFilteredScan(relation.input));
}

/**
 * The rows of the table that a query's filters let through: everything below the first node that groups or cuts, with its
 * columns kept and its orders dropped.
 */
export function rowsBeforeGrouping(relation: Relation): Relation {
  switch (relation.kind) {
    case "scan":
      return relation;
    case "summarize":
    case "take":
      return rowsBeforeGrouping(relation.input);
    case "sort":
      return rowsBeforeGrouping(relation.input);
    case "filter": {
      const input = rowsBeforeGrouping(relation.input);
      return isCut(relation.input) ? input : { ...relation, input, columns: input.columns };
    }
    case "project":
    case "extend": {
      const input = rowsBeforeGrouping(relation.input);
      if (isCut(relation.input)) return input;
      const computed = relation.items.filter(
        ({ name, value }) => value.kind !== "column" || value.name !== name,
      );
      if (computed.length === 0) return input;
      const names = new Set(computed.map(({ name }) => name));
      const columns = [
        ...input.columns.filter(({ name }) => !names.has(name)),
        ...computed.map(({ name, value }) => ({ name, type: value.type })),
      ];
      return { kind: "extend", input, items: computed, columns, span: relation.span };
    }
    default:
      return assertNever(relation);
  }
}

/** Whether rows are no longer rows of the table, or not all of them. */
function isCut(relation: Relation): boolean {
  if (relation.kind === "scan") return false;
  return relation.kind === "summarize" || relation.kind === "take" || isCut(relation.input);
}

/** Filters that stand directly on the scan. */
function filtersOnScan(relation: Relation): Relation {
  return isFilteredScan(relation) || relation.kind === "scan" ? relation : filtersOnScan(relation.input);
}

/**
 * The time range that a query states itself, over its filters on the table's time column. `null` when it has no lower bound:
 * such a query is bounded by the picker, or refused.
 */
export function statedRange(relation: Relation, now: number): TimeRange | null {
  const { timeColumn } = TABLES[scanOf(relation).table];
  let [from, to] = [-Infinity, now + 1];
  for (const test of conjuncts(filtersOnScan(relation))) {
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

/** Drops what nobody reads: a scan of 200 columns reads the few that the result needs. */
export function pruneColumns(relation: Relation, needed?: ReadonlySet<string>): Relation {
  const wanted = needed ?? new Set(relation.columns.map((each) => each.name));
  const keep = (columns: readonly Column[]): readonly Column[] =>
    columns.filter(({ name }) => wanted.has(name));
  switch (relation.kind) {
    case "scan":
      return { ...relation, columns: keep(relation.columns) };
    case "filter":
    case "take":
    case "sort": {
      const reads = relation.kind === "take" ? [] : readsOf(relation);
      const input = pruneColumns(relation.input, new Set([...wanted, ...reads]));
      return { ...relation, input, columns: input.columns };
    }
    case "project":
    case "extend": {
      const items = relation.items.filter(({ name }) => wanted.has(name));
      const computed = new Set(items.map(({ name }) => name));
      const passed = relation.kind === "extend" ? [...wanted].filter((name) => !computed.has(name)) : [];
      const reads = items.flatMap(({ value }) => columnsOf(value));
      const input = pruneColumns(relation.input, new Set([...passed, ...reads]));
      return { ...relation, items, input, columns: keep(relation.columns) };
    }
    case "summarize": {
      const reads = [
        ...relation.keys.flatMap(({ value }) => columnsOf(value)),
        ...relation.aggregations.flatMap(({ args }) => args.flatMap(columnsOf)),
      ];
      return { ...relation, input: pruneColumns(relation.input, new Set(reads)) };
    }
    default:
      return assertNever(relation);
  }
}

function readsOf(relation: Extract<Relation, { readonly kind: "filter" | "sort" }>): readonly string[] {
  return relation.kind === "filter"
    ? columnsOf(relation.predicate)
    : relation.keys.flatMap(({ value }) => columnsOf(value));
}
