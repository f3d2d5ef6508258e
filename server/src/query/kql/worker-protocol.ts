import type { Micros } from "@tyto/domain";
import type { QueryParameter } from "../query-parameters.ts";
import type { EditorAnswer, EditorQuestion } from "./editor.ts";
import type { ParsedKql } from "./kql-parser.ts";

/** To the worker: one text at a time, to be parsed or to be talked about. */
export interface WorkerRequest {
  readonly id: number;
  readonly text: string;
  readonly now: Micros;
  readonly parameters?: readonly QueryParameter[];
  /** What an editor asks; a text without a question is parsed. */
  readonly question?: EditorQuestion;
}

/** From the worker. `ready` once, when the library is loaded and warm; `failed` when the library threw. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "parsed"; readonly id: number; readonly result: ParsedKql }
  | { readonly kind: "answered"; readonly id: number; readonly answer: EditorAnswer }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
