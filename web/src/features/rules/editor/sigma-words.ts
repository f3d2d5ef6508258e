import { readForm, setValue } from "./rule-yaml.ts";

/** Modifiers of Sigma 2 that this engine runs, with what each does. */
export const MODIFIERS: readonly (readonly [string, string])[] = [
  ["contains", "anywhere in the value"],
  ["startswith", "at its beginning"],
  ["endswith", "at its end"],
  ["all", "all of the values, not any"],
  ["re", "a regular expression"],
  ["re|i", "a regular expression, whatever the case"],
  ["cidr", "in this network"],
  ["cased", "in this very case"],
  ["exists", "true: the field is there; false: it is not"],
  ["gt", "greater than"],
  ["gte", "at least"],
  ["lt", "less than"],
  ["lte", "at most"],
  ["neq", "not this value"],
  ["windash", "with - and / alike"],
  ["base64offset|contains", "encoded in Base64, anywhere"],
  ["fieldref", "the value of another field"],
];

/** Keys of a rule, for completion at a line's beginning. */
export const RULE_KEYS: readonly string[] = [
  "title:",
  "id:",
  "status:",
  "description:",
  "references:",
  "author:",
  "date:",
  "tags:",
  "logsource:",
  "detection:",
  "correlation:",
  "falsepositives:",
  "level:",
  "tyto:",
];

/** The bare minimum, to be filled. */
export function emptyRule(id: string): string {
  return `title: New rule
id: ${id}
status: experimental
description: What it finds, and why that matters.
tags: []
logsource:
  category: process_creation
  product: linux
detection:
  selection:
    Image|endswith: /suspicious
  condition: selection
falsepositives:
  - Unknown
level: medium
`;
}

/** The same rule for somebody to change: of another id, and with its title saying so. */
export function duplicateOf(yaml: string, newId: () => string): string {
  // Documents of one text refer to each other by id: each gets another, everywhere.
  const ids = [...yaml.matchAll(/^id:\s*['"]?([0-9a-f-]{36})['"]?\s*$/gim)].map((match) => match[1] ?? "");
  const renamed = ids.reduce((text, id) => text.replaceAll(id, newId()), yaml);
  // A name belongs to one rule.
  const text = renamed.replace(/^name:.*\n/gm, "");
  return setValue(text, ["title"], `${readForm(text)?.title ?? ""} (own)`);
}

/** A UUID; of randomness that is there without TLS as well. */
export function newRuleId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
