/** What stands between pipes, and what a query may begin with. For completion, hover and the reference page. */
export interface OperatorEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** Whether it may stand first. */
  readonly isSource: boolean;
}

const ROWS: readonly (readonly [usage: string, summary: string, isSource?: true])[] = [
  ["where condition", "Rows for which the condition is true."],
  ["filter condition", "The same as where."],
  ["project name = value, …", "These columns, and no others."],
  ["project-away column, …", "All columns but these."],
  ["project-keep column, …", "Of the columns these, in their own order."],
  ["project-rename new = old, …", "Columns under other names."],
  ["project-reorder column, …", "These columns first."],
  ["extend name = value, …", "More columns, or others in place of old ones."],
  ["summarize name = aggregate, … by key, …", "One row for each group."],
  ["distinct column, …", "Different rows."],
  ["sort by value asc, …", "In an order: downwards unless asc."],
  ["order by value asc, …", "The same as sort."],
  ["top count by value", "The first rows of an order."],
  [
    "top-nested count of value by aggregate, …",
    "The best groups, and in each of them the best groups of the next value.",
  ],
  ["take count", "Some rows."],
  ["limit count", "The same as take."],
  ["sample count", "Some rows by chance."],
  ["sample-distinct count of value", "Some different values."],
  ["count", "How many rows."],
  ["join kind=inner (table) on key, …", "Rows of two tables that have equal keys."],
  ["lookup (table) on key, …", "Columns of a small table beside each row."],
  ["union table, …", "The rows of several tables.", true],
  ["mv-expand list to typeof(type)", "A row for each element of a list."],
  ["mvexpand list", "The older name of mv-expand."],
  ["mv-apply name = list on (query)", "A query over the elements of each row's list."],
  ['parse text with "constant" column …', "Columns out of a text."],
  ['parse-where text with "constant" column …', "The same, and only rows that fit."],
  [
    "make-series name = aggregate on time from start to end step size by key",
    "Aggregates over time, as one list for each group.",
  ],
  ["serialize name = value", "Rows in an order that prev(), next() and row_number() count in."],
  ['search "term" and condition', "Rows that hold a term, in one table or in all.", true],
  ["evaluate pivot(key, aggregate) : (column:type, …)", "A column for each value of a key."],
  ["evaluate bag_unpack(object) : (*, column:type, …)", "An object's properties as columns."],
  ["invoke function(…)", "A function of the query's own over the rows."],
  ["as name", "A name for the rows so far."],
  ["getschema", "The columns and their types."],
  ["render chart", "Accepted; the console chooses how a result is drawn."],
  ["print name = value, …", "One row.", true],
  ["datatable(column:type, …)[value, …]", "A table that the query itself holds.", true],
  ["range name from start to end step size", "Numbers or times, one a row.", true],
];

const nameIn = (usage: string): string => /^[a-z-]+/.exec(usage)?.[0] ?? usage;

export const OPERATORS: readonly OperatorEntry[] = ROWS.map(([usage, summary, isSource]) => ({
  name: nameIn(usage),
  usage,
  summary,
  isSource: isSource === true,
}));
