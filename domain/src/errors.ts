interface ErrorEntry {
  /** HTTP status that the API answers with. */
  readonly status: number;
  readonly isRetryable: boolean;
}

/** Everything that can go wrong with the world around us. Bad data is a Diagnostic instead. */
export const ERROR_CATALOGUE = {
  "bad-request": { status: 400, isRetryable: false },
  unauthenticated: { status: 401, isRetryable: false },
  forbidden: { status: 403, isRetryable: false },
  /** The session must give its password once more. */
  "password-needed": { status: 403, isRetryable: false },
  "not-found": { status: 404, isRetryable: false },
  conflict: { status: 409, isRetryable: false },
  "confirmation-needed": { status: 409, isRetryable: false },
  "too-large": { status: 413, isRetryable: false },
  "unsupported-media-type": { status: 415, isRetryable: false },
  "rate-limited": { status: 429, isRetryable: true },
  "query-invalid": { status: 400, isRetryable: false },
  "query-timeout": { status: 408, isRetryable: false },
  "query-too-expensive": { status: 400, isRetryable: false },
  "query-cancelled": { status: 409, isRetryable: false },
  "setup-done": { status: 409, isRetryable: false },
  "back-pressure": { status: 503, isRetryable: true },
  "disk-full": { status: 503, isRetryable: true },
  "engine-unavailable": { status: 503, isRetryable: true },
  "engine-rejected": { status: 500, isRetryable: false },
  "store-failed": { status: 500, isRetryable: false },
  "journal-failed": { status: 500, isRetryable: false },
  "journal-corrupt": { status: 500, isRetryable: false },
  "port-in-use": { status: 500, isRetryable: false },
  "data-directory-in-use": { status: 500, isRetryable: false },
  "data-directory-unusable": { status: 500, isRetryable: false },
  "bundle-damaged": { status: 400, isRetryable: false },
  "config-invalid": { status: 500, isRetryable: false },
  "content-invalid": { status: 409, isRetryable: false },
  internal: { status: 500, isRetryable: false },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

const RETRY_AFTER_SECONDS = 2;
const MAX_RETRY_AFTER_SECONDS = 60;

/** How long a backlog takes at the pace of the last while, in whole seconds from 1 to 60. @param perSecond 0 when nothing is known yet */
export function drainSeconds(backlog: number, perSecond: number): number {
  if (perSecond <= 0) return RETRY_AFTER_SECONDS;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(backlog / perSecond)));
}

/** The world is broken: disk, port, network, engine, or a caller without the right. Never thrown for a bad log line. */
export class TytoError extends Error {
  readonly code: ErrorCode;
  /** What the person can do next. */
  readonly hint: string | undefined;
  /** When what may come again should: from the backlog where that is known. */
  readonly retryAfterSeconds: number;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly hint?: string;
      readonly retryAfterSeconds?: number;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "TytoError";
    this.code = code;
    this.hint = options.hint;
    this.retryAfterSeconds = options.retryAfterSeconds ?? RETRY_AFTER_SECONDS;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  get isRetryable(): boolean {
    return ERROR_CATALOGUE[this.code].isRetryable;
  }
}
