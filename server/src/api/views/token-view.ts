import { formatMicros } from "@tyto/domain";
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
  };
}
