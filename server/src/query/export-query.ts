import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { compileRelation, type CompiledColumn } from "./compile-query.ts";
import { asText, ipText } from "./engine-value.ts";
import { finishQuery, rowsBeforeGrouping, scanOf } from "./finish-query.ts";
import type { AskedQuery } from "./frontend.ts";
import { call, column, literal, NO_SPAN, type Relation, type RowSpan } from "./ir.ts";
import { pruneColumns } from "./prune-columns.ts";
import { isRowwise } from "./search-questions.ts";

/** How exported rows are written: each as one text, or as the columns of a file that the engine makes. */
export type ExportShape = "csv" | "ndjson" | "columns";

export interface CompiledExport {
  /** Rows of one text; of `columns`, rows of `v0`, `v1`, … */
  readonly query: BoundQuery;
  /** The columns' real names, in order. */
  readonly names: readonly string[];
}

/** Whether a query can be exported in pieces: rows of Events, which have an order of their own. */
export function isPieced(asked: AskedQuery): boolean {
  return isRowwise(asked) && scanOf(asked.relation)?.table === "Events";
}

/** Leaves out what comes in after an instant, so that all pieces are of one moment. */
export function receivedBefore(asked: AskedQuery, micros: number): AskedQuery {
  const add = (relation: Relation): Relation => {
    if (relation.kind === "scan") {
      const predicate = call("<", "bool", [column("ingested", "datetime"), literal("datetime", micros)]);
      return { kind: "filter", input: relation, predicate, columns: relation.columns, span: NO_SPAN };
    }
    return "input" in relation ? { ...relation, input: add(relation.input) } : relation;
  };
  return { ...asked, relation: add(asked.relation) };
}

/** The place of the last row of a piece of so many: microseconds and id. No row when fewer are left. */
export function compilePieceEnd(asked: AskedQuery, span: RowSpan, rows: number): BoundQuery {
  const input = rowsBeforeGrouping(asked.relation);
  const time = column("timestamp", "datetime");
  const id = column("id", "string");
  const sorted: Relation = {
    kind: "sort",
    input,
    keys: [time, id].map((value) => ({ value, direction: "desc", nulls: "last" })),
    columns: input.columns,
    span: NO_SPAN,
  };
  const key: Relation = {
    kind: "project",
    input: sorted,
    items: [
      { name: "at", value: call("tolong", "long", [time]) },
      { name: "id", value: id },
    ],
    columns: [
      { name: "at", type: "long" },
      { name: "id", type: "string" },
    ],
    span: NO_SPAN,
  };
  const { query } = compileRelation(pruneColumns(asked.bind(key, { places: span })));
  return sql`SELECT * FROM (${query}) LIMIT 1 OFFSET ${param("UInt64", rows - 1)}`;
}

/** The rows of a piece, or all rows where the query is none of pieces. */
export function compileExport(asked: AskedQuery, shape: ExportShape, span?: RowSpan): CompiledExport {
  const finished = finishQuery(asked.relation, Number.MAX_SAFE_INTEGER);
  const { query, columns } = compileRelation(
    pruneColumns(asked.bind(finished, span === undefined ? {} : { places: span })),
  );
  const names = columns.map(({ name }) => name);
  switch (shape) {
    case "csv":
      return { query: sql`SELECT ${csvLine(columns)} FROM (${query})`, names };
    case "ndjson":
      return { query: sql`SELECT ${jsonLine(columns)} FROM (${query})`, names };
    case "columns": {
      const values = columns.map((one) => sql`${cellValue(one)} AS ${one.alias}`);
      return { query: sql`SELECT ${joinSql(values, ", ")} FROM (${query})`, names };
    }
  }
}

const value = (one: CompiledColumn) => ({ sql: one.alias, type: one.type, form: one.form, isNullable: true });

/** As the API spells it; empty when it is missing. */
function cellText(one: CompiledColumn): BoundQuery {
  switch (one.form) {
    case "datetime":
      return sql`ifNull(concat(replaceOne(toString(${one.alias}), ' ', 'T'), 'Z'), '')`;
    case "bool":
      return sql`ifNull(if(${one.alias}, 'true', 'false'), '')`;
    case "strings":
    case "numbers":
    case "reals":
      return sql`if(empty(${one.alias}), '', toJSONString(${one.alias}))`;
    case "ips":
      return sql`if(empty(${one.alias}), '', ${asText(value(one))})`;
    case "real":
      return sql`if(isFinite(ifNull(${one.alias}, nan)), toString(assumeNotNull(${one.alias})), '')`;
    case "json":
      return sql`if(${one.alias} = 'null', '', ${one.alias})`;
    case "ip":
    case "string":
    case "event-id":
    case "long":
    case "timespan":
      return asText(value(one));
  }
}

/** What stands behind `"name":`; empty when it is missing. */
function cellJson(one: CompiledColumn): BoundQuery {
  switch (one.form) {
    case "json":
    case "strings":
    case "ips":
    case "numbers":
    case "reals":
    case "bool":
    case "long":
    case "real":
      return cellText(one);
    case "string":
    case "ip":
    case "event-id":
    case "datetime":
    case "timespan":
      return sql`arrayStringConcat(arrayMap(x -> if(x = '', '', toJSONString(x)), [${cellText(one)}]))`;
  }
}

function jsonLine(columns: readonly CompiledColumn[]): BoundQuery {
  const members = columns.map((one) => {
    const key = param("String", `${JSON.stringify(one.name)}:`);
    return sql`arrayStringConcat(arrayMap(x -> if(x = '', '', concat(${key}, x)), [${cellJson(one)}]))`;
  });
  return sql`concat('{', arrayStringConcat(arrayFilter(x -> x != '', [${joinSql(members, ", ")}]), ','), '}')`;
}

/** RFC 4180, and a quote before what a spreadsheet would run as a formula. */
function csvLine(columns: readonly CompiledColumn[]): BoundQuery {
  const cells = sql`[${joinSql(columns.map(cellText), ", ")}]`;
  const harmless = sql`arrayMap(x -> if(match(x, '^[=+@\\t\\r-]') AND NOT match(x, '^-?[0-9]+([.][0-9]+)?\\z'), concat('\\'', x), x), ${cells})`;
  return sql`arrayStringConcat(arrayMap(x -> if(match(x, '[",\\r\\n]'), concat('"', replaceAll(x, '"', '""'), '"'), x), ${harmless}), ',')`;
}

/** Flat, and in types that every reader of Parquet knows: lists and objects are JSON text. */
function cellValue(one: CompiledColumn): BoundQuery {
  switch (one.form) {
    case "string":
      return sql`toString(${one.alias})`;
    case "ip":
      return sql`ifNull(${ipText(one.alias)}, '')`;
    case "strings":
    case "ips":
    case "numbers":
    case "reals":
    case "json":
    case "event-id":
      return cellText(one);
    case "long":
    case "real":
    case "bool":
    case "datetime":
    case "timespan":
      return one.alias;
  }
}
