/** One day of the calendar, hours in the reader's time zone. */
export interface HeatDay {
  readonly day: string;
  readonly hours: readonly number[];
}

/** Hours with events, put into days of 24; days without any between the first and the last are there, too. */
export function heatDays(
  hours: readonly { readonly start: string; readonly count: number }[],
  zone: "local" | "utc",
): readonly HeatDay[] {
  const days = new Map<string, number[]>();
  const place = (date: Date) =>
    zone === "utc"
      ? { day: date.toISOString().slice(0, 10), hour: date.getUTCHours() }
      : { day: localDay(date), hour: date.getHours() };
  const starts = hours.map(({ start }) => Date.parse(start)).filter((at) => !Number.isNaN(at));
  if (starts.length === 0) return [];
  const last = Math.max(...starts);
  for (let at = Math.min(...starts); at <= last; at += 3_600_000) dayOf(days, place(new Date(at)).day);
  for (const { start, count } of hours) {
    const { day, hour } = place(new Date(start));
    const row = dayOf(days, day);
    row[hour] = (row[hour] ?? 0) + count;
  }
  return [...days].map(([day, values]) => ({ day, hours: values }));
}

function dayOf(days: Map<string, number[]>, day: string): number[] {
  const row = days.get(day) ?? Array<number>(24).fill(0);
  days.set(day, row);
  return row;
}

function localDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** 0 for nothing, 1 to 4 by order of magnitude of the busiest: one loud hour must not make all others pale. */
export function heatLevel(count: number, most: number): 0 | 1 | 2 | 3 | 4 {
  if (count <= 0 || most <= 0) return 0;
  const share = Math.log1p(count) / Math.log1p(most);
  return share > 0.75 ? 4 : share > 0.5 ? 3 : share > 0.25 ? 2 : 1;
}
