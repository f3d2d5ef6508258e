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
  const isJoined = written.has("join") || written.has("lookup");

  const isWithinDynamic = dynamicTokens(tokens.map((token) => token.text));
  const rewritten = tokens.map((whole, index): string => {
    // `$left.source.ip`: the column behind the side.
    const side = tokens[index - 1]?.text === "$" ? /^(?:left|right)\./.exec(whole.text)?.[0] : undefined;
    if (side !== undefined) {
      const rest = { text: whole.text.slice(side.length), at: whole.at + side.length };
      return `${side}${rewrite(rest, index)}`;
    }
    return rewrite(whole, index);
  });
  function rewrite(token: { readonly text: string; readonly at: number }, index: number): string {
    const follows = tokens[index - 1]?.text === ".";
    const isCall = tokens[index + 1]?.text === "(";
    const name = isWithinDynamic[index] === true ? null : nameOf(token.text, previousSolid(tokens, index));
    if (name === null || follows || isCall) return token.text;
    const stand = KEYWORDS.get(name);
    if (stand !== undefined) return stand.padStart(token.text.length - 1).padEnd(token.text.length);
    if (name === "@timestamp") return "timestamp".padStart(token.text.length);
    if (name.startsWith("@") || !name.includes(".")) return token.text;
    const root = declared.get(rootOf(name));
    // `user = user.name` is a text: what is dotted after it is still the event's field.
    if (root === "object" || (root === "value" && !TABLES.Events.columns.has(name))) return token.text;
    const resolution = resolveName(TABLES.Events, name);
    const twin = resolution.kind === "unknown" ? twinOf(name, isJoined) : undefined;
    if (twin !== undefined) {
      const identifier = name.replaceAll(".", separator);
      originals.set(identifier, name);
      return identifier;
    }
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
  }

  return {
    text: rewritten.join(""),
    tables: schemaWith(separator, others),
    original: (identifier) =>
      originals.get(identifier) ??
      DECLARED.get(separator)?.get(identifier) ??
      NAME_OF_KEYWORD.get(identifier) ??
      (isJoined
        ? twinName(identifier, (name) => originals.get(name) ?? DECLARED.get(separator)?.get(name))
        : undefined) ??
      identifier,
    unknown,
  };
}

/** Which tokens stand inside of `dynamic(…)`: what looks like a bracketed name there is a list of a text. */
function dynamicTokens(tokens: readonly string[]): readonly boolean[] {
  let depth = 0;
  let isNext = false;
  return tokens.map((token) => {
    if (depth > 0) {
      if (token === "(") depth++;
      if (token === ")") depth--;
      return depth > 0;
    }
    if (isNext && token === "(") depth = 1;
    if (token.trim() !== "") isNext = token === "dynamic";
    return false;
  });
}

/** A join calls the right side's column of the same name `source.ip1`. */
function twinOf(name: string, isJoined: boolean): string | undefined {
  const base = /^(.*[^\d])\d{1,2}$/.exec(name)?.[1];
  const isTwin = isJoined && base !== undefined && resolveName(TABLES.Events, base).kind === "column";
  return isTwin ? base : undefined;
}

function twinName(identifier: string, nameOfBase: (base: string) => string | undefined): string | undefined {
  const [, base, digits] = /^(.*[^\d])(\d{1,2})$/.exec(identifier) ?? [];
  const name = base === undefined ? undefined : nameOfBase(base);
  return name === undefined ? undefined : `${name}${digits ?? ""}`;
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

/** Names that the query gives itself (`x = …`): a dot behind one of an object is a step into its value. */
function declaredNames(tokens: readonly string[]): ReadonlyMap<string, "object" | "value"> {
  const names = new Map<string, "object" | "value">();
  const solid = tokens.filter((token) => token.trim() !== "");
  solid.forEach((token, index) => {
    if (!NAME.test(token) || token.includes(".") || names.get(token) === "object") return;
    const next = solid[index + 2] ?? "";
    if (solid[index + 1] === "=" && next !== "=" && next !== "~") {
      names.set(token, MAKES_OBJECTS.test(next) ? "object" : "value");
    }
    // `x:dynamic` of a datatable, a parse or a function's parameter.
    if (solid[index + 1] === ":" && next === "dynamic") names.set(token, "object");
  });
  // Columns of alerts and findings hold objects; a step into them is no field of an event.
  const others = [TABLES.Alerts, TABLES.Findings].filter(({ name }) => solid.includes(name));
  for (const table of others) {
    for (const { name, type } of table.columns.values()) if (type === "dynamic") names.set(name, "object");
  }
  return names;
}

const MAKES_OBJECTS =
  /^(?:parse_\w+|parsejson|todynamic|toobject|dynamic|bag_\w+|pack|pack_\w+|extract_?json|geo_info_\w+)$/;

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
