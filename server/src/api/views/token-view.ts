import { formatMicros, TOKEN_INPUTS } from "@tyto/domain";
import type { Token } from "@tyto/domain";
import type { TokenRecord } from "../../storage/index.ts";

/** A token without its hash. */
export function tokenView(token: TokenRecord): Token {
  return {
    id: token.id,
    name: token.name,
    scope: token.scope,
    prefix: token.prefix,
    createdAt: formatMicros(token.createdAt),
    createdBy: token.createdBy,
    expiresAt: token.expiresAt === null ? null : formatMicros(token.expiresAt),
    lastUsedAt: token.lastUsedAt === null ? null : formatMicros(token.lastUsedAt),
    lastUsedFrom: token.lastUsedFrom,
    isEnabled: token.isEnabled,
    previousUntil: token.previous === null ? null : formatMicros(token.previous.until),
    source: token.terms.source,
    pack: token.terms.pack,
    inputs:
      token.terms.inputs === null
        ? null
        : TOKEN_INPUTS.filter((input) => token.terms.inputs?.includes(input)),
    recordsPerSecond: token.terms.recordsPerSecond,
    bytesPerSecond: token.terms.bytesPerSecond,
  };
}
