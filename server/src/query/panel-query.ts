import { columnOrigins } from "./column-origins.ts";
import type { BoundQuery } from "./bound-query.ts";
import type { AskedQuery } from "./frontend.ts";
import type { Relation, TableName } from "./ir.ts";
import { mapQueries } from "./relation-tree.ts";
import { resultRow, type ResultColumn } from "./result-values.ts";
import { compileFinished } from "./search-questions.ts";

export interface CompiledPanel {
  readonly query: BoundQuery;
  readonly columns: readonly (ResultColumn & {
    /** The table's field whose values it holds unchanged; `null` for what the query computed. */
    readonly field: string | null;
  })[];
  /** That are read, wherever in the query. */
  readonly tables: readonly TableName[];
  /** The query asks for one row more than the limit; cut off here, it makes the result partial. */
  readonly shape: (rows: readonly (readonly unknown[])[]) => {
    readonly rows: readonly (readonly unknown[])[];
    readonly isPartial: boolean;
  };
}

/** A query as it runs for a panel, with what its columns can filter by. */
export function compilePanel(asked: AskedQuery, limit: number): CompiledPanel {
  const origins = columnOrigins(asked.relation);
  const { query, columns } = compileFinished(asked, limit + 1);
  return {
    query,
    columns: columns.map(({ name, type }) => ({ name, type, field: origins.get(name) ?? null })),
    tables: tablesOf(asked.relation),
    shape: (rows) => ({
      rows: rows.slice(0, limit).map((row) => resultRow(columns, row)),
      isPartial: rows.length > limit,
    }),
  };
}

function tablesOf(relation: Relation): readonly TableName[] {
  const found = new Set<TableName>();
  const visit = (each: Relation): Relation => {
    if (each.kind === "scan") found.add(each.table);
    return mapQueries(each, visit);
  };
  visit(relation);
  return [...found];
}
