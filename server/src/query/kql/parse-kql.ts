import type { Micros } from "@tyto/domain";
import { declarationOf, type QueryParameter } from "../query-parameters.ts";
import { attempt, queryDiagnostic, type QueryDiagnostic } from "../refusal.ts";
import { rewriteDottedNames, type RewrittenText } from "./dotted-names.ts";
import type { ParsedKql } from "./kql-parser.ts";
import type { KustoAdapter } from "./kusto-adapter.ts";
import { lowerQuery } from "./lower-query.ts";
import { TABLES } from "../tables.ts";
import type { SyntaxDiagnostic } from "./syntax.ts";

const MAX_DIAGNOSTICS = 20;

/** KQL text → relation, or everything that is wrong with it. Pure, but for what the library keeps. */
export function parseKql(
  adapter: KustoAdapter,
  text: string,
  now: Micros,
  parameters: readonly QueryParameter[] = [],
): ParsedKql {
  const rewritten = rewriteDottedNames(text);
  const unknown = rewritten.unknown.map(({ name, suggestion, span }) =>
    queryDiagnostic(
      text,
      span,
      "unknown-field",
      `There is no field \`${name}\``,
      suggestion === null
        ? "fields of other vendors stand under a name of their own"
        : `did you mean ${suggestion}?`,
    ),
  );
  if (unknown.length > 0) return { ok: false, diagnostics: unknown.slice(0, MAX_DIAGNOSTICS) };
  if (COMMAND.test(text)) return notAQuery(text);
  const declared = declarationOf(parameters);
  const parsed = withinStack(() => adapter.parse(rewritten.text, rewritten.tables, declared));
  if (parsed === "too-deep") return tooDeep(text);
  if (parsed.kind === "not-a-query") return notAQuery(text);
  if (parsed.diagnostics.length > 0) {
    const found = parsed.diagnostics.slice(0, MAX_DIAGNOSTICS);
    return { ok: false, diagnostics: found.map((each) => diagnosticOf(each, text, rewritten)) };
  }
  const otherFields = otherFieldsOf(rewritten);
  const lowered = withinStack(() =>
    attempt(text, () =>
      lowerQuery(parsed.root, { now, original: rewritten.original, otherFields, parameters }),
    ),
  );
  return lowered === "too-deep" ? tooDeep(text) : lowered;
}

/** Nesting in a text of 16 KB can be deeper than the thread's stack: that is the text's fault, and said so. */
function withinStack<T>(step: () => T): T | "too-deep" {
  try {
    return step();
  } catch (error) {
    if (error instanceof RangeError) return "too-deep";
    throw error;
  }
}

function tooDeep(text: string): ParsedKql {
  const span = { start: 0, end: text.length };
  const diagnostic = queryDiagnostic(
    text,
    span,
    "too-deep",
    "The query is nested too deeply",
    "put its parts into let",
  );
  return { ok: false, diagnostics: [diagnostic] };
}

/** `.drop table …`. The library would build a second grammar for it, which takes as long as the first. */
const COMMAND = /^(?:\s|\/\/[^\n]*(?:\n|$))*\./;

function notAQuery(text: string): ParsedKql {
  const span = { start: 0, end: text.length };
  const hint = "write Events | where …";
  return { ok: false, diagnostics: [queryDiagnostic(text, span, "not-a-query", "This is no query", hint)] };
}

function otherFieldsOf(rewritten: RewrittenText): readonly string[] {
  const events = rewritten.tables.find(({ name }) => name === "Events");
  const names = events?.columns.map(({ name }) => rewritten.original(name)) ?? [];
  return names.filter((name) => !TABLES.Events.columns.has(name));
}

const CODES: ReadonlyMap<string, string> = new Map([
  ["KS142", "unknown-name"],
  ["KS106", "type-mismatch"],
  ["KS119", "wrong-arguments"],
  ["KS176", "unknown-operator"],
  ["KS204", "unknown-table"],
  ["KS207", "unknown-cluster"],
]);

const HINTS: ReadonlyMap<string, string> = new Map([
  ["unknown-table", "there are Events, Findings and Alerts"],
  ["unknown-name", "ECS names are written with dots: source.ip, event.action"],
]);

/** Kusto's words, with our names in them. */
function diagnosticOf(diagnostic: SyntaxDiagnostic, text: string, rewritten: RewrittenText): QueryDiagnostic {
  const message = diagnostic.message.replace(/[A-Za-z_]\w*/g, (word) => rewritten.original(word));
  const code = CODES.get(diagnostic.code) ?? diagnostic.code.toLowerCase();
  const name = text.slice(diagnostic.span.start, diagnostic.span.end);
  const dotted = [...TABLES.Events.columns.keys()].find(
    (each) => each.includes(".") && each.replaceAll(".", "_") === name,
  );
  const hint = code === "unknown-name" && dotted !== undefined ? `did you mean ${dotted}?` : HINTS.get(code);
  return queryDiagnostic(text, diagnostic.span, code, message, hint);
}
