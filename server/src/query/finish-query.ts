import { assertNever } from "@tyto/domain";
import { filteredScan } from "./bind-query.ts";
import { column, NO_SPAN, type Relation } from "./ir.ts";
import { inputsOf } from "./relation-tree.ts";
import { TABLES } from "./tables.ts";

/** The scan at the bottom, of the first input where there are several; `null` for a query over no table. */
export function scanOf(relation: Relation): Extract<Relation, { readonly kind: "scan" }> | null {
  if (relation.kind === "scan") return relation;
  const [first] = inputsOf(relation);
  return first === undefined ? null : scanOf(first);
}

/** Columns of our own making that no result shows. */
export const HIDDEN = "\u0000";

/** Puts columns and an order to a query that chose none, and caps its rows. */
export function finishQuery(relation: Relation, limit: number): Relation {
  const shown = shownColumns(relation);
  const columns = relation.columns.filter(({ name }) => shown.has(name) && !name.startsWith(HIDDEN));
  const chosen = columns.length === relation.columns.length ? relation : selectColumns(relation, shown);
  const ordered = choosesOrder(relation) ? chosen : newestFirst(chosen);
  return { kind: "take", input: ordered, count: limit, columns: ordered.columns, span: NO_SPAN };
}

/**
 * The columns that somebody asked for, or computed; of a table that nobody chose from, its usual ones. A joined or grouped
 * Events would otherwise answer with hundreds of columns.
 */
export function shownColumns(relation: Relation): ReadonlySet<string> {
  const names = (items: readonly { readonly name: string }[]): readonly string[] =>
    items.map(({ name }) => name);
  switch (relation.kind) {
    case "scan":
      return new Set(TABLES[relation.table].defaultColumns);
    case "values":
    case "range":
      return new Set(names(relation.columns));
    case "filter":
    case "sort":
    case "take":
    case "sample":
      return shownColumns(relation.input);
    case "extend":
    case "window":
      return new Set([...shownColumns(relation.input), ...names(relation.items)]);
    case "expand":
      return new Set([
        ...shownColumns(relation.input),
        ...names(relation.items),
        ...(relation.index === null ? [] : [relation.index]),
      ]);
    case "project": {
      if (relation.isWide !== true) return new Set(names(relation.items));
      const below = shownColumns(relation.input);
      const kept = relation.items.filter(({ name, value }) => {
        // A union's input lacks the columns that only others have.
        if (value.kind === "literal") return value.value !== null && value.value !== "";
        return value.kind !== "column" || value.name !== name || below.has(name);
      });
      return new Set(names(kept));
    }
    case "summarize": {
      const below = shownColumns(relation.input);
      const kept = relation.aggregations.filter(
        ({ name, isUnnamed, args }) =>
          isUnnamed !== true || below.has(args[1]?.kind === "column" ? args[1].name : name),
      );
      return new Set([...names(relation.keys), ...names(kept)]);
    }
    case "series":
      return new Set(names(relation.columns));
    case "join": {
      const shown = { left: shownColumns(relation.left), right: shownColumns(relation.right) };
      return new Set(names(relation.columns.filter(({ side, from }) => shown[side].has(from))));
    }
    case "union":
      return new Set(relation.inputs.flatMap((input) => [...shownColumns(input)]));
    default:
      return assertNever(relation);
  }
}

/** The usual columns of a table in the table's own order, others as they come. */
function selectColumns(input: Relation, shown: ReadonlySet<string>): Relation {
  const byName = new Map(input.columns.map((each) => [each.name, each]));
  const scan = scanOf(input);
  const usual = scan === null ? [] : TABLES[scan.table].defaultColumns;
  const first = isOfTable(input) ? usual : [];
  const names = new Set([...first, ...input.columns.map(({ name }) => name)]);
  const columns = [...names]
    .filter((name) => shown.has(name) && !name.startsWith(HIDDEN))
    .map((name) => byName.get(name))
    .filter((each) => each !== undefined);
  const items = columns.map(({ name, type }) => ({ name, value: column(name, type) }));
  return { kind: "project", input, items, columns, span: NO_SPAN };
}

/** Whether its rows are a table's, with other columns at most. */
function isOfTable(relation: Relation): boolean {
  switch (relation.kind) {
    case "scan":
      return true;
    case "filter":
    case "sort":
    case "take":
    case "sample":
    case "extend":
    case "expand":
    case "window":
      return isOfTable(relation.input);
    case "project":
    case "summarize":
    case "series":
    case "join":
    case "union":
    case "values":
    case "range":
      return false;
    default:
      return assertNever(relation);
  }
}

function choosesOrder(relation: Relation): boolean {
  switch (relation.kind) {
    case "sort":
    case "summarize":
    case "series":
    case "join":
    case "values":
    case "range":
    case "sample":
      return true;
    case "scan":
    case "union":
      return false;
    case "filter":
    case "take":
    case "extend":
    case "project":
    case "expand":
    case "window":
      return choosesOrder(relation.input);
    default:
      return assertNever(relation);
  }
}

/** Rows come newest first unless the query says otherwise; sorted right above the scan's filters, where it is cheap. */
function newestFirst(relation: Relation): Relation {
  if (filteredScan(relation) !== null || relation.kind === "union") return sortedByTime(relation);
  return "input" in relation ? { ...relation, input: newestFirst(relation.input) } : relation;
}

export function sortedByTime(input: Relation): Relation {
  const scan = scanOf(input);
  const timeColumn = scan === null ? "timestamp" : TABLES[scan.table].timeColumn;
  const names = [timeColumn, "id"].filter((name) => input.columns.some((each) => each.name === name));
  if (names.length === 0) return input;
  return {
    kind: "sort",
    input,
    keys: names.map((name) => ({
      value: column(name, name === timeColumn ? "datetime" : "string"),
      direction: "desc",
      nulls: "last",
    })),
    columns: input.columns,
    span: NO_SPAN,
  };
}

/**
 * The rows of the table that a query's filters let through: everything below the first node that groups or cuts, with its
 * columns kept and its orders dropped. Of a join: the rows of its first table.
 */
export function rowsBeforeGrouping(relation: Relation): Relation {
  switch (relation.kind) {
    case "scan":
    case "values":
    case "range":
    case "union":
      return relation;
    case "summarize":
    case "take":
    case "sample":
    case "sort":
    case "expand":
    case "window":
    case "series":
      return rowsBeforeGrouping(relation.input);
    case "join":
      return rowsBeforeGrouping(relation.left);
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
  switch (relation.kind) {
    case "scan":
    case "values":
    case "range":
    case "union":
      return false;
    case "summarize":
    case "take":
    case "sample":
    case "expand":
    case "window":
    case "series":
    case "join":
      return true;
    case "filter":
    case "project":
    case "extend":
    case "sort":
      return isCut(relation.input);
    default:
      return assertNever(relation);
  }
}
