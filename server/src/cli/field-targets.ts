import type { PackDefinition } from "../content/index.ts";

/**
 * Names of the fields that a pack's parsers and tables write. Steps nest in many ways, and each new operation adds one; what they
 * have in common is that whatever they write is a target with a name and a type, so that is what is looked for.
 */
export function fieldTargets(pack: PackDefinition): ReadonlySet<string> {
  const names = new Set<string>();
  collect([...pack.parsers.values(), ...pack.tables.values()], names);
  return names;
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Map) {
    for (const item of value.values()) collect(item, names);
    return;
  }
  if (isTarget(value)) names.add(value.name);
  for (const item of Object.values(value)) collect(item, names);
}

function isTarget(value: object): value is { readonly name: string } {
  return "name" in value && typeof value.name === "string" && "type" in value && "isArray" in value;
}
