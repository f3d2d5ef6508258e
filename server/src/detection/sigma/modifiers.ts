/** What each modifier of specification 2.1 does to a value. */
export type ModifierRole =
  | "shape" // contains, startswith, endswith
  | "encode" // wide, base64, …
  | "operator" // re, cidr, exists, comparisons, fieldref
  | "flag" // cased, i, m, s
  | "quantifier" // all
  | "negation" // neq
  | "expand"
  | "time-part";

const ROLES: ReadonlyMap<string, ModifierRole> = new Map<string, ModifierRole>([
  ["contains", "shape"],
  ["startswith", "shape"],
  ["endswith", "shape"],
  ["windash", "encode"],
  ["wide", "encode"],
  ["utf16le", "encode"],
  ["utf16be", "encode"],
  ["utf16", "encode"],
  ["base64", "encode"],
  ["base64offset", "encode"],
  ["re", "operator"],
  ["cidr", "operator"],
  ["exists", "operator"],
  ["lt", "operator"],
  ["lte", "operator"],
  ["gt", "operator"],
  ["gte", "operator"],
  ["fieldref", "operator"],
  ["cased", "flag"],
  ["i", "flag"],
  ["ignorecase", "flag"],
  ["m", "flag"],
  ["multiline", "flag"],
  ["s", "flag"],
  ["dotall", "flag"],
  ["all", "quantifier"],
  ["neq", "negation"],
  ["expand", "expand"],
  ["minute", "time-part"],
  ["hour", "time-part"],
  ["day", "time-part"],
  ["week", "time-part"],
  ["month", "time-part"],
  ["year", "time-part"],
]);

export function modifierRole(name: string): ModifierRole | undefined {
  return ROLES.get(name);
}

export const MODIFIER_NAMES: readonly string[] = [...ROLES.keys()];
