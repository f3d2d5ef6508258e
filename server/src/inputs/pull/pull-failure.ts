import { systemCodeOf } from "./system-code.ts";
import { PrivateAddress } from "../outbound/guarded-lookup.ts";

/**
 * Why a connection cannot go on. `credentials`, `permission`, `settings` and `refused` need a person; `throttled` and `unreachable` pass;
 * `bad-reply` is an answer that is the peer's but makes no sense; `stale-cursor` a place in the peer's list that it forgot.
 */
export type PullFailureKind =
  | "credentials"
  | "permission"
  | "settings"
  | "refused"
  | "throttled"
  | "unreachable"
  | "bad-reply"
  | "stale-cursor";

interface FailureOptions {
  readonly hint?: string;
  readonly retryAfterMs?: number;
  /** What the peer sent, for the quarantine. */
  readonly evidence?: Uint8Array;
  readonly cause?: unknown;
}

/** A state of the world that people read in a connection's status. Messages hold no secret and no record. */
export class PullFailure extends Error {
  readonly kind: PullFailureKind;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly evidence: Uint8Array | undefined;

  constructor(kind: PullFailureKind, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "PullFailure";
    this.kind = kind;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
    this.evidence = options.evidence;
  }
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it closed the connection",
  EPIPE: "it closed the connection",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be resolved now",
};

/** Says what went wrong with a socket in words that help. */
export function connectionFailure(peer: string, cause: unknown): PullFailure {
  if (cause instanceof PullFailure) return cause;
  if (cause instanceof PrivateAddress) {
    return new PullFailure("refused", `${peer} is a private address`, {
      cause,
      hint: "Set allowPrivateAddresses when that is meant.",
    });
  }
  const code = systemCodeOf(cause);
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|ISSUER/.test(code)) {
    return new PullFailure("refused", `the certificate of ${peer} is not valid here (${code})`, {
      cause,
      hint: "Check the name in the address, the machine's clock and its certificate authorities.",
    });
  }
  const why = code === undefined ? undefined : UNREACHABLE[code];
  return new PullFailure("unreachable", `${peer} cannot be reached: ${why ?? code ?? wordsOf(cause)}`, {
    cause,
  });
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 200) : "the connection failed";
}
