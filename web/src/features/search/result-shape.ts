import type { SearchReply } from "@tyto/domain";
import { textOfValue } from "../events/field-values.ts";

export interface ResultRow {
  /** The event's id, or the row's place when it is no event. */
  readonly key: string;
  readonly eventId: string | undefined;
  readonly values: readonly unknown[];
}

export interface ResultShape {
  readonly rows: readonly ResultRow[];
  /** `events`: whole events, each with an id and its record; `table`: what the query made of them. */
  readonly kind: "events" | "table";
  readonly indexOf: ReadonlyMap<string, number>;
  /** Columns in the reply's order. */
  readonly names: readonly string[];
  /** Columns that hold something in at least one row, in the reply's order. */
  readonly filled: readonly string[];
}

/** Every event row carries these; a `project` or `summarize` that drops one makes a table. */
const EVENT_MARKS = ["timestamp", "id", "raw"] as const;

export function shapeResult(reply: SearchReply): ResultShape {
  const indexOf = new Map(reply.columns.map((column, index) => [column.name, index]));
  const idAt = indexOf.get("id");
  const rows = reply.rows.map((values, index) => {
    const id = idAt === undefined ? undefined : values[idAt];
    const eventId = typeof id === "string" && /^[0-9a-f]{16}-\d+$/.test(id) ? id : undefined;
    return { key: eventId ?? String(index), eventId, values };
  });
  return {
    rows,
    kind: EVENT_MARKS.every((name) => indexOf.has(name)) ? "events" : "table",
    indexOf,
    names: reply.columns.map((column) => column.name),
    filled: reply.columns
      .filter((_, index) => reply.rows.some((row) => textOfValue(row[index]) !== ""))
      .map((column) => column.name),
  };
}

const MEASURED_ROWS = 200;
/** Of the font that values are set in. */
const CHARACTER_PX = 7.3;
const PADDING_PX = 24;

/** A track for a column that fits what stands in it, within reason; the widest columns share what is left. */
export function contentTrack({ rows, names }: ResultShape, index: number): string {
  const longest = rows
    .slice(0, MEASURED_ROWS)
    .reduce((most, row) => Math.max(most, textOfValue(row.values[index]).length), names[index]?.length ?? 0);
  const characters = Math.min(48, Math.max(8, longest));
  return `minmax(${Math.round(characters * CHARACTER_PX + PADDING_PX)}px, ${characters}fr)`;
}

/** The row's cells by column name, for what reads events. */
export function fieldsOfRow(shape: ResultShape, row: ResultRow): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [name, index] of shape.indexOf) {
    const value = row.values[index];
    if (value !== null && value !== undefined && value !== "") fields[name] = value;
  }
  return fields;
}
