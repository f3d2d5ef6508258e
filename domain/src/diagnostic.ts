/** A place in a text that a person wrote or sent. Lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What is wrong with outside data, where, and what to do about it. Data is never a reason to throw. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable, kebab-case: `unknown-modifier`. */
  readonly code: string;
  readonly message: string;
  readonly at: Place;
  readonly hint?: string;
}

/** `file:line:column: error: message (hint)`, for terminals and logs. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column } = diagnostic.at;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const hint = diagnostic.hint === undefined ? "" : ` (${diagnostic.hint})`;
  return `${place}: ${diagnostic.severity}: ${diagnostic.message}${hint}`;
}
