import type { Problems } from "../sigma/problems.ts";
import { didYouMean } from "../sigma/problems.ts";
import { entryOf, textOf } from "../sigma/rule-node.ts";
import type { RuleMap } from "../sigma/rule-node.ts";

const STATUSES = ["stable", "test", "experimental", "deprecated", "unsupported"];
const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** `namespace.name`; of ATT&CK: techniques, groups, software, and tactics by name. */
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;
const TECHNIQUE_LIKE = /^attack\.[tgs]\d/;
const TECHNIQUE = /^attack\.(?:t\d{4}(?:\.\d{3})?|[gs]\d{4})$/;

/** What people and other tools read of a rule. A filter needs less of it. */
export function lintMetadata(root: RuleMap, isFilter: boolean, problems: Problems): void {
  if (!isFilter) {
    for (const key of ["level", "falsepositives", "description"]) {
      if (isBlank(root, key)) problems.warn(root.at, `missing-${key}`, `the rule says no ${key}`);
    }
  }
  const status = textOf(root, "status");
  if (status !== undefined && !STATUSES.includes(status)) {
    const hint = didYouMean(status, STATUSES) ?? `one of ${STATUSES.join(", ")}`;
    problems.warn(placeOf(root, "status"), "bad-status", `"${status}" is no status`, hint);
  }
  for (const key of ["date", "modified"]) {
    const date = textOf(root, key);
    if (date === undefined || isDate(date)) continue;
    problems.warn(placeOf(root, key), "bad-date", `"${date}" is no date`, "as in 2024-03-05");
  }
  const tags = entryOf(root, "tags")?.value;
  for (const tag of tags?.kind === "list" ? tags.items : []) {
    if (tag.kind !== "scalar") continue;
    const isGood = TECHNIQUE_LIKE.test(tag.text) ? TECHNIQUE.test(tag.text) : TAG.test(tag.text);
    if (isGood) continue;
    const hint = "as in attack.t1059.001 or attack.execution";
    problems.warn(tag.at, "bad-tag", `the tag "${tag.text}" has no known form`, hint);
  }
}

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function isBlank(root: RuleMap, key: string): boolean {
  const value = entryOf(root, key)?.value;
  if (value?.kind === "list") return value.items.length === 0;
  return value === undefined || (value.kind === "scalar" && value.text.trim() === "");
}

function placeOf(root: RuleMap, key: string): RuleMap["at"] {
  return entryOf(root, key)?.value.at ?? root.at;
}
