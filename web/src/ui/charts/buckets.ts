/** One bar of a chart over time. Values are in the order of the chart's series. */
export interface Bucket {
  readonly startMs: number;
  readonly values: readonly number[];
}

export function totalOf(bucket: Bucket): number {
  return bucket.values.reduce((sum, value) => sum + value, 0);
}

/** A single event must not look like a flood: below this many the tallest bar does not fill the chart. */
const LEAST_SCALE = 4;

/** Heights in percent of the tallest bar. What happened at all is visible: nothing above zero is lower than `least`. */
export function barHeights(buckets: readonly Bucket[], least = 4): readonly (readonly number[])[] {
  const tallest = Math.max(LEAST_SCALE, ...buckets.map(totalOf));
  return buckets.map((bucket) => {
    const whole = totalOf(bucket);
    const height = whole === 0 ? 0 : Math.max(least, (whole / tallest) * 100);
    return bucket.values.map((value) => (whole === 0 ? 0 : (value / whole) * height));
  });
}

/** About `count` starts, evenly spread, for the axis. */
export function tickIndexes(length: number, count: number): readonly number[] {
  if (length === 0) return [];
  const step = Math.max(1, Math.ceil(length / count));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

/** An SVG path through the values, in a box of `width` × `height`; the top is `most`. */
export function linePath(values: readonly number[], width: number, height: number, most: number): string {
  if (values.length === 0) return "";
  const step = values.length === 1 ? 0 : width / (values.length - 1);
  const top = most <= 0 ? 1 : most;
  return values
    .map((value, index) => {
      const x = (index * step).toFixed(2);
      const y = (height - (Math.min(value, top) / top) * height).toFixed(2);
      return `${index === 0 ? "M" : "L"}${x} ${y}`;
    })
    .join("");
}

/** The next "round" number above: 1, 2, 5, 10, 20, 50 … */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const scale = 10 ** Math.floor(Math.log10(value));
  const digit = [1, 2, 5, 10].find((candidate) => candidate * scale >= value) ?? 10;
  return digit * scale;
}
