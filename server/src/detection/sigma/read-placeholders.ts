import type { Diagnostic } from "@tyto/domain";
import type { Placeholders } from "./placeholders.ts";
import { Problems } from "./problems.ts";
import type { RuleFile } from "./read-rule.ts";
import { readYaml } from "./read-yaml.ts";

export interface PlaceholderFile {
  readonly placeholders: Placeholders;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a map of names to a value or a list of values, for rules with `|expand`. Names stand without percent signs. */
export function readPlaceholders(file: RuleFile): PlaceholderFile {
  const problems = new Problems();
  const placeholders = new Map<string, readonly string[]>();
  const documents = readYaml(file.path, file.text);
  const at = { file: file.path, line: 1, column: 1 };
  const root = documents[0]?.root;
  const unread = documents.flatMap(({ diagnostics }) => diagnostics);
  if ((root?.kind !== "map" || documents.length > 1) && unread.length === 0) {
    problems.error(
      at,
      "wrong-shape",
      "placeholders are one map of names and values",
      "as in admins: [root, admin]",
    );
  }
  for (const { key, value } of root?.kind === "map" ? root.entries : []) {
    const items = value.kind === "list" ? value.items : [value];
    const texts = items.flatMap((item) => (item.kind === "scalar" && item.value !== null ? [item.text] : []));
    if (texts.length === items.length && texts.length > 0) placeholders.set(key, texts);
    else problems.error(value.at, "wrong-value", `the placeholder ${key} needs a value or a list of values`);
  }
  return { placeholders, diagnostics: [...unread, ...problems.found] };
}
