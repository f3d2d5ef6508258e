/**
 * Cells of one line of separated values (RFC 4180: doubled quotes stand for one). A quote within an unquoted cell is text. At
 * most `limit` cells are read, so that a line of commas costs no more than a line of values.
 */
export function scanCells(
  text: string,
  options: { readonly delimiter: string; readonly quote: string; readonly limit: number },
): string[] {
  const { delimiter, quote, limit } = options;
  const cells: string[] = [];
  let position = 0;
  while (cells.length < limit) {
    const start = skipSpaces(text, position, delimiter);
    if (quote !== "" && text.startsWith(quote, start)) {
      const close = closingQuote(text, start + 1, quote);
      if (close >= 0) {
        const inner = text.slice(start + 1, close);
        cells.push(inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner);
        const next = text.indexOf(delimiter, close + 1);
        if (next < 0) return cells;
        position = next + delimiter.length;
        continue;
      }
    }
    const next = text.indexOf(delimiter, position);
    if (next < 0) {
      cells.push(text.slice(position));
      return cells;
    }
    cells.push(text.slice(position, next));
    position = next + delimiter.length;
  }
  return cells;
}

function skipSpaces(text: string, at: number, delimiter: string): number {
  let i = at;
  while (text.charCodeAt(i) === 0x20 && delimiter !== " ") i += 1;
  return i;
}

function closingQuote(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i += 1) {
    if (text[i] !== quote) continue;
    if (text[i + 1] !== quote) return i;
    i += 1;
  }
  return -1;
}
