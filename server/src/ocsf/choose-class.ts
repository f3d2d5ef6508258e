import { textOf } from "./field-reader.ts";
import { CLASS_MAP } from "./class-map.ts";
import type { ActivityRule, ClassRow, Condition } from "./class-map.ts";
import type { EventFields, FieldValue } from "@tyto/domain";

/** The rows that an event meets, in the map's order. Base Event is always the last. */
export function rowsFor(fields: EventFields): readonly ClassRow[] {
  const said = {
    kind: textOf(fields["event.kind"]) ?? "",
    categories: listOf(fields["event.category"]),
    types: listOf(fields["event.type"]),
    action: (textOf(fields["event.action"]) ?? "").toLowerCase(),
    protocol: (textOf(fields["network.protocol"]) ?? "").toLowerCase(),
  };
  return CLASS_MAP.filter(({ when }) => isMet(when, said, fields));
}

interface Said {
  readonly kind: string;
  readonly categories: readonly string[];
  readonly types: readonly string[];
  readonly action: string;
  readonly protocol: string;
}

function isMet(when: Condition, said: Said, fields: EventFields): boolean {
  const { kind, category, type, action, protocol, field } = when;
  if (kind !== undefined && kind !== said.kind) return false;
  if (category !== undefined && !said.categories.includes(category)) return false;
  if (type !== undefined && !type.split("+").every((one) => said.types.includes(one))) return false;
  if (protocol !== undefined && !protocol.includes(said.protocol)) return false;
  if (action !== undefined && !action.every((part) => said.action.includes(part))) return false;
  return field === undefined || isPresent(fields[field]);
}

function isPresent(value: FieldValue | undefined): boolean {
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

export function activityOf(rule: ActivityRule, fields: EventFields): number {
  if (typeof rule === "number") return rule;
  const value = textOf(fields[rule.field])?.toLowerCase();
  return value === undefined ? 0 : (rule.values[value] ?? rule.otherwise);
}

function listOf(value: FieldValue | undefined): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  return list.flatMap((item) => textOf(item) ?? []);
}
