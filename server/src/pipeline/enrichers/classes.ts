import { TYPES_BY_CATEGORY } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";
import type { Fields } from "./enricher.ts";

const TYPES: ReadonlyMap<FieldValue, ReadonlySet<FieldValue>> = new Map(
  Object.entries(TYPES_BY_CATEGORY).map(([category, types]) => [category, new Set<FieldValue>(types)]),
);

/**
 * Types that fit none of the event's categories go, and `tyto.unconverted` says so. Packs that set both are checked at load; this is
 * for products that write ECS themselves, and not all of them read its rules.
 */
export function keepFittingTypes(fields: Fields): void {
  const types = fields.get("event.type");
  const categories = fields.get("event.category");
  if (!Array.isArray(types) || !Array.isArray(categories) || categories.length === 0) return;
  const fits = (type: FieldValue): boolean =>
    (categories as readonly FieldValue[]).some((category) => TYPES.get(category)?.has(type) === true);
  const kept = (types as readonly FieldValue[]).filter(fits);
  if (kept.length === types.length) return;
  fields.set("event.type", kept);
  const flagged = fields.get("tyto.unconverted");
  fields.set("tyto.unconverted", [
    ...(Array.isArray(flagged)
      ? (flagged as readonly FieldValue[]).filter((name) => name !== "event.type")
      : []),
    "event.type",
  ]);
}
