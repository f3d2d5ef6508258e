import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { didYouMean } from "../sigma/problems.ts";
import type { Problems } from "../sigma/problems.ts";
import type { RuleEntry } from "../sigma/rule-node.ts";

/** Fields that nothing we read fills for this logsource; silent where the logsource itself is unknown. */
export function lintFields(
  items: readonly RuleEntry[],
  logsource: ResolvedLogsource,
  problems: Problems,
): void {
  if (logsource.unmapped.length > 0) return;
  const names = items.map(({ key }) => key.split("|")[0] ?? "");
  const known = new Set(names.filter((name) => logsource.isMapped(name)));
  const said = new Set<string>();
  for (const [index, { at }] of items.entries()) {
    const name = names[index] ?? "";
    if (name === "" || known.has(name) || said.has(name)) continue;
    said.add(name);
    const message = `no field of ours is known as ${name} for this logsource`;
    problems.warn(at, "unknown-field", message, didYouMean(name, known));
  }
}
