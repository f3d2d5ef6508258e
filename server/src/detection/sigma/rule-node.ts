import type { Diagnostic, Place } from "@tyto/domain";

/** YAML as rules use it, every part with its place, so that each complaint can name line and column. */
export type RuleNode = RuleMap | RuleList | RuleScalar;

export interface RuleMap {
  readonly kind: "map";
  readonly at: Place;
  readonly entries: readonly RuleEntry[];
}

export interface RuleEntry {
  readonly key: string;
  readonly at: Place;
  readonly value: RuleNode;
}

export interface RuleList {
  readonly kind: "list";
  readonly at: Place;
  readonly items: readonly RuleNode[];
}

export interface RuleScalar {
  readonly kind: "scalar";
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** The value as text; numbers keep their digits, also beyond 2^53. */
  readonly text: string;
}

/** One YAML document of a rule file. */
export interface YamlDocument {
  /** `undefined` when it could not be read; the diagnostics say why. */
  readonly root: RuleNode | undefined;
  /** Its own part of the file. */
  readonly text: string;
  readonly at: Place;
  readonly diagnostics: readonly Diagnostic[];
}

/** A scalar of this value. `source` is what stands in the file, for numbers that lose digits. */
export function ruleScalar(value: unknown, source: string | undefined, at: Place): RuleScalar {
  if (typeof value === "number") {
    const text = Number.isSafeInteger(value) ? String(value) : (source ?? String(value));
    return { kind: "scalar", at, value, text };
  }
  if (typeof value === "string") return { kind: "scalar", at, value, text: value };
  if (typeof value === "boolean") return { kind: "scalar", at, value, text: String(value) };
  return { kind: "scalar", at, value: null, text: "" };
}

export function entryOf(map: RuleMap, key: string): RuleEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** The text of a scalar that stands under a key; `undefined` when it is absent, null or no scalar. */
export function textOf(map: RuleMap, key: string): string | undefined {
  const value = entryOf(map, key)?.value;
  return value?.kind === "scalar" && value.value !== null ? value.text : undefined;
}

/** The texts under a key that holds one scalar or a list of them. */
export function textsOf(map: RuleMap, key: string): readonly string[] {
  const value = entryOf(map, key)?.value;
  if (value === undefined) return [];
  const items = value.kind === "list" ? value.items : [value];
  return items.flatMap((item) => (item.kind === "scalar" && item.value !== null ? [item.text] : []));
}
