/** Formats that the engine takes rows in. */
const INSERT_FORMATS = ["JSONEachRow", "JSONCompactEachRow", "Parquet"] as const;
export type InsertFormat = (typeof INSERT_FORMATS)[number];

export interface InsertStatement {
  readonly table: string;
  /** Empty: all, in their order. */
  readonly columns: readonly string[];
  readonly format: InsertFormat;
}

export type StatementFault = "empty" | "stacked" | "file-access" | "unterminated" | "odd-character";

/**
 * Looks at SQL as the engine's lexer does, since the engine itself runs several statements in one call: nothing but blanks and
 * comments may follow a `;`, and the clauses that reach the file system are refused.
 * @returns the one statement without its `;` and whether it only reads, or why it is refused.
 */
export function singleStatement(
  text: string,
):
  | { readonly kind: "statement"; readonly sql: string; readonly isQuery: boolean }
  | { readonly kind: "refused"; readonly fault: StatementFault } {
  let end: number | undefined;
  let firstWord = "";
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0] ?? text.charAt(at);
    if (token === "'" || token === '"' || token === "`" || token === "/*") return refuse("unterminated");
    at += token.length;
    if (isBlank(token)) continue;
    if (token === ";") {
      end ??= at - 1;
      continue;
    }
    if (end !== undefined) return refuse("stacked");
    if (/^(?:outfile|infile)$/i.test(token)) return refuse("file-access");
    if (/^[^\x20-\x7e]|[$#]/.test(token) && !isQuoted(token)) return refuse("odd-character");
    if (firstWord === "") firstWord = token.toUpperCase();
  }
  if (firstWord === "") return refuse("empty");
  return { kind: "statement", sql: text.slice(0, end ?? text.length), isQuery: QUERY_WORDS.has(firstWord) };
}

/**
 * Quoted text, comments, words, else one character. What would make the engine's lexer differ from this one is refused
 * outside quotes: heredocs (`$`), `#` comments, typographic quotes and blanks.
 */
const TOKEN =
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`\\]|\\[^]|``)*`|--[^\n]*|\/\*[^]*?\*\/|\/\*|[A-Za-z_][A-Za-z0-9_]*|[ \t\r\n\f\v]+|[^]/y;

/** First words of statements that take a SETTINGS clause and can be killed. */
const QUERY_WORDS: ReadonlySet<string> = new Set(["SELECT", "WITH", "(", "EXPLAIN"]);

function isQuoted(token: string): boolean {
  return token.length > 1 && /^['"`]/.test(token);
}

function isBlank(token: string): boolean {
  return token.startsWith("--") || token.startsWith("/*") || /^[ \t\r\n\f\v]+$/.test(token);
}

function refuse(fault: StatementFault): { readonly kind: "refused"; readonly fault: StatementFault } {
  return { kind: "refused", fault };
}

const INSERT =
  /^\s*INSERT\s+INTO\s+`?([A-Za-z_][A-Za-z0-9_]*)`?(?:\s+\(([A-Za-z0-9_`, ]+)\))?\s+FORMAT\s+([A-Za-z]+)\s*$/i;

/** The statement of an insert whose rows come as bytes. `undefined` for any other statement. */
export function insertStatement(sql: string): InsertStatement | undefined {
  const match = INSERT.exec(sql);
  const format = INSERT_FORMATS.find((one) => one === match?.[3]);
  const table = match?.[1];
  const columns = (match?.[2] ?? "").split(",").flatMap((name) => name.replaceAll("`", "").trim() || []);
  if (table === undefined || format === undefined || !columns.every((name) => WORD.test(name)))
    return undefined;
  return { table, columns, format };
}

const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The library takes rows only in formats that are text. What is none goes in as a literal of a table function, which reads no file.
 * Base64 has no character that means anything in SQL.
 */
export function literalInsert(insert: InsertStatement, rows: Buffer): string {
  const columns = insert.columns.map((name) => `\`${name}\``).join(", ");
  const into = columns === "" ? `\`${insert.table}\`` : `\`${insert.table}\` (${columns})`;
  const from = `format(${insert.format}, base64Decode('${rows.toString("base64")}'))`;
  return `INSERT INTO ${into} SELECT ${columns === "" ? "*" : columns} FROM ${from}`;
}

/** `'…'` as the engine's lexer reads it. */
export function sqlText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replaceAll("\0", "\\0")}'`;
}

/**
 * `SET param_p0 = '…', …`. Parameters are set in the session, and the engine substitutes and types them: the library's own
 * binding is global to the process, so it runs all bound queries one after the other.
 * @returns `undefined` when a name is none.
 */
export function setParameters(parameters: ReadonlyMap<string, string>): string | undefined {
  const items: string[] = [];
  for (const [name, value] of parameters) {
    if (!WORD.test(name)) return undefined;
    items.push(`param_${name} = ${sqlText(value)}`);
  }
  return `SET ${items.join(", ")}`;
}

/** A text as a parameter's value: the engine reads values in its tab-separated form. */
export function escapeParameter(text: string): string {
  return text.replace(/[\\'\t\n\r]/g, (character) => ESCAPES[character] ?? `\\${character}`);
}

const ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Names that a query's `{name:Type}` places refer to. */
export function parameterNames(sql: string): readonly string[] {
  return [...sql.matchAll(/\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*:/g)].flatMap((match) => match[1] ?? []);
}

/** ` SETTINGS a = '1', …`, to stand behind a query. @returns `undefined` when a name is none. */
export function settingsClause(settings: ReadonlyMap<string, string>): string | undefined {
  const items: string[] = [];
  for (const [name, value] of settings) {
    if (!WORD.test(name)) return undefined;
    items.push(`${name} = ${/^\d{1,18}$/.test(value) ? value : sqlText(value)}`);
  }
  return items.length === 0 ? "" : `\nSETTINGS ${items.join(", ")}`;
}
