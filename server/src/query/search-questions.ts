import { compileRelation, type CompiledQuery } from "./compile-query.ts";
import { finishQuery, rowsBeforeGrouping, scanOf } from "./finish-query.ts";
import type { AskedQuery } from "./frontend.ts";
import {
  call,
  column,
  junction,
  literal,
  NO_SPAN,
  type Aggregation,
  type Column,
  type Expression,
  type NamedExpression,
  type Relation,
} from "./ir.ts";
import { pruneColumns } from "./prune-columns.ts";
import { refuse } from "./refusal.ts";
import { resolveName, TABLES, type TableSchema } from "./tables.ts";

/** What the search page asks beside the rows themselves. All of it goes through the same bounds as the search. */

const WHOLE_ROWS: ReadonlySet<string> = new Set(["scan", "filter", "project", "extend"]);

/** Whether the query's rows are the table's, newest first: such a search may be asked window by window. */
export function isRowwise({ relation }: Pick<AskedQuery, "relation">): boolean {
  if (!WHOLE_ROWS.has(relation.kind)) return false;
  return !("input" in relation) || isRowwise({ relation: relation.input });
}

/**
 * The rows with more of their fields as columns: what somebody wants to see beside the usual ones. Nothing is added where the query
 * chooses its columns itself, nor for names that nobody knows.
 */
export function withColumns(relation: Relation, names: readonly string[]): Relation {
  if (names.length === 0 || !isRowwise({ relation }) || choosesColumns(relation)) return relation;
  const usual = new Set(tableOf(relation).defaultColumns);
  const columns = knownColumns(
    relation,
    names.filter((name) => !usual.has(name)),
  );
  if (columns.length === 0) return relation;
  const input = addColumns(relation, columns);
  return { kind: "extend", input, items: itemsOf(columns), columns: input.columns, span: NO_SPAN };
}

/** The rows with these of their fields and no others, in this order; else as `withColumns`. */
export function withOnly(asked: AskedQuery, names: readonly string[]): AskedQuery {
  const { relation } = asked;
  if (names.length === 0 || !isRowwise(asked) || choosesColumns(relation)) return asked;
  const columns = knownColumns(relation, names);
  if (columns.length === 0) return asked;
  const input = addColumns(relation, columns);
  return { ...asked, relation: { kind: "project", input, items: itemsOf(columns), columns, span: NO_SPAN } };
}

function knownColumns(relation: Relation, names: readonly string[]): readonly Column[] {
  const table = tableOf(relation);
  return [...new Set(names)].flatMap((name): readonly Column[] => {
    const found = relation.columns.find((one) => one.name === name);
    if (found !== undefined) return [found];
    const resolved = resolveName(table, name);
    return resolved.kind === "column" && resolved.column.name === name ? [resolved.column] : [];
  });
}

const itemsOf = (columns: readonly Column[]) =>
  columns.map(({ name, type }) => ({ name, value: column(name, type) }));

function choosesColumns(relation: Relation): boolean {
  return relation.kind === "project" || ("input" in relation && choosesColumns(relation.input));
}

/** The search as it would run. */
export function compileFinished(asked: AskedQuery, limit: number): CompiledQuery {
  return compiled(finishQuery(asked.relation, limit), asked);
}

/** How many rows of the table the filters let through. */
export function compileCount(asked: AskedQuery): CompiledQuery {
  const counted = summarized(rowsBeforeGrouping(asked.relation), [], [count("rows")]);
  return compiled(counted, asked);
}

/** The commonest values of a field as text, with their counts; an empty one is no value. */
export function compileTopValues(
  asked: AskedQuery,
  question: { readonly field: string; readonly limit: number; readonly keepsEmpty?: boolean },
): CompiledQuery {
  const { input, values } = withFields(asked, [question.field]);
  const value = asText(values[0]);
  const kept = question.keepsEmpty === true ? input : filtered(input, isGiven(value));
  const counted = summarized(kept, [{ name: "value", value }], [count("rows")]);
  return compiled(taken(sorted(counted, "rows"), question.limit), asked);
}

/** How many different values a field has, about. */
export function compileDistinct(asked: AskedQuery, field: string): CompiledQuery {
  const { input, values } = withFields(asked, [field]);
  const value = asText(values[0]);
  const distinct: Aggregation = {
    name: "distinct",
    function: "dcount",
    args: [value],
    type: "long",
    span: NO_SPAN,
  };
  const kept = filtered(input, isGiven(value));
  return compiled(summarized(kept, [], [distinct, count("rows")]), asked);
}

/** Rows by bucket (microseconds since 1970) and by a field's value; what is in no list is "". */
export function compileStackedCounts(
  asked: AskedQuery,
  question: { readonly sizeMicros: number; readonly field: string; readonly values: readonly string[] },
): CompiledQuery {
  const { input, values } = withFields(asked, [question.field]);
  const { timeColumn } = tableOf(asked.relation);
  const time = column(timeColumn, "datetime");
  const bucket = call("bin", "datetime", [time, literal("timespan", question.sizeMicros)]);
  const text = asText(values[0]);
  const isListed = call("in", "bool", [text, ...question.values.map((one) => literal("string", one))]);
  const stack =
    question.values.length === 0
      ? literal("string", "")
      : call("iff", "string", [isListed, text, literal("string", "")]);
  const counted = summarized(
    input,
    [
      { name: "start", value: bucket },
      { name: "value", value: stack },
    ],
    [count("rows")],
  );
  return compiled(counted, asked);
}

/** The newest rows, these fields of each. Names that the table does not know are refused. */
export function compileSample(
  asked: AskedQuery,
  question: { readonly fields: readonly string[]; readonly limit: number },
): CompiledQuery {
  const { input, values } = withFields(asked, question.fields);
  const items = question.fields.map((name, at) => ({ name, value: values[at] ?? literal("string", "") }));
  return compiled(taken(projected(newestFirst(input, asked), items), question.limit), asked);
}

/** The newest rows of Events as text to find patterns in: id, time, what the event says. */
export function compilePatternLines(
  asked: AskedQuery,
  question: { readonly limit: number; readonly characters: number },
): CompiledQuery {
  refuseOtherThanEvents(asked);
  const { input, values } = withFields(asked, ["message", "raw"]);
  const [message = literal("string", ""), raw = literal("string", "")] = values;
  const text = call("iff", "string", [call("isnotempty", "bool", [message]), message, raw]);
  const start = call("substring", "string", [text, literal("long", 0), literal("long", question.characters)]);
  const items: readonly NamedExpression[] = [
    { name: "id", value: column("id", "string") },
    { name: "timestamp", value: column("timestamp", "datetime") },
    { name: "text", value: start },
  ];
  return compiled(taken(projected(newestFirst(input, asked), items), question.limit), asked);
}

/** Rows of Events that came in after an instant (microseconds): newest first, these fields of each, with id and receipt. */
export function compileTail(
  asked: AskedQuery,
  question: { readonly after: number; readonly fields: readonly string[]; readonly limit: number },
): CompiledQuery {
  const { input, values } = withFields(asked, question.fields);
  const items = [
    { name: "id", value: column("id", "string") },
    { name: "ingested", value: column("ingested", "datetime") },
    ...question.fields.map((name, at) => ({ name, value: values[at] ?? literal("string", "") })),
  ];
  const unique = items.filter(({ name }, at) => items.findIndex((one) => one.name === name) === at);
  const fresh = filtered(input, isAfter(question.after));
  return compiled(taken(projected(newestFirst(fresh, asked), unique), question.limit), asked);
}

/** How many came in after an instant. */
export function compileTailCount(asked: AskedQuery, after: number): CompiledQuery {
  const fresh = filtered(rowsBeforeGrouping(asked.relation), isAfter(after));
  return compiled(summarized(fresh, [], [count("rows")]), asked);
}

/** What the filters that stand on the table say, as one test. `null`: they let everything through. */
export function filterOf({ relation }: AskedQuery): Expression | null {
  const tests: Expression[] = [];
  for (let at = rowsBeforeGrouping(relation); at.kind !== "scan" && "input" in at; at = at.input) {
    if (at.kind === "filter") tests.unshift(at.predicate);
  }
  return tests.length === 0 ? null : junction("and", tests);
}

/** @throws Refusal */
export function refuseOtherThanEvents({ relation }: AskedQuery): void {
  if (scanOf(relation)?.table === "Events") return;
  refuse("not-events", "Only queries over Events can do this", relation.span, "begin with `Events`");
}

/** A list without elements is no value either. */
function isGiven(text: Expression): Expression {
  const isEmptyList = call("==", "bool", [text, literal("string", "[]")]);
  return junction("and", [call("isnotempty", "bool", [text]), call("not", "bool", [isEmptyList])]);
}

function isAfter(micros: number): Expression {
  return call(">", "bool", [column("ingested", "datetime"), literal("datetime", micros)]);
}

/** The filtered rows with columns for the fields: also for vendors' own, which no list has. */
function withFields(
  { relation }: AskedQuery,
  names: readonly string[],
): { readonly input: Relation; readonly values: readonly Expression[] } {
  const rows = rowsBeforeGrouping(relation);
  const table = tableOf(relation);
  const columns = names.map((name): Column => {
    const known = rows.columns.find((one) => one.name === name);
    if (known !== undefined) return known;
    const found = resolveName(table, name);
    if (found.kind === "column") return found.column;
    const hint = found.suggestion === null ? undefined : `did you mean ${found.suggestion}?`;
    return refuse("unknown-field", `There is no field \`${name.slice(0, 120)}\``, NO_SPAN, hint);
  });
  return {
    input: addColumns(rows, columns),
    values: columns.map(({ name, type }) => column(name, type)),
  };
}

/** @throws Refusal for a query over no table */
function tableOf(relation: Relation): TableSchema {
  const scan = scanOf(relation);
  return scan === null
    ? refuse("not-a-table", "Only queries over a table can do this", relation.span, "begin with `Events`")
    : TABLES[scan.table];
}

function addColumns(relation: Relation, more: readonly Column[]): Relation {
  const missing = more.filter(({ name }) => !relation.columns.some((one) => one.name === name));
  const [first] = missing;
  if (first === undefined) return relation;
  const columns = [...relation.columns, ...missing];
  if (relation.kind === "filter" || relation.kind === "extend")
    return { ...relation, input: addColumns(relation.input, missing), columns };
  if (relation.kind === "scan") return { ...relation, columns };
  return refuse("unknown-field", `The tables of this query do not have \`${first.name}\` in common`, NO_SPAN);
}

function asText(value: Expression | undefined): Expression {
  if (value === undefined) return literal("string", "");
  return value.type === "string" ? value : call("tostring", "string", [value]);
}

function newestFirst(input: Relation, { relation }: AskedQuery): Relation {
  const { timeColumn } = tableOf(relation);
  const names = [timeColumn, "id"].filter((name) => input.columns.some((one) => one.name === name));
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

function sorted(input: Relation, by: string): Relation {
  return {
    kind: "sort",
    input,
    keys: [
      { value: column(by, "long"), direction: "desc", nulls: "last" },
      { value: column("value", "string"), direction: "asc", nulls: "first" },
    ],
    columns: input.columns,
    span: NO_SPAN,
  };
}

function count(name: string): Aggregation {
  return { name, function: "count", args: [], type: "long", span: NO_SPAN };
}

function summarized(
  input: Relation,
  keys: readonly NamedExpression[],
  aggregations: readonly Aggregation[],
): Relation {
  const columns = [
    ...keys.map(({ name, value }) => ({ name, type: value.type })),
    ...aggregations.map(({ name, type }) => ({ name, type })),
  ];
  return { kind: "summarize", input, keys, aggregations, columns, span: NO_SPAN };
}

function filtered(input: Relation, predicate: Expression): Relation {
  return { kind: "filter", input, predicate, columns: input.columns, span: NO_SPAN };
}

function projected(input: Relation, items: readonly NamedExpression[]): Relation {
  const columns = items.map(({ name, value }) => ({ name, type: value.type }));
  return { kind: "project", input, items, columns, span: NO_SPAN };
}

function taken(input: Relation, limit: number): Relation {
  return { kind: "take", input, count: limit, columns: input.columns, span: NO_SPAN };
}

function compiled(relation: Relation, { bind }: AskedQuery): CompiledQuery {
  return compileRelation(pruneColumns(bind(relation)));
}
