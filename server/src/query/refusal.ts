import type { Diagnostic } from "@tyto/domain";
import type { Span } from "./ir.ts";

/** A diagnostic with the place in the query's text, for underlining. */
export interface QueryDiagnostic extends Diagnostic {
  readonly span: Span;
}

/**
 * Why a query is not run. Compilers recurse, so inside this module a refusal is thrown; the module's entry points catch it
 * (`refusalsOf`) and answer with the diagnostic.
 */
export class Refusal extends Error {
  readonly code: string;
  readonly span: Span;
  readonly hint: string | undefined;

  constructor(code: string, message: string, span: Span, hint?: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.span = span;
    this.hint = hint;
  }
}

export function refuse(code: string, message: string, span: Span, hint?: string): never {
  throw new Refusal(code, message, span, hint);
}

/** @param text the query, to tell line and column. */
export function queryDiagnostic(
  text: string,
  span: Span,
  code: string,
  message: string,
  hint?: string,
): QueryDiagnostic {
  const before = text.slice(0, span.start);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    severity: "error",
    code,
    message,
    at: { file: "query", line: before.split("\n").length, column: span.start - lineStart + 1 },
    span,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Runs a step; what it refuses comes back as a value. Bugs go on as exceptions. */
export function attempt<T>(
  text: string,
  step: () => T,
):
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly QueryDiagnostic[] } {
  try {
    return { ok: true, value: step() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const diagnostic = queryDiagnostic(text, error.span, error.code, error.message, error.hint);
    return { ok: false, diagnostics: [diagnostic] };
  }
}
