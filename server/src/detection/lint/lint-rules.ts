import type { Diagnostic } from "@tyto/domain";
import { resolveLogsource } from "../logsource/logsource-map.ts";
import { Problems } from "../sigma/problems.ts";
import { readLogsource } from "../sigma/read-logsource.ts";
import type { RuleFile } from "../sigma/read-rule.ts";
import { readYaml } from "../sigma/read-yaml.ts";
import { entryOf } from "../sigma/rule-node.ts";
import type { RuleEntry, RuleMap, RuleNode } from "../sigma/rule-node.ts";
import { ruleFileOf } from "../cases/read-cases.ts";
import { lintExpressions } from "./expressions.ts";
import { lintFields } from "./fields.ts";
import { lintMetadata } from "./metadata.ts";
import { lintValues } from "./values.ts";

/**
 * What authors get wrong in rules that load: warnings with places. Only `tyto rules lint` asks for them; what stops a rule from
 * loading is in the rule set's own diagnostics.
 */
export function lintRules(
  files: readonly RuleFile[],
  namespaces: readonly string[] = [],
): readonly Diagnostic[] {
  const problems = new Problems();
  for (const file of files) {
    if (ruleFileOf(file.path) !== undefined) continue;
    for (const { root } of readYaml(file.path, file.text)) {
      if (root?.kind === "map") lintRule(root, namespaces, problems);
    }
  }
  return problems.found;
}

function lintRule(root: RuleMap, namespaces: readonly string[], problems: Problems): void {
  const body = (entryOf(root, "detection") ?? entryOf(root, "filter"))?.value;
  lintMetadata(root, entryOf(root, "filter") !== undefined, problems);
  if (body?.kind !== "map") return;
  const items = itemsIn(body);
  for (const item of items) {
    lintValues(item, problems);
    lintExpressions(item, problems);
  }
  // Said already when the rule was read: of interest here is only whether there is one.
  const logsource = readLogsource(root, new Problems());
  if (logsource !== undefined) lintFields(items, resolveLogsource(logsource, namespaces), problems);
}

/** The lines `Field|modifiers: values` of all selections. */
function itemsIn(body: RuleMap): readonly RuleEntry[] {
  const found: RuleEntry[] = [];
  const walk = (node: RuleNode): void => {
    if (node.kind === "list") node.items.forEach(walk);
    if (node.kind === "map") found.push(...node.entries);
  };
  for (const { key, value } of body.entries) {
    if (key !== "condition" && key !== "rules" && key !== "timeframe") walk(value);
  }
  return found;
}
