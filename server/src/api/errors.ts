import { ERROR_CATALOGUE, TytoError } from "@tyto/domain";
import type { ErrorBody, ErrorCode } from "@tyto/domain";

interface Place {
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** A request that cannot be served as it is, with the part of it that is wrong. */
export class RequestProblem extends TytoError {
  /** `query.limit`, `body.password`: which property. */
  readonly field: string | undefined;
  /** Where in a query's text. */
  readonly at: Place | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    where: { readonly field?: string; readonly at?: Place; readonly hint?: string },
  ) {
    super(code, message, where.hint === undefined ? {} : { hint: where.hint });
    this.name = "RequestProblem";
    this.field = where.field;
    this.at = where.at;
  }
}

/** A property of the request has a value that makes no sense. */
export function badField(field: string, message: string, hint?: string): RequestProblem {
  return new RequestProblem("bad-request", message, { field, ...(hint === undefined ? {} : { hint }) });
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly isRetryable: boolean;
  readonly retryAfterSeconds: number;
  /** Whether a person must read about it in the log: the caller is told an id and nothing of the inside. */
  readonly isInternal: boolean;
}

/** @param errorId names this occurrence in the log. */
export function errorAnswer(error: unknown, errorId: string): ErrorAnswer {
  if (error instanceof TytoError && error.status !== 500) return ofTytoError(error);
  const code = codeOfFrameworkError(error);
  if (code !== undefined) return ofTytoError(new TytoError(code, (error as Error).message));
  return {
    status: 500,
    isRetryable: false,
    retryAfterSeconds: 0,
    isInternal: true,
    body: {
      error: {
        code: error instanceof TytoError ? error.code : "internal",
        message: "Something failed inside the server",
        hint: `The server's log says more under error ${errorId}.`,
      },
    },
  };
}

function ofTytoError(error: TytoError): ErrorAnswer {
  const { code, message, hint } = error;
  const { field, at } = error instanceof RequestProblem ? error : { field: undefined, at: undefined };
  return {
    status: error.status,
    isRetryable: error.isRetryable,
    retryAfterSeconds: error.retryAfterSeconds,
    isInternal: false,
    body: {
      error: {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(field === undefined ? {} : { field }),
        ...(at === undefined ? {} : { at }),
      },
    },
  };
}

/** Fastify refuses some requests before a route sees them; it says so by status. */
function codeOfFrameworkError(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const status = error.statusCode;
  if (typeof status !== "number" || status < 400 || status >= 500) return undefined;
  const sameStatus = (Object.keys(ERROR_CATALOGUE) as ErrorCode[]).find(
    (code) => ERROR_CATALOGUE[code].status === status,
  );
  return sameStatus ?? "bad-request";
}
