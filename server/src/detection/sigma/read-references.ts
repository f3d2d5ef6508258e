import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import { entryOf, textsOf } from "./rule-node.ts";
import type { RuleEntry, RuleMap } from "./rule-node.ts";
import type { CorrelationType, FieldAlias, RuleHeader, RuleReference } from "./rule.ts";

/** Each hit remembers which of them it is a hit of. */
const MAX_RULES = 100;
/** Each step of an order is tried at each hit. */
const MAX_ORDERED_RULES = 32;
const MAX_GROUP_FIELDS = 16;
const MAX_ALIASES = 64;

/** Reads the list under `rules`; empty when there is none. */
export function readReferences(
  correlation: RuleMap,
  type: CorrelationType,
  header: RuleHeader,
  problems: Problems,
): readonly RuleReference[] {
  const value = entryOf(correlation, "rules")?.value;
  const items = value?.kind === "list" ? value.items : value === undefined ? [] : [value];
  const references: RuleReference[] = [];
  for (const item of items) {
    if (item.kind !== "scalar" || item.text === "") {
      problems.error(item.at, "wrong-shape", "rules lists ids or names of rules");
      continue;
    }
    const reference: RuleReference = { reference: item.text, at: item.at };
    if (item.text === header.name || item.text.toLowerCase() === header.id) {
      problems.error(item.at, "own-reference", "the correlation names itself among its rules");
    } else if (type === "temporal_ordered" || !isNamed(references, item.text)) references.push(reference);
    else problems.warn(item.at, "rule-twice", `the rule "${item.text}" is named twice and counts once`);
  }
  const limit = type === "temporal_ordered" ? MAX_ORDERED_RULES : MAX_RULES;
  if (references.length > limit) {
    problems.refuse(
      value?.at ?? correlation.at,
      "too-many-rules",
      `a correlation of type ${type} may name ${limit} rules; this one names ${references.length}`,
    );
  }
  return references.slice(0, limit);
}

function isNamed(references: readonly RuleReference[], name: string): boolean {
  return references.some(({ reference }) => reference === name);
}

export function readGroupBy(correlation: RuleMap, problems: Problems): readonly string[] {
  const entry = entryOf(correlation, "group-by");
  const fields = textsOf(correlation, "group-by");
  if (entry === undefined || fields.length <= MAX_GROUP_FIELDS) return [...new Set(fields)];
  problems.refuse(entry.value.at, "too-many-fields", `group-by may name ${MAX_GROUP_FIELDS} fields`);
  return [];
}

/** Reads `aliases: {alias: {rule: field}}`. Whether the rules are among those that the correlation names is seen at linking. */
export function readAliases(
  correlation: RuleMap,
  usedNames: ReadonlySet<string>,
  problems: Problems,
): readonly FieldAlias[] {
  const entry = entryOf(correlation, "aliases");
  if (entry === undefined) return [];
  if (entry.value.kind !== "map") {
    const hint = "as in aliases: {address: {login: source.ip, download: client.ip}}";
    problems.error(entry.value.at, "bad-alias", "aliases is a map of names to maps of rules to fields", hint);
    return [];
  }
  if (entry.value.entries.length > MAX_ALIASES) {
    problems.refuse(entry.at, "too-many-aliases", `a correlation may have ${MAX_ALIASES} aliases`);
    return [];
  }
  return entry.value.entries.flatMap((alias) => {
    const fields = readAliasFields(alias, problems);
    if (fields.length > 0 && !usedNames.has(alias.key)) {
      const message = `the alias "${alias.key}" is used neither in group-by nor as the condition's field`;
      problems.warn(alias.at, "unused-alias", message, didYouMean(alias.key, usedNames));
    }
    return fields.length === 0 ? [] : [{ name: alias.key, at: alias.at, fields }];
  });
}

function readAliasFields({ key, at, value }: RuleEntry, problems: Problems): FieldAlias["fields"] {
  if (value.kind !== "map" || value.entries.length === 0 || value.entries.length > MAX_RULES) {
    problems.error(at, "bad-alias", `the alias "${key}" must be a map of rules to fields`);
    return [];
  }
  return value.entries.flatMap((entry) => {
    if (entry.value.kind === "scalar" && entry.value.text !== "") {
      return [{ reference: entry.key, at: entry.at, field: entry.value.text }];
    }
    problems.error(entry.value.at, "bad-alias", `the alias "${key}" names no field for "${entry.key}"`);
    return [];
  });
}
