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

const MOST_ELEMENTS = 50;

/** The same with a line for each value of a list, so that each can be asked for; `at` counts within a field. */
export function fieldLines(
  fields: Readonly<Record<string, unknown>>,
): readonly { readonly row: FieldRow; readonly at: number }[] {
  return fieldRows(fields).flatMap((row) => {
    const value = fields[row.name];
    const isList = Array.isArray(value) && value.length > 1 && value.length <= MOST_ELEMENTS;
    if (!isList || value.some((one) => scalarOf(one) === undefined)) return [{ row, at: 0 }];
    return value.map((one: unknown, at) => ({
      row: { name: row.name, text: textOfValue(one), scalar: scalarOf(one) },
      at,
    }));
  });
}

function scalarOf(value: unknown): FieldRow["scalar"] {
  if (Array.isArray(value) && value.length === 1) return scalarOf(value[0]);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : undefined;
}
