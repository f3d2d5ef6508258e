import type { FieldValue } from "@tyto/domain";

/** An event's fields while they can still change. */
export type Fields = Map<string, FieldValue>;

/**
 * Derives fields from others that stand: what every product's events need and no product's pack should spell out. It writes only
 * what is missing, never throws, and costs a lookup where its inputs are missing.
 */
export type Enricher = (fields: Fields) => void;

/** The field as a text that says something; lists and other values are nobody's input. */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields.get(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields.get(name);
  return typeof value === "number" ? value : undefined;
}

/** Writes where nothing stands. */
export function fill(fields: Fields, name: string, value: FieldValue | undefined): void {
  if (value === undefined || value === "") return;
  const present = fields.get(name);
  if (present === undefined || present === null || present === "") fields.set(name, value);
}
