import { assertNever } from "@tyto/domain";
import { columnsOf, type Column, type Relation } from "./ir.ts";
import { expressionsOf, mapQueries } from "./relation-tree.ts";

/** Drops what nobody reads: a scan of 200 columns reads the few that the result needs. */
export function pruneColumns(relation: Relation, needed?: ReadonlySet<string>): Relation {
  const wanted = needed ?? new Set(relation.columns.map((each) => each.name));
  const pruned = prunedHere(relation, wanted);
  // The inputs are pruned by now; left are the queries inside the node's own expressions.
  const inputs = new Set(inputsBelow(pruned));
  return mapQueries(pruned, (inner) => (inputs.has(inner) ? inner : pruneColumns(firstColumn(inner))));
}

function inputsBelow(relation: Relation): readonly Relation[] {
  if (relation.kind === "join") return [relation.left, relation.right];
  if (relation.kind === "union") return relation.inputs;
  return "input" in relation ? [relation.input] : [];
}

/** An inner query gives one column. */
function firstColumn(relation: Relation): Relation {
  const [first] = relation.columns;
  if (first === undefined || relation.columns.length === 1) return relation;
  const { name, type } = first;
  const value = { kind: "column", name, type, span: relation.span } as const;
  return {
    kind: "project",
    input: relation,
    items: [{ name, value }],
    columns: [first],
    span: relation.span,
  };
}

function prunedHere(relation: Relation, wanted: ReadonlySet<string>): Relation {
  const keep = <T extends Column>(columns: readonly T[]): readonly T[] =>
    columns.filter(({ name }) => wanted.has(name));
  const reads = (each: Relation): readonly string[] => expressionsOf(each).flatMap(columnsOf);
  switch (relation.kind) {
    case "scan":
      return { ...relation, columns: keep(relation.columns) };
    case "range":
      return relation;
    case "values": {
      const kept = relation.columns.map(({ name }) => wanted.has(name));
      return {
        ...relation,
        columns: keep(relation.columns),
        rows: relation.rows.map((row) => row.filter((_, index) => kept[index] === true)),
      };
    }
    case "filter":
    case "take":
    case "sample":
    case "sort": {
      const input = pruneColumns(relation.input, new Set([...wanted, ...reads(relation)]));
      return { ...relation, input, columns: input.columns };
    }
    case "project":
    case "extend": {
      const items = relation.items.filter(({ name }) => wanted.has(name));
      const computed = new Set(items.map(({ name }) => name));
      const passed = relation.kind === "extend" ? [...wanted].filter((name) => !computed.has(name)) : [];
      const needed = items.flatMap(({ value }) => columnsOf(value));
      const input = pruneColumns(relation.input, new Set([...passed, ...needed]));
      return { ...relation, items, input, columns: keep(relation.columns) };
    }
    case "expand": {
      const own = new Set([...relation.items.map(({ name }) => name), relation.index]);
      const passed = [...wanted].filter((name) => !own.has(name));
      const input = pruneColumns(relation.input, new Set([...passed, ...reads(relation)]));
      const index = relation.index !== null && wanted.has(relation.index) ? relation.index : null;
      return { ...relation, input, index, columns: keep(relation.columns) };
    }
    case "join": {
      const columns = keep(relation.columns);
      const of = (side: "left" | "right"): ReadonlySet<string> =>
        new Set([
          ...columns.filter((each) => each.side === side).map(({ from }) => from),
          ...relation.on.flatMap((pair) => columnsOf(pair[side])),
        ]);
      const left = pruneColumns(relation.left, of("left"));
      return { ...relation, left, right: pruneColumns(relation.right, of("right")), columns };
    }
    case "union":
      return {
        ...relation,
        inputs: relation.inputs.map((input) => pruneColumns(input, wanted)),
        columns: keep(relation.columns),
      };
    case "window": {
      const items = relation.items.filter(({ name }) => wanted.has(name));
      const own = new Set(items.map(({ name }) => name));
      const passed = [...wanted].filter((name) => !own.has(name));
      if (items.length === 0) return pruneColumns(relation.input, wanted);
      const next = { ...relation, items };
      return {
        ...next,
        input: pruneColumns(relation.input, new Set([...passed, ...reads(next)])),
        columns: keep(relation.columns),
      };
    }
    case "summarize": {
      const asked = relation.aggregations.filter(({ name }) => wanted.has(name));
      // Without keys it is the aggregates that make the one row.
      const isBare = asked.length === 0 && relation.keys.length === 0;
      const aggregations = isBare ? relation.aggregations.slice(0, 1) : asked;
      const next = { ...relation, aggregations };
      const names = new Set([...relation.keys, ...aggregations].map(({ name }) => name));
      return {
        ...next,
        input: pruneColumns(relation.input, new Set(reads(next))),
        columns: relation.columns.filter(({ name }) => names.has(name)),
      };
    }
    case "series": {
      return { ...relation, input: pruneColumns(relation.input, new Set(reads(relation))) };
    }
    default:
      return assertNever(relation);
  }
}
