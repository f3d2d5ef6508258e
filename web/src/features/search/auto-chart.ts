import type { SearchReply } from "@tyto/domain";

/** How a table is best looked at. Indexes are of its columns. */
export type AutoChart =
  | { readonly kind: "stat"; readonly values: readonly { readonly name: string; readonly value: number }[] }
  | { readonly kind: "line"; readonly time: number; readonly series: readonly ChartSeries[] }
  | { readonly kind: "bar"; readonly label: number; readonly value: number }
  | { readonly kind: "none"; readonly reason: string };

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

const NUMBERS: ReadonlySet<string> = new Set(["int", "long", "real"]);
const MOST_SERIES = 6;

/** One row of numbers is a figure, numbers over time are lines, numbers by name are bars; anything else is only a table. */
export function chartOf({ columns, rows }: Pick<SearchReply, "columns" | "rows">): AutoChart {
  const numbers = columns.flatMap(({ type }, at) => (NUMBERS.has(type) ? [at] : []));
  const [firstNumber] = numbers;
  if (rows.length === 0) return { kind: "none", reason: "There are no rows." };
  if (firstNumber === undefined) return { kind: "none", reason: "No column holds numbers." };
  if (rows.length === 1 && numbers.length <= 6) {
    return {
      kind: "stat",
      values: numbers.map((at) => ({ name: columns[at]?.name ?? "", value: numberAt(rows[0], at) })),
    };
  }
  const time = columns.findIndex(({ type }) => type === "datetime");
  if (time >= 0) return { kind: "line", time, series: seriesOf({ columns, rows }, time, numbers) };
  const label = columns.findIndex(({ type }) => type === "string" || type === "bool" || type === "dynamic");
  if (label >= 0) return { kind: "bar", label, value: firstNumber };
  return { kind: "none", reason: "No column names the rows." };
}

/** By the values of the first text column, where there is one; else one line for each column of numbers. */
function seriesOf(
  { columns, rows }: Pick<SearchReply, "columns" | "rows">,
  time: number,
  numbers: readonly number[],
): readonly ChartSeries[] {
  const name = columns.findIndex(({ type }, at) => type === "string" && at !== time);
  const series = new Map<string, { readonly atMs: number; readonly value: number }[]>();
  const add = (key: string, atMs: number, value: number) => {
    if (Number.isNaN(atMs)) return;
    const points = series.get(key) ?? [];
    points.push({ atMs, value });
    series.set(key, points);
  };
  for (const row of rows) {
    const atMs = Date.parse(String(row[time]));
    for (const at of name < 0 ? numbers : numbers.slice(0, 1)) {
      add(name < 0 ? (columns[at]?.name ?? "") : String(row[name]), atMs, numberAt(row, at));
    }
  }
  return [...series]
    .map(([key, points]) => ({ name: key, points: [...points].sort((a, b) => a.atMs - b.atMs) }))
    .sort((a, b) => sumOf(b) - sumOf(a))
    .slice(0, MOST_SERIES);
}

const sumOf = ({ points }: ChartSeries) => points.reduce((sum, { value }) => sum + value, 0);

export function numberAt(row: readonly unknown[] | undefined, at: number): number {
  const value = Number(row?.[at] ?? 0);
  return Number.isFinite(value) ? value : 0;
}
