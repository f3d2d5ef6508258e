import { createHash } from "node:crypto";
import type { Entity } from "@tyto/domain";
import { foldCase } from "../match/fold.ts";
import { entityTypeOf, entityValue } from "../finding/entities.ts";
import { escapeKeyPart, unescapeKeyPart } from "../finding/finding-key.ts";

const MAX_VALUE_CHARACTERS = 256;
/** An event whose group-by fields are lists belongs to every combination of their values, up to this many. */
const MAX_COMBINATIONS = 16;

/** Canonical text of one group: `source.ip=192.0.2.1&user.name=ana`; empty when the rule groups by nothing. */
export type GroupKey = string;

/** The value under which a field's text is grouped; `undefined` when it names nothing. */
function groupValue(field: string, text: string): string | undefined {
  const type = entityTypeOf(field);
  const value = entityValue(type, text) ?? (type === "ip" ? foldCase(text.trim()) : undefined);
  if (value === undefined || value === "") return undefined;
  const folded = foldCase(value);
  if (folded.length <= MAX_VALUE_CHARACTERS) return folded;
  const digest = createHash("sha256").update(folded).digest("hex").slice(0, 16);
  return `${folded.slice(0, MAX_VALUE_CHARACTERS - 17)}~${digest}`;
}

/** The groups that an event belongs to; none when one of the fields is absent. */
export function groupKeysOf(
  fields: readonly string[],
  textsOf: (field: string) => readonly string[],
): readonly GroupKey[] {
  let keys: readonly string[] = [""];
  for (const field of fields) {
    const values = new Set(textsOf(field).flatMap((text) => groupValue(field, text) ?? []));
    const parts = [...values].sort().map((value) => `${escapeKeyPart(field)}=${escapeKeyPart(value)}`);
    keys = keys.flatMap((key) => parts.map((part) => (key === "" ? part : `${key}&${part}`)));
    if (keys.length > MAX_COMBINATIONS) keys = keys.slice(0, MAX_COMBINATIONS);
  }
  return keys;
}

/** What a group is about, as far as its fields name things. */
export function groupEntities(key: GroupKey): readonly Entity[] {
  return groupFields(key).flatMap(([field, value]) => {
    const type = entityTypeOf(field);
    return type === undefined ? [] : [{ type, value }];
  });
}

/** Fields and values of a group, in the rule's order. */
export function groupFields(key: GroupKey): readonly (readonly [field: string, value: string])[] {
  if (key === "") return [];
  return key.split("&").map((part) => {
    const equals = part.indexOf("=");
    return [unescapeKeyPart(part.slice(0, equals)), unescapeKeyPart(part.slice(equals + 1))] as const;
  });
}
