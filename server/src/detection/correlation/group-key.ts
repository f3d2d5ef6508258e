import { createHash } from "node:crypto";
import type { Entity, EntityType } from "@tyto/domain";
import { foldCase } from "../match/fold.ts";
import { entityValue } from "../finding/entities.ts";
import { escapeKeyPart, unescapeKeyPart } from "../finding/finding-key.ts";

const MAX_VALUE_CHARACTERS = 256;
/** An event whose fields are lists belongs to every combination of their values, up to this many. */
const MAX_COMBINATIONS = 16;

/** A name that a correlation groups by: a field's or an alias's, and what kind of thing it names. */
export interface GroupField {
  readonly name: string;
  readonly type: EntityType | undefined;
}

/** Canonical text of one group: `source.ip=192.0.2.1&user.name=ana`; empty when the rule groups by nothing. */
export type GroupKey = string;

/** The value under which a field's text is grouped; `undefined` when it names nothing. */
function groupValue(type: EntityType | undefined, text: string): string | undefined {
  const value = entityValue(type, text) ?? (type === "ip" ? foldCase(text.trim()) : undefined);
  if (value === undefined || value === "") return undefined;
  const folded = foldCase(value);
  if (folded.length <= MAX_VALUE_CHARACTERS) return folded;
  const digest = createHash("sha256").update(folded).digest("hex").slice(0, 16);
  return `${folded.slice(0, MAX_VALUE_CHARACTERS - 17)}~${digest}`;
}

/**
 * The groups that an event belongs to, or the tuples it holds; none when one of the fields is absent.
 * @param textsOf the texts of the field at an index of `fields`.
 */
export function groupKeysOf(
  fields: readonly GroupField[],
  textsOf: (index: number) => readonly string[],
): readonly GroupKey[] {
  let keys: readonly string[] = [""];
  for (const [index, { name, type }] of fields.entries()) {
    const values = new Set(textsOf(index).flatMap((text) => groupValue(type, text) ?? []));
    const parts = [...values].sort().map((value) => `${escapeKeyPart(name)}=${escapeKeyPart(value)}`);
    keys = keys.flatMap((key) => parts.map((part) => (key === "" ? part : `${key}&${part}`)));
    if (keys.length > MAX_COMBINATIONS) keys = keys.slice(0, MAX_COMBINATIONS);
  }
  return keys;
}

/** What a group is about, as far as its fields name things. */
export function groupEntities(key: GroupKey, fields: readonly GroupField[]): readonly Entity[] {
  return groupFields(key).flatMap(([name, value]) => {
    const type = fields.find((field) => field.name === name)?.type;
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

/** Whether a group was made by these fields: state of a rule that groups otherwise today is of no use. */
export function isGroupOf(key: GroupKey, fields: readonly GroupField[]): boolean {
  const names = groupFields(key).map(([name]) => name);
  return names.length === fields.length && fields.every(({ name }, index) => names[index] === name);
}
