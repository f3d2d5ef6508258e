/** One line of a table, and where it began: a quoted value may go on over several. */
export interface CsvRow {
  readonly line: number;
  readonly values: readonly string[];
}

export interface CsvTable {
  readonly rows: readonly CsvRow[];
  /** Line of a quote that nothing closes. */
  readonly openQuoteAt: number | undefined;
}

/** RFC 4180 with the separator that the first line has most of: comma, semicolon or tab. Empty lines are left out. */
export function csvRows(text: string): CsvTable {
  const source = text.replace(/^\ufeff/, "");
  const separator = separatorOf(source.slice(0, source.search(/\r?\n|$/)));
  const rows: CsvRow[] = [];
  let values: string[] = [];
  let value = "";
  let line = 1;
  let rowLine = 1;
  let quotedSince: number | undefined;
  const endRow = (): void => {
    values.push(value);
    if (values.length > 1 || value.trim() !== "") rows.push({ line: rowLine, values });
    values = [];
    value = "";
  };
  for (let at = 0; at < source.length; at++) {
    const sign = source[at] ?? "";
    if (sign === "\n") line++;
    if (quotedSince !== undefined) {
      if (sign !== '"') value += sign;
      else if (source[at + 1] === '"') {
        value += sign;
        at++;
      } else quotedSince = undefined;
    } else if (sign === '"' && value.trim() === "") {
      value = "";
      quotedSince = line;
    } else if (sign === separator) {
      values.push(value);
      value = "";
    } else if (sign === "\n") {
      endRow();
      rowLine = line;
    } else if (sign !== "\r") value += sign;
  }
  if (value !== "" || values.length > 0) endRow();
  return { rows, openQuoteAt: quotedSince };
}

function separatorOf(firstLine: string): string {
  const counts = [",", ";", "\t"].map((sign) => ({ sign, count: firstLine.split(sign).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).sign;
}
