import type { Pattern } from "../sigma/pattern.ts";
import type { DetectionItem, EventRule, Expression } from "../sigma/rule.ts";
import type { ResolvedLogsource } from "./logsource-map.ts";

/** As many fields as a reason names; a rule that lacks more lacks its logsource. */
const MAX_NAMED_FIELDS = 5;

/** Why events of ours cannot meet the rule as they should; `undefined` when they can. */
export function gapOf({ detection }: EventRule, logsource: ResolvedLogsource): string | undefined {
  const [part] = logsource.unmapped;
  if (part !== undefined) return `no source that we read is known as ${part}`;
  const items = itemsOf(detection);
  const fields = [...new Set(items.flatMap(({ field }) => (field === null ? [] : [field])))];
  if (logsource.missingNamespace !== undefined) {
    return `no loaded pack sends ${logsource.missingNamespace} (map: ${mapOf(fields, logsource)})`;
  }
  for (const item of items) {
    const reason = reasonOf(item, logsource);
    if (reason !== undefined) return reason;
  }
  const missing = fields.filter((field) => !logsource.isMapped(field));
  if (missing.length === 0) return undefined;
  return `no field of ours is known as ${missing.slice(0, MAX_NAMED_FIELDS).join(", ")}`;
}

function mapOf(fields: readonly string[], logsource: ResolvedLogsource): string {
  if (fields.length === 0) return "keywords";
  const named = fields.slice(0, MAX_NAMED_FIELDS);
  return named.map((field) => `${field} → ${logsource.candidates(field)[0] ?? field}`).join(", ");
}

/** A field that events lack, or the only value of an item when events never have it. */
function reasonOf(item: DetectionItem, logsource: ResolvedLogsource): string | undefined {
  const { field } = item;
  if (field === null) return undefined;
  const why = logsource.whyUnsent(field);
  if (why !== undefined) return `no event has ${field}: ${why}`;
  const reasons = item.tests.map((test) => {
    const texts = test.kind === "patterns" ? test.patterns.map(onlyText) : [undefined];
    const known = texts.map((text) => (text === undefined ? undefined : logsource.whyUnsent(field, text)));
    return known.every((one) => one !== undefined) ? known[0] : undefined;
  });
  const isHopeless = item.quantifier === "all" ? reasons.some(isReason) : reasons.every(isReason);
  const reason = reasons.find(isReason);
  return isHopeless && reason !== undefined ? `no event has this value of ${field}: ${reason}` : undefined;
}

/** The text of a pattern, whole or as part of a value. */
function onlyText(pattern: Pattern): string | undefined {
  const [text, ...others] = pattern.filter((part) => part.kind !== "many");
  return text?.kind === "text" && others.length === 0 ? text.text : undefined;
}

function isReason(reason: string | undefined): reason is string {
  return reason !== undefined;
}

/** Every line of a detection. */
export function itemsOf(expression: Expression): readonly DetectionItem[] {
  switch (expression.kind) {
    case "and":
    case "or":
      return expression.of.flatMap(itemsOf);
    case "not":
      return itemsOf(expression.of);
    case "item":
      return [expression.item];
  }
}
