import type { Micros } from "@tyto/domain";
import type { ParsedKql } from "./kql-parser.ts";

/** To the worker: one text at a time. */
export interface WorkerRequest {
  readonly id: number;
  readonly text: string;
  readonly now: Micros;
}

/** From the worker. `ready` once, when the library is loaded and warm; `failed` when the library threw. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "parsed"; readonly id: number; readonly result: ParsedKql }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
