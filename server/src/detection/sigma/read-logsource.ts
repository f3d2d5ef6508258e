import type { Problems } from "./problems.ts";
import { entryOf, textOf } from "./rule-node.ts";
import type { RuleMap } from "./rule-node.ts";
import type { Logsource } from "./rule.ts";

/** Reads which events a rule is about. `undefined` when it does not say. */
export function readLogsource(root: RuleMap, problems: Problems): Logsource | undefined {
  const entry = entryOf(root, "logsource");
  if (entry?.value.kind !== "map") {
    const hint = "as in logsource: {product: linux, service: sshd}";
    problems.error(entry?.value.at ?? root.at, "missing-logsource", "the rule has no logsource", hint);
    return undefined;
  }
  const read = (key: string): string | undefined =>
    entry.value.kind === "map" ? textOf(entry.value, key)?.toLowerCase() : undefined;
  const product = read("product");
  const category = read("category");
  const service = read("service");
  if (product === undefined && category === undefined && service === undefined) {
    problems.error(entry.value.at, "empty-logsource", "the logsource names no product, category or service");
    return undefined;
  }
  return {
    ...(product === undefined ? {} : { product }),
    ...(category === undefined ? {} : { category }),
    ...(service === undefined ? {} : { service }),
  };
}
