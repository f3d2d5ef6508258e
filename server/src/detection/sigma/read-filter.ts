import { readDetection } from "./read-detection.ts";
import type { ItemContext } from "./read-item.ts";
import { readLogsource } from "./read-logsource.ts";
import type { Problems } from "./problems.ts";
import { entryOf } from "./rule-node.ts";
import type { RuleEntry, RuleMap } from "./rule-node.ts";
import type { Expression, FilterRule, RuleHeader, RuleReference } from "./rule.ts";

/**
 * Reads a filter rule (specification 2.1, "Filters"). Its condition is put beside those of the rules with `and`, so one that
 * excludes is written with `not`. Its selections are its own: no pattern of either side reaches the other's.
 */
export function readFilter(
  root: RuleMap,
  filter: RuleEntry,
  header: RuleHeader,
  context: ItemContext,
): FilterRule | undefined {
  const { problems } = context;
  const logsource = readLogsource(root, problems);
  if (filter.value.kind !== "map") {
    const hint = "as in filter: {rules: any, selection: {User: backup}, condition: not selection}";
    problems.error(
      filter.value.at,
      "wrong-shape",
      "filter must be a map of rules, selections and condition",
      hint,
    );
    return undefined;
  }
  const body = filter.value;
  const targets = readTargets(body, problems);
  const selections = body.entries.filter(({ key }) => key !== "rules");
  const detection = readDetection({ ...body, entries: selections }, context);
  if (detection === undefined || logsource === undefined || targets === undefined) return undefined;
  if (!excludes(detection)) {
    const at = entryOf(body, "condition")?.value.at ?? body.at;
    const message = "the filter has no not: the rules will match only what it describes";
    problems.warn(at, "filter-without-not", message, "to leave events out, write condition: not selection");
  }
  return { kind: "filter", header, logsource, targets, detection };
}

/** Absent, empty and `any` mean every rule that the logsource covers. */
function readTargets(body: RuleMap, problems: Problems): FilterRule["targets"] | undefined {
  const value = entryOf(body, "rules")?.value;
  if (value === undefined || (value.kind === "scalar" && (value.value === null || value.text === "any"))) {
    return "any";
  }
  const targets: RuleReference[] = [];
  for (const item of value.kind === "list" ? value.items : [value]) {
    if (item.kind !== "scalar" || item.value === null) {
      problems.error(item.at, "wrong-shape", "rules lists ids or names of rules", "or write rules: any");
      return undefined;
    }
    targets.push({ reference: item.text, at: item.at });
  }
  return targets.length === 0 ? "any" : targets;
}

function excludes(expression: Expression): boolean {
  switch (expression.kind) {
    case "and":
    case "or":
      return expression.of.some(excludes);
    case "not":
      return true;
    case "item":
      return expression.item.isNegated;
  }
}
