import { TABLES, resolveName } from "../tables.ts";
import type { Column, Span } from "../ir.ts";
import type { SyntaxTable } from "./syntax.ts";

/**
 * `source.ip` is a path in Kusto's grammar: not a column, and not typed. So each dotted name that Events knows is rewritten to
 * an identifier of the same length (`source_ip`) before the text is analysed, and declared as a column: places stay right and
 * types are exact. Afterwards names are mapped back.
 */
export interface RewrittenText {
  readonly text: string;
  readonly tables: readonly SyntaxTable[];
  /** Name as people write it, for an identifier of the rewritten text; others are returned as they are. */
  readonly original: (identifier: string) => string;
  readonly unknown: readonly UnknownName[];
}

interface UnknownName {
  readonly name: string;
  readonly suggestion: string | null;
  readonly span: Span;
}

/** What a rewritten text must not touch, then names. */
const TOKEN =
  /\/\/[^\n]*|```[^]*?```|~~~[^]*?~~~|@"(?:[^"\n]|"")*"|@'(?:[^'\n]|'')*'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\[\s*(?:"[\w.@]+"|'[\w.@]+')\s*\]|@?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\d\w*(?:\.\d\w*)?|[^]/g;
const NAME = /^@?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const BRACKETED = /^\[\s*["'](.*)["']\s*\]$/;

/** Columns whose names are words of the language; they are declared under a name that is none. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([["title", "Title"]]);
const NAME_OF_KEYWORD: ReadonlyMap<string, string> = new Map(
  [...KEYWORDS].map(([name, stand]) => [stand, name]),
);

/** Tried in turn until none of the identifiers made with it occurs in the text itself. */
const SEPARATORS = ["_", "0", "Q", "X", "Z", "J", "K", "V", "W", "Y"] as const;
type Separator = (typeof SEPARATORS)[number];

export function rewriteDottedNames(text: string): RewrittenText {
  const tokens = [...text.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index }));
  const written = new Set(tokens.map((token) => token.text).filter((token) => NAME.test(token)));
  const separator = chooseSeparator(written);
  const declared = declaredNames(tokens.map((token) => token.text));
  const originals = new Map<string, string>();
  const others = new Map<string, string>();
  const unknown: UnknownName[] = [];

  const rewritten = tokens.map((token, index) => {
    const follows = tokens[index - 1]?.text === ".";
    const isCall = tokens[index + 1]?.text === "(";
    const name = nameOf(token.text, previousSolid(tokens, index));
    if (name === null || follows || isCall) return token.text;
    const stand = KEYWORDS.get(name);
    if (stand !== undefined) return stand.padStart(token.text.length - 1).padEnd(token.text.length);
    if (name === "@timestamp") return "timestamp".padStart(token.text.length);
    if (name.startsWith("@") || !name.includes(".") || declared.has(rootOf(name))) return token.text;
    const resolution = resolveName(TABLES.Events, name);
    if (resolution.kind === "unknown") {
      const span = { start: token.at, end: token.at + token.text.length };
      unknown.push({ name, suggestion: resolution.suggestion, span });
      return token.text;
    }
    const identifier = name.replaceAll(".", separator);
    originals.set(identifier, name);
    if (!TABLES.Events.columns.has(name)) others.set(identifier, name);
    // Bracketed names are longer than what stands in for them.
    return identifier.padStart(token.text.length - 1).padEnd(token.text.length);
  });

  return {
    text: rewritten.join(""),
    tables: schemaWith(separator, others),
    original: (identifier) =>
      originals.get(identifier) ??
      DECLARED.get(separator)?.get(identifier) ??
      NAME_OF_KEYWORD.get(identifier) ??
      identifier,
    unknown,
  };
}

function nameOf(token: string, before: string): string | null {
  if (NAME.test(token)) return token;
  // `d["a.b"]` is a step into a value; a bracketed name stands where an expression begins.
  const isStep =
    /[\w)\]]$/.test(before) && !/^(?:by|where|project|extend|summarize|distinct|and|or)$/i.test(before);
  const name = BRACKETED.exec(token)?.[1];
  const isOurs = name !== undefined && (name.includes(".") || KEYWORDS.has(name));
  return isOurs && !isStep ? name : null;
}

function previousSolid(tokens: readonly { readonly text: string }[], index: number): string {
  for (let at = index - 1; at >= 0; at--) {
    const text = tokens[at]?.text ?? "";
    if (text.trim() !== "") return text;
  }
  return "";
}

const rootOf = (name: string): string => name.slice(0, name.indexOf("."));

/** Names that the query gives itself (`x = …`): a dot behind them is a step into their value. */
function declaredNames(tokens: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  const solid = tokens.filter((token) => token.trim() !== "");
  solid.forEach((token, index) => {
    const isAssignment = solid[index + 1] === "=" && solid[index + 2] !== "=" && solid[index + 2] !== "~";
    if (isAssignment && NAME.test(token) && !token.includes(".")) names.add(token);
  });
  return names;
}

function chooseSeparator(written: ReadonlySet<string>): Separator {
  const dotted = [...written].filter((name) => name.includes("."));
  const isFree = (separator: Separator): boolean =>
    ![...written].some((name) => DECLARED.get(separator)?.has(name) === true) &&
    dotted.every((name) => !written.has(name.replaceAll(".", separator)));
  return SEPARATORS.find(isFree) ?? "_";
}

/** Identifier → dotted name of every declared column, per separator. */
const DECLARED: ReadonlyMap<Separator, ReadonlyMap<string, string>> = new Map(
  SEPARATORS.map((separator): [Separator, ReadonlyMap<string, string>] => [
    separator,
    new Map(
      [...TABLES.Events.columns.keys()]
        .filter((name) => name.includes("."))
        .map((name) => [name.replaceAll(".", separator), name]),
    ),
  ]),
);

function schemaOf(separator: Separator): readonly SyntaxTable[] {
  return Object.values(TABLES).map((table) => ({
    name: table.name,
    columns: [...table.columns.values()].map(({ name, type }) => ({
      name: KEYWORDS.get(name) ?? name.replaceAll(".", separator),
      type,
    })),
  }));
}

/** One object for nearly all queries: the adapter keeps what it made of it. */
const USUAL_SCHEMA = schemaOf("_");

function schemaWith(separator: Separator, others: ReadonlyMap<string, string>): readonly SyntaxTable[] {
  const schema = separator === "_" ? USUAL_SCHEMA : schemaOf(separator);
  if (others.size === 0) return schema;
  const vendor = [...others.keys()].map((name): Column => ({ name, type: "dynamic" }));
  return schema.map((table) =>
    table.name === "Events" ? { ...table, columns: [...table.columns, ...vendor] } : table,
  );
}
