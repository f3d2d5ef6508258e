import type { Micros } from "@tyto/domain";
import type { Relation } from "../ir.ts";
import type { QueryParameter } from "../query-parameters.ts";
import type { EditorAnswer, EditorQuestion } from "./editor.ts";
import type { QueryDiagnostic } from "../refusal.ts";

export type ParsedKql =
  | { readonly ok: true; readonly value: Relation }
  | { readonly ok: false; readonly diagnostics: readonly QueryDiagnostic[] };

/** KQL text → relation. Behind it: the worker, or another parser of our own one day. */
export interface KqlParser {
  /** `now` is what `ago()` and `now()` mean, `parameters` what other names do. Never rejects for a bad query. */
  parse(text: string, now: Micros, parameters?: readonly QueryParameter[]): Promise<ParsedKql>;
  /** What an editor wants to know about a text. Rejects like `parse`, for reasons of the world only; too hard a text has no answer. */
  ask(question: EditorQuestion): Promise<EditorAnswer>;
  close(): Promise<void>;
}
