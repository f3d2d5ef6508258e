/** Inclusive ranges of UTF-16 units, ascending, apart from each other. */
export type CharSet = readonly (readonly [first: number, last: number])[];

export const MAX_UNIT = 0xffff;

export const DIGITS: CharSet = [[0x30, 0x39]];
export const WORD: CharSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** RE2's `\s`: no vertical tab. */
export const SPACE: CharSet = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
export const NOT_LINE_FEED: CharSet = [
  [0, 0x09],
  [0x0b, MAX_UNIT],
];
export const EVERYTHING: CharSet = [[0, MAX_UNIT]];

export function union(sets: readonly CharSet[]): CharSet {
  const ranges = sets.flat().sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [first, last] of ranges) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

export function complement(set: CharSet): CharSet {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= MAX_UNIT) rest.push([next, MAX_UNIT]);
  return rest;
}

const LONG_S = 0x17f;
const KELVIN = 0x212a;

/** With the other case of every letter (simple folding); `undefined` for letters beyond ASCII, which have more to it. */
export function withBothCases(set: CharSet): CharSet | undefined {
  const more: [number, number][] = [];
  for (const [first, last] of set) {
    if (last > 0x7f) return undefined;
    for (let unit = first; unit <= last; unit++) {
      const letter = unit | 0x20;
      if (letter < 0x61 || letter > 0x7a) continue;
      more.push([unit ^ 0x20, unit ^ 0x20]);
      if (letter === 0x73) more.push([LONG_S, LONG_S]);
      if (letter === 0x6b) more.push([KELVIN, KELVIN]);
    }
  }
  return union([set, more]);
}
