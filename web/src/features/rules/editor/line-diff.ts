/** A line of two texts laid side by side: in both, only in the first, or only in the second. */
export interface DiffLine {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** Beyond this many lines that differ, all of the first are gone and all of the second are new. */
const MAX_CELLS = 4_000_000;

/** The fewest lines that have to go and come, by the longest run of lines that both have in this order. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const head = a.slice(0, start).map(same);
  const tail = end === 0 ? [] : a.slice(-end).map(same);
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return [...head, ...middle(left, right), ...tail];
}

const same = (text: string): DiffLine => ({ kind: "same", text });
const gone = (text: string): DiffLine => ({ kind: "gone", text });
const come = (text: string): DiffLine => ({ kind: "new", text });

function middle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > MAX_CELLS) return [...a.map(gone), ...b.map(come)];
  // longest[i][j]: of what follows line i of the first and j of the second.
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(same(a[i++] ?? ""));
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1)))
      lines.push(gone(a[i++] ?? ""));
    else lines.push(come(b[j++] ?? ""));
  }
  return lines;
}
