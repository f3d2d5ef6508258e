/*
 * Files that name their columns once, for all lines that follow: W3C (`#Fields: date time …`), Zeek (`#fields<tab>ts<tab>uid…`), and
 * CSV with a first line of names. Records travel one by one, so the reader of a file sends the header along with each.
 */

/** A longer header is none: it travels with every batch. */
const MAX_HEADER_CHARACTERS = 16_384;
const MAX_DIRECTIVES = 32;
const DIRECTIVE = /^#([A-Za-z][\w-]{0,40})(?:[:\s]|$)/;
/** What W3C and Zeek write before and between their records. */
const DIRECTIVES: ReadonlySet<string> = new Set([
  "version",
  "software",
  "date",
  "remark",
  "fields",
  "start-date",
  "end-date",
  "system-id",
  "separator",
  "set_separator",
  "empty_field",
  "unset_field",
  "path",
  "open",
  "close",
  "types",
]);
const HASH = 0x23;

/**
 * The header after a line: a directive joins it, in place of an earlier one of its name; other lines leave it as it is.
 * `undefined`: no header yet.
 */
export function headerAfter(header: string | undefined, line: string): string | undefined {
  const text = line.trimEnd();
  const name = DIRECTIVE.exec(text)?.[1]?.toLowerCase();
  if (name === undefined || !DIRECTIVES.has(name)) return header;
  const others = (header ?? "")
    .split("\n")
    .filter((one) => one.startsWith("#") && DIRECTIVE.exec(one)?.[1]?.toLowerCase() !== name);
  const joined = [...others, text].join("\n");
  return others.length >= MAX_DIRECTIVES || joined.length > MAX_HEADER_CHARACTERS ? header : joined;
}

const CELL_DELIMITERS = [",", ";", "\t", "|"] as const;
const NAME = /^"?[A-Za-z_@][\w .@()/%$#-]{0,79}"?$/;
const FEWEST_COLUMNS = 3;

/** The first line, when it names the columns of the second: as many cells, names all of them, each once, and the second holds values. */
export function tableHeader(first: string, second: string): string | undefined {
  if (first.length > MAX_HEADER_CHARACTERS) return undefined;
  const names = first.trim();
  const delimiter = headerDelimiter(names);
  if (delimiter === undefined) return undefined;
  const cells = names.split(delimiter).map((cell) => cell.trim());
  const isNames = cells.length >= FEWEST_COLUMNS && cells.every((cell) => NAME.test(cell));
  if (!isNames || new Set(cells.map((cell) => cell.toLowerCase())).size < cells.length) return undefined;
  const values = second.split(delimiter, MAX_HEADER_CHARACTERS);
  // Delimiters within quoted values make more cells of them, never fewer.
  return values.length >= cells.length && values.some((cell) => !NAME.test(cell.trim())) ? names : undefined;
}

/** What parts the names of a header of cells: the delimiter that stands there most often. */
export function headerDelimiter(header: string): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const delimiter of CELL_DELIMITERS) {
    const count = header.split(delimiter).length - 1;
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}

/** The header of a stream of lines, followed line by line: `undefined` before there is one. */
export class HeaderFollower {
  readonly #decode: (bytes: Uint8Array) => string;
  #header: string | undefined;
  #isFirst = true;

  /** @param decode UTF-8 to text; called for header lines only. */
  constructor(decode: (bytes: Uint8Array) => string) {
    this.#decode = decode;
  }

  /** @param next the line behind it, where there is one: a first line of names is known by it. */
  after(line: Uint8Array, next: Uint8Array | undefined): string | undefined {
    if (this.#isFirst && next !== undefined && line.length <= MAX_HEADER_CHARACTERS) {
      const second = next.subarray(0, 4 * MAX_HEADER_CHARACTERS);
      this.#header = tableHeader(this.#decode(line), this.#decode(second));
    }
    this.#isFirst = false;
    if (line[0] === HASH && line.length <= MAX_HEADER_CHARACTERS)
      this.#header = headerAfter(this.#header, this.#decode(line));
    return this.#header;
  }
}
