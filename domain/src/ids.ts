import type { Brand } from "./brand.ts";

/**
 * Where a record got its identity: the journal that first held it, an imported object, or an idempotent batch.
 * Sixteen lower-case hexadecimal digits (64 bits).
 */
export type OriginId = Brand<string, "OriginId">;

/** `<origin>-<ordinal>`: the same record always gets the same id, so that replay and a second import add nothing. */
export type EventId = Brand<string, "EventId">;

/** Place of a record in the journal: 1 for the first one ever, no gaps, never reused. */
export type Sequence = Brand<number, "Sequence">;

/** Sixteen hexadecimal digits, a hash of (input, discriminator): the same sender gets the same id after a re-install. */
export type SourceId = Brand<string, "SourceId">;

/** Sigma's `id` (a UUID) or, where a rule has none, `path:<relative path>`. */
export type RuleId = Brand<string, "RuleId">;

/** `<rule>|<group>|<window>`: one rule matched one group in one canonical window. */
export type FindingKey = Brand<string, "FindingKey">;

/** Derived from the key of the finding that opened the alert, so that replay opens the same one. */
export type AlertId = Brand<string, "AlertId">;

export type UserId = Brand<string, "UserId">;
export type TokenId = Brand<string, "TokenId">;

/** The one tenant of an installation that has no others. Every row and every query carries a tenant. */
export type TenantId = Brand<string, "TenantId">;
export const DEFAULT_TENANT = "default" as TenantId;

const HEX_64 = /^[0-9a-f]{16}$/;

export function originId(text: string): OriginId {
  if (!HEX_64.test(text)) throw new Error("an origin id is 16 lower-case hexadecimal digits");
  return text as OriginId;
}

export function sourceId(text: string): SourceId {
  if (!HEX_64.test(text)) throw new Error("a source id is 16 lower-case hexadecimal digits");
  return text as SourceId;
}

export function sequence(value: number): Sequence {
  return value as Sequence;
}

/** @param ordinal place within the origin: journal sequence, byte offset or index; at most 2^53 - 1. */
export function eventId(origin: OriginId, ordinal: number): EventId {
  return `${origin}-${ordinal}` as EventId;
}

/** Takes an event id apart; `undefined` when the text is none. */
export function parseEventId(
  text: string,
): { readonly origin: OriginId; readonly ordinal: number } | undefined {
  const m = /^([0-9a-f]{16})-(0|[1-9]\d{0,15})$/.exec(text);
  return m === null ? undefined : { origin: m[1] as OriginId, ordinal: Number(m[2]) };
}

export function ruleId(text: string): RuleId {
  return text as RuleId;
}

export function tenantId(text: string): TenantId {
  return text as TenantId;
}
