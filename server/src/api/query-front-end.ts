import type { Diagnostic, Micros, TenantId } from "@tyto/domain";
import type { BoundQuery } from "../query/index.ts";

/** What a person asked, as they gave it; the front end reads the times. */
export interface Question {
  readonly kql?: string | undefined;
  readonly text?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly now: Micros;
  readonly tenant: TenantId;
}

interface Compiled {
  readonly ok: true;
  readonly query: BoundQuery;
  readonly kql: string;
  readonly from: Micros;
  readonly to: Micros;
}

export interface CompiledSearch extends Compiled {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Engine rows → API rows, cut to the limit. */
  readonly shape: (rows: readonly (readonly unknown[])[]) => {
    readonly rows: readonly (readonly unknown[])[];
    readonly isPartial: boolean;
  };
}

export interface CompiledHistogram extends Compiled {
  readonly bucketMs: number;
  readonly fill: (rows: readonly (readonly unknown[])[]) => {
    readonly buckets: readonly { readonly start: string; readonly count: number }[];
    readonly total: number;
  };
}

export interface RefusedQuestion {
  readonly ok: false;
  /** At least one. Spans are UTF-16 offsets into the text, `end` exclusive. */
  readonly diagnostics: readonly (Diagnostic & {
    readonly span: { readonly start: number; readonly end: number };
  })[];
}

/** What the API needs of `query`'s front end: a text in, bound SQL out. */
export interface QueryFrontEnd {
  compileSearch(question: Question & { readonly limit: number }): Promise<CompiledSearch | RefusedQuestion>;
  compileHistogram(
    question: Question & { readonly buckets?: number | undefined },
  ): Promise<CompiledHistogram | RefusedQuestion>;
}
