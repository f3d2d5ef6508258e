const SPACE = 0x20;

/** The lines of a literal block (`|`), as `lean-yaml.ts` reads them. */
interface ScannedLiteral {
  /** Joined, without the empty lines at the end. */
  readonly text: string;
  /** How many lines it takes, and where the last of them ends. */
  readonly lines: number;
  readonly end: number;
}

/**
 * All lines that are indented as far as the first, which is further than `column`. `undefined` when there is none, or when it is
 * not certain how they are to be read.
 * @param lineEnd of the line that opens the block.
 */
export function scanLiteral(source: string, lineEnd: number, column: number): ScannedLiteral | undefined {
  const lines: string[] = [];
  let indent = -1;
  let end = lineEnd;
  let count = 0;
  for (let start = end + 1; start < source.length; start = end + 1) {
    const content = afterSpaces(source, start);
    const newline = source.indexOf("\n", content);
    const stop = newline < 0 ? source.length : newline;
    const width = content - start;
    if (content === stop) {
      // Spaces beyond the indentation would be text.
      if (width > Math.max(indent, column)) return undefined;
      lines.push("");
    } else {
      if (width <= column) break;
      if (indent < 0) indent = width;
      if (width < indent) return undefined;
      lines.push(source.slice(start + indent, stop));
    }
    count++;
    end = stop;
  }
  while (lines.at(-1) === "") lines.pop();
  return indent < 0 ? undefined : { text: lines.join("\n"), lines: count, end };
}

/** The first place from `start` on that is no space. */
export function afterSpaces(source: string, start: number): number {
  let at = start;
  while (source.charCodeAt(at) === SPACE) at++;
  return at;
}
