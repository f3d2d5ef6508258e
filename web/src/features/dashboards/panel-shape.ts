import type { DashboardPanel, PanelAnswer } from "@tyto/domain";
import { textOfValue } from "../events/field-values.ts";

type Answer = Pick<PanelAnswer, "columns" | "rows">;
type Column = PanelAnswer["columns"][number];

/** A field and one of its values: what a click on a mark filters by. */
export interface Pick1 {
  readonly field: string;
  readonly value: string;
}

export interface ShapedSeries {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  readonly pick: Pick1 | undefined;
}

export interface ShapedBar {
  readonly label: string;
  readonly value: number;
  readonly pick: Pick1 | undefined;
}

export interface ShapedCell {
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly picks: readonly Pick1[];
}

export interface ShapedFlow {
  readonly source: string;
  readonly target: string;
  readonly value: number;
  readonly picks: readonly Pick1[];
}

/** What a panel draws. `none` says why there is nothing to draw. */
export type Shape =
  | {
      readonly kind: "stat";
      readonly name: string;
      readonly value: number | null;
      readonly previous: number | null;
    }
  | { readonly kind: "time"; readonly series: readonly ShapedSeries[]; readonly bucketMs: number }
  | { readonly kind: "bar"; readonly bars: readonly ShapedBar[]; readonly rest: number }
  | {
      readonly kind: "heatmap";
      readonly rows: readonly string[];
      readonly columns: readonly string[];
      readonly cells: readonly ShapedCell[];
    }
  | { readonly kind: "map"; readonly countries: readonly ShapedBar[] }
  | { readonly kind: "sankey"; readonly flows: readonly ShapedFlow[] }
  | { readonly kind: "table" }
  | { readonly kind: "none"; readonly reason: string };

const NUMBERS: ReadonlySet<string> = new Set(["int", "long", "real"]);
const MOST_BARS = 50;
const MOST_SERIES = 7;
const MOST_LINES_OF_HEATMAP = 30;
const OTHERS = "(others)";

const none = (reason: string): Shape => ({ kind: "none", reason });

export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The answer as the panel's kind wants it; columns that are not named are the first that fit. */
export function shapeOf(
  panel: DashboardPanel,
  answer: PanelAnswer,
  shiftMs: (atMs: number) => number,
): Shape {
  if (answer.rows.length === 0 && panel.kind !== "stat") return none("No rows in this time.");
  switch (panel.kind) {
    case "stat":
      return statOf(panel.value, answer);
    case "time":
      return timeOf(panel.stack, answer);
    case "bar":
      return barsOf(panel, answer);
    case "heatmap":
      return heatmapOf(panel, answer, shiftMs);
    case "map":
      return mapOf(panel, answer);
    case "sankey":
      return sankeyOf(panel, answer);
    case "table":
    case "search":
    case "markdown":
      return { kind: "table" };
  }
}

function find(
  columns: readonly Column[],
  name: string | undefined,
  fits: (column: Column, at: number) => boolean,
) {
  return name === undefined ? columns.findIndex(fits) : columns.findIndex((column) => column.name === name);
}

const isNumber = ({ type }: Column) => NUMBERS.has(type);
const isTime = ({ type }: Column) => type === "datetime";
const isLabel = (column: Column) => !isTime(column) && column.type !== "real";

const labelOf = (value: unknown) => textOfValue(value) || "(empty)";

function pickOf(column: Column | undefined, value: unknown): Pick1 | undefined {
  if (column?.field === null || column?.field === undefined || Array.isArray(value)) return undefined;
  return { field: column.field, value: textOfValue(value) };
}

function statOf(name: string | undefined, { columns, rows, previous }: PanelAnswer): Shape {
  const at = find(columns, name, isNumber);
  if (at < 0) return none("No column holds a number.");
  const [then] = previous ?? [];
  return {
    kind: "stat",
    name: columns[at]?.name ?? "",
    value: rows[0] === undefined ? null : numberOf(rows[0][at]),
    previous: previous === null ? null : then === undefined ? null : numberOf(then[at]),
  };
}

function timeOf(stack: string | undefined, { columns, rows }: Answer): Shape {
  const time = columns.findIndex(isTime);
  if (time < 0) return none("No column holds a time. Summarise by bin(timestamp, 1h).");
  const by = find(columns, stack, (column, at) => at !== time && column.type === "string");
  const numbers = columns.flatMap((column, at) => (isNumber(column) && at !== by ? [at] : []));
  if (numbers[0] === undefined) return none("No column holds a number.");
  const found = new Map<string, { points: Map<number, number>; pick: Pick1 | undefined }>();
  for (const row of rows) {
    const atMs = Date.parse(String(row[time]));
    if (Number.isNaN(atMs)) continue;
    for (const number of by < 0 ? numbers : numbers.slice(0, 1)) {
      const name = by < 0 ? (columns[number]?.name ?? "") : labelOf(row[by]);
      const one = found.get(name) ?? {
        points: new Map(),
        pick: by < 0 ? undefined : pickOf(columns[by], row[by]),
      };
      one.points.set(atMs, (one.points.get(atMs) ?? 0) + (numberOf(row[number]) ?? 0));
      found.set(name, one);
    }
  }
  const series = [...found].map(([name, { points, pick }]) => ({
    name,
    pick,
    points: [...points].map(([atMs, value]) => ({ atMs, value })).sort((a, b) => a.atMs - b.atMs),
  }));
  return { kind: "time", series: mostOf(series), bucketMs: stepOf(series) };
}

const sumOf = ({ points }: ShapedSeries) => points.reduce((sum, { value }) => sum + value, 0);

/** More than a legend can tell apart is put together. */
function mostOf(series: readonly ShapedSeries[]): readonly ShapedSeries[] {
  const sorted = [...series].sort((a, b) => sumOf(b) - sumOf(a));
  if (sorted.length <= MOST_SERIES) return sorted;
  const points = new Map<number, number>();
  for (const one of sorted.slice(MOST_SERIES - 1)) {
    for (const { atMs, value } of one.points) points.set(atMs, (points.get(atMs) ?? 0) + value);
  }
  const rest = [...points].map(([atMs, value]) => ({ atMs, value })).sort((a, b) => a.atMs - b.atMs);
  return [...sorted.slice(0, MOST_SERIES - 1), { name: OTHERS, pick: undefined, points: rest }];
}

/** The smallest distance between two times: the buckets' width. */
function stepOf(series: readonly ShapedSeries[]): number {
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ atMs }) => atMs)))].sort(
    (a, b) => a - b,
  );
  const steps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0));
  return steps.length === 0 ? 3_600_000 : Math.min(...steps);
}

function barsOf(
  { label: named, value: counted }: { readonly label?: string; readonly value?: string },
  { columns, rows }: Answer,
): Shape {
  const value = find(columns, counted, (column, at) => isNumber(column) && at > 0);
  const number = value < 0 ? columns.findIndex(isNumber) : value;
  if (number < 0) return none("No column holds a number.");
  const label = find(columns, named, (column, at) => at !== number && isLabel(column));
  if (label < 0) return none("No column names the bars.");
  const bars = rows.map((row) => ({
    label: labelOf(row[label]),
    value: numberOf(row[number]) ?? 0,
    pick: pickOf(columns[label], row[label]),
  }));
  return { kind: "bar", bars: bars.slice(0, MOST_BARS), rest: Math.max(0, bars.length - MOST_BARS) };
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

function heatmapOf(
  panel: { readonly row?: string; readonly column?: string; readonly value?: string },
  answer: Answer,
  shiftMs: (atMs: number) => number,
): Shape {
  const { columns, rows } = answer;
  const time = columns.findIndex(isTime);
  const number = find(columns, panel.value, (column, at) => isNumber(column) && (time >= 0 || at > 1));
  if (number < 0) return none("No column holds a number.");
  if (time >= 0 && panel.row === undefined) return weekOf(rows, time, number, shiftMs);
  const down = find(columns, panel.row, (column, at) => at !== number && isLabel(column));
  const across = find(columns, panel.column, (column, at) => at !== number && at !== down && isLabel(column));
  if (down < 0 || across < 0) return none("A heatmap needs two columns beside the number.");
  const lines = { down: commonest(rows, down, number), across: commonest(rows, across, number) };
  const cells = rows.flatMap((row): readonly ShapedCell[] => {
    const at = {
      row: lines.down.indexOf(labelOf(row[down])),
      column: lines.across.indexOf(labelOf(row[across])),
    };
    if (at.row < 0 || at.column < 0) return [];
    const picks = [pickOf(columns[down], row[down]), pickOf(columns[across], row[across])];
    return [{ ...at, value: numberOf(row[number]) ?? 0, picks: picks.filter((one) => one !== undefined) }];
  });
  return { kind: "heatmap", rows: lines.down, columns: lines.across, cells };
}

function commonest(rows: Answer["rows"], at: number, number: number): readonly string[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const label = labelOf(row[at]);
    sums.set(label, (sums.get(label) ?? 0) + (numberOf(row[number]) ?? 0));
  }
  return [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_LINES_OF_HEATMAP)
    .map(([label]) => label);
}

function weekOf(
  rows: Answer["rows"],
  time: number,
  number: number,
  shiftMs: (atMs: number) => number,
): Shape {
  const sums = new Map<number, number>();
  for (const row of rows) {
    const atMs = Date.parse(String(row[time]));
    if (Number.isNaN(atMs)) continue;
    const local = new Date(shiftMs(atMs));
    const cell = ((local.getUTCDay() + 6) % 7) * 24 + local.getUTCHours();
    sums.set(cell, (sums.get(cell) ?? 0) + (numberOf(row[number]) ?? 0));
  }
  const cells = [...sums].map(([cell, value]) => ({
    row: Math.floor(cell / 24),
    column: cell % 24,
    value,
    picks: [],
  }));
  return { kind: "heatmap", rows: DAYS, columns: HOURS, cells };
}

function mapOf(
  panel: { readonly country?: string; readonly value?: string },
  { columns, rows }: Answer,
): Shape {
  const number = find(columns, panel.value, isNumber);
  const country = find(columns, panel.country, (column) => column.type === "string");
  if (number < 0 || country < 0) return none("A map needs a column of country codes and a number.");
  const countries = rows
    .map((row) => ({
      label: textOfValue(row[country]).toUpperCase(),
      value: numberOf(row[number]) ?? 0,
      pick: pickOf(columns[country], row[country]),
    }))
    .filter(({ label }) => /^[A-Z]{2}$/.test(label));
  return countries.length === 0
    ? none(
        "No row names a country by its two letters. Addresses get one when a database of places is set (--geo).",
      )
    : { kind: "map", countries };
}

function sankeyOf(
  panel: { readonly source?: string; readonly target?: string; readonly value?: string },
  { columns, rows }: Answer,
): Shape {
  const number = find(columns, panel.value, (column, at) => isNumber(column) && at > 1);
  const source = find(columns, panel.source, (column, at) => at !== number && isLabel(column));
  const target = find(
    columns,
    panel.target,
    (column, at) => at !== number && at !== source && isLabel(column),
  );
  if (number < 0 || source < 0 || target < 0) return none("Two columns and a number are needed.");
  const flows = rows.map((row) => ({
    source: labelOf(row[source]),
    target: labelOf(row[target]),
    value: numberOf(row[number]) ?? 0,
    picks: [pickOf(columns[source], row[source]), pickOf(columns[target], row[target])].filter(
      (one) => one !== undefined,
    ),
  }));
  return { kind: "sankey", flows: flows.filter(({ value }) => value > 0) };
}
