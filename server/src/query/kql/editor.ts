import { TABLES } from "../tables.ts";
import type { Span } from "../ir.ts";
import { rewriteDottedNames, type RewrittenText } from "./dotted-names.ts";
import { AGGREGATE_TABLE, FUNCTIONS } from "./function-table.ts";
import type { KustoAdapter } from "./kusto-adapter.ts";
import { OPERATORS } from "./operator-table.ts";

/** What an editor asks about a text; offsets are UTF-16. */
export type EditorQuestion =
  | { readonly kind: "complete"; readonly text: string; readonly at: number }
  | { readonly kind: "hover"; readonly text: string; readonly at: number }
  | { readonly kind: "format"; readonly text: string };

type CompletionKind = "column" | "function" | "aggregate" | "operator" | "table" | "keyword" | "name";

export interface Completion {
  /** What is shown. */
  readonly label: string;
  readonly kind: CompletionKind;
  /** What is put in place of `span`. */
  readonly insert: string;
  readonly detail: string;
}

export interface EditorAnswer {
  /** `complete`: best first, all for the same place. */
  readonly completions: readonly Completion[];
  /** What completions replace; what a hover is about. */
  readonly span: Span;
  /** `hover`: what stands there, or nothing. `format`: the whole text. */
  readonly text: string;
}

const MAX_COMPLETIONS = 200;
const NAME_CHARACTER = /[\w.@$]/;

/** Completion, hover and formatting: the library's, in our names and only of what this language has. */
export function answerEditor(adapter: KustoAdapter, question: EditorQuestion): EditorAnswer {
  switch (question.kind) {
    case "complete":
      return complete(adapter, question.text, question.at);
    case "hover":
      return hover(adapter, question.text, question.at);
    case "format":
      return {
        completions: [],
        span: { start: 0, end: question.text.length },
        text: formatted(adapter, question.text),
      };
  }
}

/** A dotted name is one word to people and several to Kusto: what is typed of it is looked up here, whatever the library says. */
function complete(adapter: KustoAdapter, text: string, at: number): EditorAnswer {
  let start = at;
  while (start > 0 && NAME_CHARACTER.test(text[start - 1] ?? "")) start--;
  const typed = text.slice(start, at);
  // Without the word itself the library says what may stand here.
  const blank = `${text.slice(0, start)}${" ".repeat(at - start)}${text.slice(at)}`;
  const rewritten = rewriteDottedNames(blank);
  const offered = adapter
    .complete(rewritten.text, rewritten.tables, start)
    .map((item) => ourCompletion(item, rewritten));
  const wanted = typed.toLowerCase();
  const ranked = offered
    .filter((item) => item !== null)
    .map((item) => ({ item, rank: rankOf(item.label.toLowerCase(), wanted) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank || usualness(b.item) - usualness(a.item));
  const unique = new Map(ranked.map(({ item }) => [`${item.kind} ${item.label}`, item]));
  return { completions: [...unique.values()].slice(0, MAX_COMPLETIONS), span: { start, end: at }, text: "" };
}

/** The columns that results show come before the hundreds that others rarely have. */
function usualness({ kind, label }: Completion): number {
  if (kind === "name" || kind === "table") return 2;
  const isUsual = Object.values(TABLES).some(({ defaultColumns }) => defaultColumns.includes(label));
  if (kind !== "column") return 1;
  return isUsual || describeColumn(label) === undefined ? 2 : 0;
}

function rankOf(label: string, wanted: string): number {
  if (label.startsWith(wanted)) return 0;
  if (label.split(/[._-]/).some((part) => part.startsWith(wanted))) return 1;
  return label.includes(wanted) ? 2 : 3;
}

/** What the library offers and we do not run is left out. */
function ourCompletion(
  item: { readonly label: string; readonly kind: string },
  rewritten: RewrittenText,
): Completion | null {
  // A function is offered with its parentheses.
  const label = rewritten.original(item.label.replace(/\(.*$/s, ""));
  const aggregate = AGGREGATE_TABLE.get(label);
  const scalar = FUNCTIONS.get(label);
  switch (item.kind) {
    case "AggregateFunction":
      return aggregate === undefined
        ? null
        : {
            label,
            kind: "aggregate",
            insert: `${label}(`,
            detail: `${aggregate.usage}: ${aggregate.summary}`,
          };
    case "BuiltInFunction":
    case "ScalarFunction":
      return scalar === undefined
        ? null
        : { label, kind: "function", insert: `${label}(`, detail: `${scalar.usage}: ${scalar.summary}` };
    case "Column":
      return { label, kind: "column", insert: label, detail: describeColumn(label) ?? "" };
    case "Table":
      return { label, kind: "table", insert: label, detail: "" };
    case "LocalFunction":
    case "Variable":
    case "Parameter":
      return { label, kind: "name", insert: label, detail: "" };
    case "QueryPrefix": {
      const operator = OPERATORS.find(({ name }) => name === label);
      return operator === undefined
        ? null
        : { label, kind: "operator", insert: label, detail: `${operator.usage}: ${operator.summary}` };
    }
    default:
      return /^[a-z!]/i.test(label) &&
        !/^(?:cluster|database|external_table|materialized_view|externaldata|stored_query_result)\b/.test(
          label,
        )
        ? { label, kind: "keyword", insert: label, detail: "" }
        : null;
  }
}

function describeColumn(name: string): string | undefined {
  for (const table of Object.values(TABLES)) {
    const column = table.columns.get(name);
    if (column !== undefined) return `${column.type}: ${column.description}`;
  }
  return undefined;
}

function hover(adapter: KustoAdapter, text: string, at: number): EditorAnswer {
  let [start, end] = [Math.min(at, text.length), Math.min(at, text.length)];
  const inName = /[\w.@-]/;
  while (start > 0 && inName.test(text[start - 1] ?? "")) start--;
  while (end < text.length && inName.test(text[end] ?? "")) end++;
  const word = text.slice(start, end);
  const span = { start, end };
  const own = ownDescription(word, text.slice(end));
  if (own !== undefined) return { completions: [], span, text: own };
  const rewritten = rewriteDottedNames(text);
  const found = adapter
    .describe(rewritten.text, rewritten.tables, at)
    .replace(/[A-Za-z_]\w*/g, (name) => rewritten.original(name));
  return { completions: [], span, text: found };
}

function ownDescription(word: string, after: string): string | undefined {
  if (/^\s*\(/.test(after)) {
    const called = FUNCTIONS.get(word) ?? AGGREGATE_TABLE.get(word);
    if (called !== undefined) return `${called.usage}\n${called.summary}`;
  }
  const column = describeColumn(word);
  if (column !== undefined) return `${word}: ${column}`;
  const operator = OPERATORS.find(({ name }) => name === word);
  return operator === undefined ? undefined : `${operator.usage}\n${operator.summary}`;
}

/** Only blanks may change: a formatter that would change anything else is not believed. */
function formatted(adapter: KustoAdapter, text: string): string {
  const proposed = adapter.format(text).replace(/\r\n/g, "\n");
  const bare = (each: string): string => each.replace(/\s+/g, "");
  return bare(proposed) === bare(text) ? proposed : text;
}
