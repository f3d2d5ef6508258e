/** A field's value as a person reads it: lists by commas, objects as JSON, strings as they are. */
export function textOfValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null)) {
    return value.map(textOfValue).join(", ");
  }
  return JSON.stringify(value);
}

export interface FieldRow {
  readonly name: string;
  readonly text: string;
  /** One value that a query can compare with; lists and objects have none. */
  readonly scalar: string | number | boolean | undefined;
}

/** Fields by name, without those that hold nothing. */
export function fieldRows(fields: Readonly<Record<string, unknown>>): readonly FieldRow[] {
  return Object.entries(fields)
    .map(([name, value]) => ({ name, text: textOfValue(value), scalar: scalarOf(value) }))
    .filter((row) => row.text !== "")
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function scalarOf(value: unknown): FieldRow["scalar"] {
  if (Array.isArray(value) && value.length === 1) return scalarOf(value[0]);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : undefined;
}
